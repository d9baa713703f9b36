"""What the pictures of all incidents of quality have in common: their words and their time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from watchkeeper.pipeline.alerting.wording import headline, rest
from watchkeeper.pipeline.label_incidents import LABELS
from watchkeeper.pipeline.outliers import OUTLIERS
from watchkeeper.store import ServiceIncident

if TYPE_CHECKING:
    from watchkeeper.actions.picture import Course, Picture

FOR_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

_BEFORE_DAYS, _AFTER_DAYS = 14, 3
_TITLES: Final = {
    OUTLIERS: "far more outliers than usual",
    LABELS: "labels do not come as they used to",
}


def framed(incident: ServiceIncident, starts: Sequence[datetime], course: Course) -> Picture:
    """Return the picture of a course, by its steps' starts, with the incident's time and words."""
    from watchkeeper.actions.picture import Picture

    since = sum(start < incident.since for start in starts)
    until = sum(start < (incident.closed_at or FOR_EVER) for start in starts)
    head, text = _in_two(incident)
    is_daily = all(start.hour == start.minute == 0 for start in starts)
    return Picture(
        title=f"{incident.model}: {head}",
        text=text,
        severity=incident.severity,
        starts=starts,
        since=min(since, len(starts) - 1),
        until=until,
        is_open=incident.is_open,
        times="%d %b" if is_daily else "%d %b %H:%M",
        course=course,
    )


def _in_two(incident: ServiceIncident) -> tuple[str, str]:
    """Return what goes into the title, which is one line, and the rest."""
    message = incident.message
    if incident.objective in _TITLES:
        return _TITLES[incident.objective], message
    head, told, text = message.partition(" for predictions since ")
    return (head, f"For predictions since {text}") if told else (headline(message), rest(message))


def days_around(incident: ServiceIncident) -> tuple[datetime, datetime]:
    """Return from and up to when days are shown."""
    begin = incident.since - timedelta(days=_BEFORE_DAYS)
    closed = incident.closed_at
    return begin, FOR_EVER if closed is None else closed + timedelta(days=_AFTER_DAYS)
