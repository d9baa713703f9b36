"""PagerDuty's Events API v2, which others speak too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from watchkeeper.actions.channel import Sent
from watchkeeper.actions.notice import Event, Notice
from watchkeeper.actions.posting import post

_ACTIONS: Final[dict[Event, str]] = {
    "opened": "trigger",
    "worse": "trigger",
    "acknowledged": "acknowledge",
    "resolved": "resolve",
    "digest": "trigger",
    "test": "trigger",
}
_LONGEST_SUMMARY: Final = 1024
_LONGEST_KEY: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerDuty:
    """One integration of a service.

    Attributes
    ----------
    url, routing_key
        With all their placeholders filled.
    """

    url: str
    routing_key: str

    def send(self, notice: Notice) -> Sent:
        """Send one message; see `Channel`. What is worse updates the alert that is open."""
        body = msgspec.json.encode({"routing_key": self.routing_key, **_event(notice)})
        sent = post(self.url, body, {"content-type": "application/json"})
        if notice.event == "test":
            ended = {
                "routing_key": self.routing_key,
                "event_action": "resolve",
                "dedup_key": _key(notice.dedup_key),
            }
            post(self.url, msgspec.json.encode(ended), {"content-type": "application/json"})
        return sent


def _event(notice: Notice) -> dict[str, Any]:
    event: dict[str, Any] = {
        "event_action": _ACTIONS[notice.event],
        "dedup_key": _key(notice.dedup_key),
    }
    if event["event_action"] != "trigger":
        return event
    first = notice.incidents[0] if notice.incidents else None
    event |= {
        "client": "Watchkeeper",
        "payload": {
            "summary": notice.title[:_LONGEST_SUMMARY],
            "source": notice.project if first is None else f"{notice.project}/{first.model}",
            "severity": "info" if notice.event == "test" else notice.severity,
            "timestamp": notice.time.isoformat(),
            "component": "watchkeeper" if first is None else first.model,
            "class": notice.event if first is None else first.source,
            "custom_details": {"text": notice.text, "incidents": notice.incidents},
        },
    }
    if notice.link is not None:
        event |= {
            "client_url": notice.link,
            "links": [{"href": notice.link, "text": "The incident in Watchkeeper"}],
        }
    if notice.picture_url is not None and notice.picture_url.startswith("https://"):
        event["images"] = [{"src": notice.picture_url, "alt": notice.title}]
    return event


def _key(dedup_key: str) -> str:
    if len(dedup_key) <= _LONGEST_KEY:
        return dedup_key
    return hashlib.sha256(dedup_key.encode()).hexdigest()
