"""Messages to send."""

from datetime import UTC, datetime, timedelta
from typing import Any

from watchkeeper.actions import IncidentFacts, Notice

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def facts(**more: Any) -> IncidentFacts:
    known: dict[str, Any] = {
        "id": "fraud.1.drift-000041-0001",
        "event": "opened",
        "model": "fraud",
        "source": "drift",
        "severity": "critical",
        "kind": "sudden",
        "is_open": True,
        "opened_at": NOW,
        "since": NOW - timedelta(hours=3),
        "what": ("amount", "country"),
        "message": "amount rose by 12 (0.9 sd); also country",
    }
    return IncidentFacts(**known | more)


def notice(**more: Any) -> Notice:
    known: dict[str, Any] = {
        "notice_id": "fraud.1.drift-000041-0001/opened",
        "dedup_key": "fraud.1.drift-000041-0001",
        "event": "opened",
        "severity": "critical",
        "project": "default",
        "title": "fraud: amount rose by 12 (0.9 sd)",
        "text": "amount rose by 12 (0.9 sd); also country\nhttps://watch.example.com/incidents/x",
        "time": NOW,
        "incidents": (facts(),),
        "link": "https://watch.example.com/incidents/x",
        "picture": PNG,
        "picture_url": "https://watch.example.com/v1/incidents/x/picture.png?token=t",
    }
    return Notice(**known | more)
