"""Incidents in the words of a message: what, how much, since when, and where to read on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from watchkeeper.actions import IncidentEvent, IncidentFacts, Source

_LONGEST_TITLE = 160
_MOST_LISTED = 20
_SPANS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
_DONE: Final[tuple[tuple[IncidentEvent, str, str], ...]] = (
    ("opened", "opened", "opened"),
    ("worse", "got worse", "got worse"),
    ("acknowledged", "was acknowledged", "were acknowledged"),
    ("resolved", "is over", "are over"),
)

_ABOUT: Final[Mapping[Source, str]] = {
    "drift": "drift",
    "rule": "broken rule",
    "objective": "objective missed",
    "cost": "cost",
    "quality": "quality",
}
_ENDS: Final = {
    "adopted": "was adopted as the new normal",
    "withdrawn": "was withdrawn: rows that came late show that all is normal",
}


def title_of(incident: IncidentFacts) -> str:
    """Return one line: the model, what happened, how much."""
    what = headline(incident.message)
    if incident.event == "worse":
        return _cut(f"{incident.model}, worse: {what}")
    if incident.event == "acknowledged":
        return _cut(f"{incident.model}, acknowledged: {what}")
    if incident.event == "resolved":
        return _cut(f"{incident.model}, over{_lasted(incident, ' after ')}: {what}")
    return _cut(f"{incident.model}: {what}")


def text_of(incident: IncidentFacts, *, before: IncidentFacts | None = None) -> str:
    """Return some lines on one incident.

    Parameters
    ----------
    before
        The incident as it was told last, for what is worse.
    """
    lines = [_sentence(incident.message)]
    if incident.event == "worse" and before is not None:
        lines.append(_worse(incident, before))
    if incident.event == "resolved":
        how = _ENDS.get(incident.closed_why or "", "is over")
        lines.append(f"It {how}{_lasted(incident, '; it lasted ')}.")
    kind = f"{incident.kind} " if incident.kind is not None else ""
    lines.append(f"Severity {incident.severity}, {kind}{_ABOUT[incident.source]}.")
    if incident.link is not None:
        lines.append(incident.link)
    return "\n".join(lines)


def digest_title(incidents: Sequence[IncidentFacts]) -> str:
    """Return one line on several incidents."""
    latest = latest_of(incidents)
    if len(latest) == 1:
        return title_of(latest[0])
    counts = Counter(one.event for one in latest)
    parts: list[str] = []
    for event, one, several in _DONE:
        count = counts[event]
        if count:
            plural = "incident" if count == 1 else "incidents"
            named = f"{count} {plural}" if not parts else f"{count}"
            parts.append(f"{named} {one if count == 1 else several}")
    models = sorted({one.model for one in latest})
    shown = ", ".join(models[:3]) + (f" and {len(models) - 3} more" if len(models) > 3 else "")
    return _cut(f"{', '.join(parts)}: {shown}")


def digest_text(incidents: Sequence[IncidentFacts], link: str | None) -> str:
    """Return a line for each of several incidents, what is critical first."""
    latest = latest_of(incidents)
    if len(latest) == 1:
        return text_of(latest[0])
    order = sorted(latest, key=lambda one: (one.event == "resolved", one.severity != "critical"))
    lines = []
    for one in order[:_MOST_LISTED]:
        where = f" {one.link}" if one.link is not None else ""
        mark = "critical, " if one.severity == "critical" and one.event != "resolved" else ""
        lines.append(f"- {mark}{title_of(one)}{where}")
    if len(order) > _MOST_LISTED:
        lines.append(f"- and {len(order) - _MOST_LISTED} more")
    if link is not None:
        lines.append(link)
    return "\n".join(lines)


def latest_of(incidents: Sequence[IncidentFacts]) -> list[IncidentFacts]:
    """Return what is told last of each incident, in the order of the first mention."""
    return list({one.id: one for one in incidents}.values())


def headline(message: str) -> str:
    """Return what changed and how much, without where else and since when.

    Examples
    --------
    >>> headline("age rose by 8 (0.9 sd); also income, since 2026-03-01 12:00 UTC")
    'age rose by 8 (0.9 sd)'
    >>> headline("The budget of March 2026, 500 USD, is spent: 510 USD so far. Forecast: 900 USD.")
    'The budget of March 2026, 500 USD, is spent: 510 USD so far'
    """
    first = message.partition("; also ")[0].partition(", since ")[0]
    return first.partition(". ")[0].removesuffix(".")


def rest(message: str) -> str:
    """Return what the headline does not say.

    Examples
    --------
    >>> rest("age rose by 8 (0.9 sd); also income, since 2026-03-01 12:00 UTC")
    'Also income, since 2026-03-01 12:00 UTC'
    """
    text = message.removeprefix(headline(message)).lstrip(".;, ")
    return text[:1].upper() + text[1:]


def span_text(span: timedelta) -> str:
    """Return a length of time in its two largest units.

    Examples
    --------
    >>> span_text(timedelta(hours=27, minutes=5)), span_text(timedelta(seconds=10))
    ('1 day 3 hours', 'less than a minute')
    """
    parts: list[str] = []
    rest = int(span.total_seconds())
    for name, seconds in _SPANS:
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count} {name}{'s' if count != 1 else ''}")
    return " ".join(parts[:2]) or "less than a minute"


def _worse(incident: IncidentFacts, before: IncidentFacts) -> str:
    parts = []
    if incident.severity != before.severity:
        parts.append(f"it is {incident.severity} now")
    if len(incident.what) > len(before.what):
        parts.append(f"{len(incident.what)} columns moved, {len(before.what)} had before")
    now, then = incident.evidence_ratio, before.evidence_ratio
    if not parts and now is not None and then:
        parts.append(f"the evidence grew {now / then:.2g} times")
    return _sentence("Worse than told before: " + "; ".join(parts)) if parts else "It got worse."


def _lasted(incident: IncidentFacts, lead: str) -> str:
    began, ended = incident.since or incident.opened_at, incident.closed_at
    if began is None or ended is None or ended < began:
        return ""
    return lead + span_text(ended - began)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1] + "…"
