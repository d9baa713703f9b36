"""What is to be told of an incident, given what was told before: each event once by each channel.

The same incident and the same notices always give the same answer, so that a server that was killed
between two steps goes on as if nothing had been.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from watchkeeper.actions import IncidentFacts, PagerDutySettings
from watchkeeper.pipeline.alerting.routing import quiet_until, route_of
from watchkeeper.pipeline.alerting.settings import AlertSettings, Route
from watchkeeper.store import NewNotice, SavedNotice

# A person was told that something is wrong; it must be much worse to be told again.
MOST_WORSE: Final = 3
WORSE_AFTER: Final = timedelta(hours=1)
TIMES_THE_COLUMNS: Final = 2
TIMES_THE_EVIDENCE: Final = 100


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice says.

    Attributes
    ----------
    before
        The incident as the channel was told of it last.
    picture_token
        Opens the picture to those who got the message.
    """

    incident: IncidentFacts
    before: IncidentFacts | None = None
    picture_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An incident as it stands.

    Attributes
    ----------
    is_muted, is_acknowledged
        What people decided.
    """

    incident: IncidentFacts
    is_muted: bool = False
    is_acknowledged: bool = False


def due_notices(
    happening: Happening,
    told: Sequence[SavedNotice],
    *,
    then: AlertSettings | None,
    now_in_force: AlertSettings,
    now: datetime,
) -> list[NewNotice]:
    """Return what is to be told now.

    Parameters
    ----------
    told
        All notices of this incident.
    then
        The settings that were in force when the incident was noticed: these say who is told of it.
        ``None`` if nobody was to be told yet.
    now_in_force
        The settings by which it is sent. They decide anew when an incident has become critical.
    """
    incident = happening.incident
    route_now = route_of(now_in_force, incident)
    wanted = [] if then is None else _channels(route_of(then, incident))
    if told and any(told_of(notice).incident.severity != incident.severity for notice in told):
        wanted += _channels(route_now)
    found: list[NewNotice] = []
    for channel in dict.fromkeys([*wanted, *(notice.channel for notice in told)]):
        if channel not in now_in_force.channels:
            continue
        known = [notice for notice in told if notice.channel == channel]
        pages = isinstance(now_in_force.channels[channel], PagerDutySettings)
        found.extend(
            _notice(happening, event, channel, known, route_now, now)
            for event in _events(happening, known, pages=pages, now=now)
        )
    return found


def told_of(notice: SavedNotice) -> Told:
    """Return what a notice says."""
    return msgspec.json.decode(notice.payload, type=Told)


def _channels(route: Route | None) -> list[str]:
    return [] if route is None else list(route.channels)


def _events(
    happening: Happening, told: Sequence[SavedNotice], *, pages: bool, now: datetime
) -> Iterator[str]:
    incident, known = happening.incident, {notice.event: notice for notice in told}
    opened = known.get("opened")
    if "resolved" in known:
        return
    if opened is None:
        # Nobody is to be called out of bed for what is over.
        if happening.is_muted or (pages and not incident.is_open):
            return
        yield "opened"
    elif opened.status in {"dead", "dropped"}:
        return
    if not incident.is_open:
        yield "resolved"
        return
    if opened is None or happening.is_muted:
        return
    if happening.is_acknowledged:
        if pages and "acknowledged" not in known:
            yield "acknowledged"
        return
    count = sum(event.startswith("worse") for event in known)
    if count < MOST_WORSE and _is_worse(incident, told[-1], now):
        yield f"worse-{count + 1}"


def _is_worse(incident: IncidentFacts, last: SavedNotice, now: datetime) -> bool:
    before = told_of(last).incident
    if (incident.severity, before.severity) == ("critical", "warning"):
        return True
    if now - last.created_at < WORSE_AFTER:
        return False
    if len(incident.what) >= TIMES_THE_COLUMNS * max(len(before.what), 1):
        return True
    evidence, earlier = incident.evidence_ratio, before.evidence_ratio
    return bool(evidence and earlier and evidence >= TIMES_THE_EVIDENCE * earlier)


def _notice(
    happening: Happening,
    event: str,
    channel: str,
    told: Sequence[SavedNotice],
    route: Route | None,
    now: datetime,
) -> NewNotice:
    incident = msgspec.structs.replace(happening.incident, event=event.partition("-")[0])
    held = quiet_until(route, incident.severity, now)
    said = Told(
        incident=incident,
        before=told_of(told[-1]).incident if told else None,
        picture_token=secrets.token_urlsafe(24),
    )
    return NewNotice(
        incident_key=incident.id,
        event=event,
        channel=channel,
        model=incident.model,
        due_at=held or now,
        is_held=held is not None,
        payload=msgspec.json.encode(said),
    )
