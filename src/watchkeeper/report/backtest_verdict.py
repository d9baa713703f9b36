"""The answer in three sentences, before any detail."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.wording import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a hurried reader needs.

    Attributes
    ----------
    headline
        How many incidents in how long.
    allowance
        How many false alarms the budget accepts over the same time.
    standing
        Whether something is open now.
    """

    headline: str
    allowance: str
    standing: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.headline, self.allowance, self.standing)))


def verdict(result: BacktestResult) -> Verdict:
    """Sum up a backtest."""
    if result.buckets == 0 or not result.conclusive:
        return Verdict(headline="Not enough data to say.", allowance="", standing="")
    found = len(result.incidents)
    span = Calendar(result).span(result.buckets)
    headline = f"{count(found, 'incident') if found else 'No incident'} in {span}."
    return Verdict(headline=headline, allowance=_allowance(result), standing=_standing(result))


def _allowance(result: BacktestResult) -> str:
    allowed = result.buckets / result.false_alarm_budget_buckets
    amount = "fewer than 0.1" if allowed < 0.1 else f"about {allowed:.1f}"
    return f"The budget ({result.budget}) allows {amount} false alarms in that time."


def _standing(result: BacktestResult) -> str:
    still_open = sum(incident.is_open for incident in result.incidents)
    if not still_open:
        return "Nothing is open now."
    return f"{still_open} {'is' if still_open == 1 else 'are'} still open."
