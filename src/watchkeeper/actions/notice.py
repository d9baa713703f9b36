"""A message about incidents, before a channel has put it into its own form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

IncidentEvent: TypeAlias = Literal["opened", "worse", "acknowledged", "resolved"]
Event: TypeAlias = IncidentEvent | Literal["digest", "test"]
Severity: TypeAlias = Literal["warning", "critical"]
Source: TypeAlias = Literal["drift", "rule", "objective", "cost", "quality"]


class IncidentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as programs are told of it.

    Attributes
    ----------
    id
        Unique in the project, the same in everything that is told of the incident.
    event
        What happened to it.
    source
        What noticed it: drift, a hard rule, a service objective, a budget of costs, or labels that
        came.
    what
        Columns that moved, most evidence first, or the objective.
    evidence_ratio
        Evidence of the strongest column, as a multiple of what opens an incident.
    opened_at, since, closed_at
        In the time of the events; ``None`` for rows without times. It began at ``since``.
    closed_why
        ``returned`` to normal, ``adopted`` as the new normal, or ``withdrawn``: judged again with
        rows that came late, it was none.
    link
        Its page in the dashboard.
    """

    id: str
    event: IncidentEvent
    model: str
    source: Source
    severity: Severity
    kind: str | None = None
    is_open: bool
    opened_at: datetime | None
    since: datetime | None
    closed_at: datetime | None = None
    closed_why: Literal["returned", "adopted", "withdrawn"] | None = None
    what: tuple[str, ...] = ()
    evidence_ratio: float | None = None
    message: str
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one message says.

    Attributes
    ----------
    notice_id
        The same for every attempt to send this message, and for no other message.
    dedup_key
        The same for all messages about an incident.
    title, text
        Plain text; the title is one line.
    time
        When it was decided to send it.
    incidents
        What it tells of: one, several for a digest, none for a test.
    link
        Where to read on.
    picture
        A PNG.
    picture_url
        Where the picture can be fetched for a while without a key.
    """

    notice_id: str
    dedup_key: str
    event: Event
    severity: Severity
    project: str
    title: str
    text: str
    time: datetime
    incidents: tuple[IncidentFacts, ...] = ()
    link: str | None = None
    picture: bytes | None = None
    picture_url: str | None = None
