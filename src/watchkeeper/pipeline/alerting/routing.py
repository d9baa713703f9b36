"""Which channels an incident goes to, and when it may."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from watchkeeper.actions import IncidentFacts, Severity
from watchkeeper.pipeline.alerting.settings import DAYS, AlertSettings, QuietHours, Route

_MOST_WINDOWS = 100


def route_of(settings: AlertSettings, incident: IncidentFacts) -> Route | None:
    """Return the first route that fits an incident, ``None`` if none does."""
    for route in settings.all_routes():
        if route.models is not None and not any(
            fnmatchcase(incident.model, pattern) for pattern in route.models
        ):
            continue
        if route.severity is not None and route.severity != incident.severity:
            continue
        if route.sources is not None and incident.source not in route.sources:
            continue
        return route
    return None


def quiet_until(route: Route | None, severity: Severity, now: datetime) -> datetime | None:
    """Return when the quiet hours that ``now`` lies in end, ``None`` if it lies in none.

    The end is the first moment after them; hours that touch are one.
    """
    windows = [] if route is None else route.quiet or []
    windows = [w for w in windows if not (w.critical_passes and severity == "critical")]
    until = now
    for _ in range(_MOST_WINDOWS):  # several that cover the whole week would never end
        ends = [end for window in windows if (end := _end(window, until)) is not None]
        if not ends:
            break
        until = max(ends)
    return until if until > now else None


def clock_time(text: str) -> time | None:
    """Return a time of the day, ``None`` if the text is none.

    Examples
    --------
    >>> clock_time("22:30"), clock_time("24:00"), clock_time("9")
    (datetime.time(22, 30), None, None)
    """
    hours, _, minutes = text.partition(":")
    if len(hours) != 2 or len(minutes) != 2 or not (hours + minutes).isdecimal():
        return None
    if int(hours) > 23 or int(minutes) > 59:
        return None
    return time(int(hours), int(minutes))


def _end(window: QuietHours, now: datetime) -> datetime | None:
    """Return when a window that ``now`` lies in ends."""
    zone = ZoneInfo(window.timezone)
    begins, ends = clock_time(window.start), clock_time(window.until)
    assert begins is not None
    assert ends is not None
    local = now.astimezone(zone)
    for days_ago in (0, 1):
        day = local.date() - timedelta(days=days_ago)
        if window.days is not None and DAYS[day.weekday()] not in window.days:
            continue
        last = day if ends > begins else day + timedelta(days=1)
        start = datetime.combine(day, begins, zone).astimezone(UTC)
        end = datetime.combine(last, ends, zone).astimezone(UTC)
        if start <= now < end:
            return end
    return None
