"""What is told of a loss that rose, for people."""

from __future__ import annotations

from watchkeeper.watch import moment_text
from watchkeeper.watch.concept import RiskEvent, WatchedLoss
from watchkeeper.watch.wording import span_text

_NAMES: dict[WatchedLoss, str] = {
    "error": "the share of wrong predictions",
    "label_error": "the share of wrong labels",
    "brier": "the Brier score",
    "log_loss": "the log loss",
    "absolute_error": "the mean absolute error",
    "cost": "the cost per prediction",
}
_COURSES = {
    "sudden": "It rose at once.",
    "gradual": "The rise grew over time, some predictions being as good as before.",
    "incremental": "It rose step by step.",
}


def loss_name(loss: WatchedLoss) -> str:
    """Return the name of a loss, to stand within a sentence."""
    return _NAMES[loss]


def value_text(loss: WatchedLoss, value: float, unit: str | None) -> str:
    """Return a value of a loss with its unit.

    Examples
    --------
    >>> value_text("error", 0.1234, None), value_text("cost", 3.2, "EUR")
    ('12.3 %', '3.2 EUR')
    """
    if loss in ("error", "label_error"):
        return f"{100 * value:.3g} %"
    return f"{value:.4g}" + (f" {unit}" if unit and loss == "cost" else "")


def rise_text(event: RiskEvent, loss: WatchedLoss, *, unit: str | None, timezone: str) -> str:
    """Return the message of a rise."""
    before, now = (value_text(loss, one, unit) for one in (event.before, event.now))
    name = loss_name(loss)
    told = (
        f"{name[0].upper()}{name[1:]} rose from {before} to {now} for predictions since"
        f" {moment_text(event.since, timezone)}, by {event.rows:,} labels:"
        " the same inputs have other outcomes, or other inputs came."
    )
    resembles = resembles_text(event, timezone=timezone)
    if resembles is not None:
        return f"{told} What came for which prediction is as it was from {resembles}."
    return f"{told} {_COURSES.get(event.kind or '', '')}".rstrip()


def resembles_text(event: RiskEvent, *, timezone: str) -> str | None:
    """Return the earlier time whose relation this is, such as ``2025-12-20 to 12-31``."""
    if event.like_from is None or event.like_until is None:
        return None
    return span_text(event.like_from, event.like_until, "", timezone=timezone)


def return_text(message: str, event: RiskEvent, loss: WatchedLoss, *, unit: str | None) -> str:
    """Return the message of a rise that ended."""
    return f"{message} It is back near {value_text(loss, event.before, unit)}."
