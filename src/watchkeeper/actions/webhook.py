"""A program of yours: CloudEvents 1.0 as JSON over HTTP, signed."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from watchkeeper.actions.channel import Sent
from watchkeeper.actions.notice import Event, IncidentFacts, Notice, Severity
from watchkeeper.actions.posting import post
from watchkeeper.actions.signature import signature_headers

_TYPE: Final = "dev.watchkeeper"
MEDIA_TYPE: Final = "application/cloudevents+json; charset=utf-8"


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event as the CloudEvents specification 1.0 has it, in structured mode."""

    specversion: str
    id: str
    source: str
    type: str
    time: datetime
    subject: str | None = None
    datacontenttype: str
    data: EventData


class EventData(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says; ``dedup_key`` is the same in all that is told of an incident."""

    event: Event
    severity: Severity
    project: str
    dedup_key: str
    title: str
    text: str
    link: str | None
    incidents: tuple[IncidentFacts, ...]
    picture: EventPicture | None


class EventPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture in base64, and where it can be fetched for a while without a key."""

    media_type: str
    base64: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Posts to one address.

    Attributes
    ----------
    url, secret
        With all their placeholders filled; no secret, no signature.
    """

    url: str
    secret: str | None
    with_picture: bool

    def send(self, notice: Notice) -> Sent:
        """Send one message; see `Channel`."""
        body = msgspec.json.encode(cloud_event(notice, with_picture=self.with_picture))
        headers = {"content-type": MEDIA_TYPE, "webhook-id": notice.notice_id}
        if self.secret is not None:
            headers |= signature_headers(self.secret, notice.notice_id, body, now=datetime.now(UTC))
        return post(self.url, body, headers)


def cloud_event(notice: Notice, *, with_picture: bool) -> CloudEvent:
    """Return a message as an event."""
    is_about_incidents = notice.event not in {"digest", "test"}
    picture = None
    if with_picture and notice.picture is not None:
        picture = EventPicture(
            media_type="image/png",
            base64=base64.b64encode(notice.picture).decode(),
            url=notice.picture_url,
        )
    return CloudEvent(
        specversion="1.0",
        id=notice.notice_id,
        source=f"urn:watchkeeper:{notice.project}",
        type=f"{_TYPE}.{'incident.' if is_about_incidents else ''}{notice.event}",
        time=notice.time,
        subject=notice.dedup_key if is_about_incidents else None,
        datacontenttype="application/json",
        data=EventData(
            event=notice.event,
            severity=notice.severity,
            project=notice.project,
            dedup_key=notice.dedup_key,
            title=notice.title,
            text=notice.text,
            link=notice.link,
            incidents=notice.incidents,
            picture=picture,
        ),
    )
