"""An incident in one sentence that a person can act on."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from watchkeeper.events import EXPLANATION
from watchkeeper.watch.incidents import Incident, StreamEvidence

_NAMED = 3
_LONGEST_NAME = 60


def message_of(
    incident: Incident, *, timezone: str, lead: str = "", superseded: bool = False
) -> str:
    """Return what happened, since when, how large, and what it resembles.

    Parameters
    ----------
    timezone
        Zone in which times are shown.
    lead
        What happened, where the streams do not tell.
    superseded
        Whether the incident ended in a further change, not in a return.
    """
    first, *others = incident.streams
    parts = [lead or what_changed(first)]
    also = [] if lead else [short(name_of(s)) for s in others[:_NAMED]]
    if also:
        more = len(others) - len(also)
        tail = f" and {more} more" if more > 0 else ""
        parts.append(f"; also {', '.join(also)}{tail}")
    if not lead and no_input_moved(incident):
        parts.append("; no input moved by itself")
    parts.append(f", {_since(incident, timezone)}")
    if incident.resembles is not None:
        parts.append(f"; like {incident.resembles}")
    if incident.closed_bucket is not None:
        lasted = incident.closed_bucket - incident.since_bucket + 1
        buckets = f"{lasted} bucket{'s' if lasted != 1 else ''}"
        if incident.adopted:
            parts.append("; adopted as normal")
        elif superseded:
            parts.append(f"; changed further after {buckets}")
        else:
            parts.append(f"; back to normal after {buckets}")
    return "".join(parts)


def name_of(stream: StreamEvidence) -> str:
    """Return the column, with its segment if it has one; a contribution in words."""
    name = stream.column
    if name.startswith(EXPLANATION):
        name = f"the contribution of {name.removeprefix(EXPLANATION)}"
    return f"{name} ({stream.segment})" if stream.segment else name


def no_input_moved(incident: Incident) -> bool:
    """Return whether contributions moved and no input did by itself.

    An input that only no longer follows other columns is where it was; the answers may move.
    """
    columns = [stream.column for stream in incident.streams]
    return any(name.startswith(EXPLANATION) for name in columns) and all(
        stream.aspect == "relation"
        or stream.column.startswith((EXPLANATION, "prediction."))
        or stream.column == "prediction"
        for stream in incident.streams
    )


def what_changed(stream: StreamEvidence) -> str:
    """Return the change of one stream in words and in the units of the column."""
    name, effect = short(name_of(stream)), stream.effect
    if stream.aspect == "volume":
        before, after = effect.before_mean or 0.0, effect.after_mean or 0.0
        verb = "rose" if after > before else "fell"
        return f"the number of rows per bucket {verb} from an expected {before:.4g} to {after:.4g}"
    if stream.aspect == "rule" and stream.column == "(rows)":
        return f"there are no rows, where {effect.before_mean or 0.0:.4g} a bucket are usual"
    if stream.aspect == "rule":
        if effect.after_null_ratio > 0.5:
            return f"{name} is {effect.after_null_ratio:.0%} null"
        return f"{name} breaks a hard rule: values of another type, or no values"
    nulls = effect.after_null_ratio - effect.before_null_ratio
    shifted = abs(effect.shift_sd or 0.0)
    if abs(nulls) > 0.02 and abs(nulls) > 0.3 * shifted:
        return (
            f"nulls in {name} went from {effect.before_null_ratio:.1%}"
            f" to {effect.after_null_ratio:.1%}"
        )
    if stream.aspect == "relation" and shifted < 0.3:
        return f"{name} no longer follows the columns that it used to follow"
    least = 0.02
    if stream.column.startswith(EXPLANATION):
        name += " to the output"
        # A feature that weighs more contributes more both ways, and its mean says little.
        least = 0.2 if stream.aspect == "shape" else least
    if effect.shift is not None and effect.shift_sd is not None and shifted >= least:
        verb = "rose" if effect.shift > 0 else "fell"
        return (
            f"{name} {verb} by {abs(effect.shift):.3g} ({shifted:.2f} sd),"
            f" from an expected {effect.before_mean:.4g} to {effect.after_mean:.4g}"
        )
    if effect.most_changed:
        top = effect.most_changed[0]
        return (
            f"the distribution of {name} changed: {short(top.value)} went from"
            f" {top.before_ratio:.1%} to {top.after_ratio:.1%}"
        )
    return f"the distribution of {name} changed"


def moment_text(moment: datetime, timezone: str) -> str:
    """Return a moment with the zone it is shown in.

    Examples
    --------
    >>> from datetime import UTC
    >>> moment_text(datetime(2013, 4, 1, 4, tzinfo=UTC), "America/New_York")
    '2013-04-01 00:00 EDT'
    """
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M %Z}"


def span_text(
    since: datetime | None, until: datetime | None, otherwise: str, *, timezone: str
) -> str:
    """Return a span of days, such as ``2025-12-20 to 12-31``, by the calendar of a zone.

    ``until`` is the first moment after it.
    """
    if since is None or until is None:
        return otherwise
    zone = ZoneInfo(timezone)
    since, until = since.astimezone(zone), until.astimezone(zone) - timedelta(microseconds=1)
    first, last = f"{since:%Y-%m-%d}", f"{until:%Y-%m-%d}"
    if first == last:
        return first
    return f"{first} to {last[5:] if since.year == until.year else last}"


def short(text: str) -> str:
    """Return a name cut to a length that fits a line."""
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"


def _since(incident: Incident, timezone: str) -> str:
    if incident.since is None:
        return f"since bucket {incident.since_bucket}"
    return f"since {moment_text(incident.since, timezone)}"
