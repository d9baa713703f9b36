"""Incidents and what was told of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from watchkeeper.actions import IncidentFacts, PagerDutySettings, WebhookSettings
from watchkeeper.pipeline.alerting import AlertSettings, Happening, Told
from watchkeeper.store import NewNotice, SavedNotice

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = "fraud.1.drift-000041-0001"


def facts(**more: Any) -> IncidentFacts:
    known: dict[str, Any] = {
        "id": KEY,
        "event": "opened",
        "model": "fraud",
        "source": "drift",
        "severity": "warning",
        "kind": "sudden",
        "is_open": True,
        "opened_at": NOW,
        "since": NOW - 3 * HOUR,
        "what": ("amount",),
        "evidence_ratio": 1.5,
        "message": "amount rose by 12 (0.9 sd), from an expected 40 to 52; also country,"
        " since 2026-03-01 09:00 UTC",
    }
    return IncidentFacts(**known | more)


def ended(**more: Any) -> IncidentFacts:
    known: dict[str, Any] = {
        "event": "resolved",
        "is_open": False,
        "closed_at": NOW + 2 * HOUR,
        "closed_why": "returned",
    }
    return facts(**known | more)


def happening(incident: IncidentFacts | None = None, **more: Any) -> Happening:
    return Happening(incident=incident or facts(), **more)


def settings(**more: Any) -> AlertSettings:
    known: dict[str, Any] = {
        "channels": {
            "team": WebhookSettings(url="http://127.0.0.1:9/", digest=True),
            "pager": PagerDutySettings(routing_key="${KEY}"),
        }
    }
    return AlertSettings(**known | more)


def saved(new: NewNotice, *, number: int = 1, status: str = "sent") -> SavedNotice:
    fields = msgspec.structs.asdict(new)
    fields.pop("is_held")
    return msgspec.convert(
        fields
        | {
            "number": number,
            "created_at": new.due_at,
            "attempts": 1,
            "status": status,
            "last_error": None,
            "batch": number,
            "sent_at": new.due_at,
        },
        SavedNotice,
    )


def told_once(
    event: str = "opened",
    *,
    channel: str = "team",
    at: datetime = NOW,
    status: str = "sent",
    **more: Any,
) -> SavedNotice:
    said = Told(incident=facts(**more), picture_token="t")
    new = NewNotice(
        incident_key=KEY,
        event=event,
        channel=channel,
        model="fraud",
        due_at=at,
        payload=msgspec.json.encode(said),
    )
    return saved(new, status=status)
