"""Who is told of incidents, what was sent, and what could not be."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from watchkeeper.actions import kind_of
from watchkeeper.errors import WatchkeeperError, nearest
from watchkeeper.pipeline.alerting import (
    SCOPE,
    AlertSettings,
    Route,
    notice_of_test,
    send,
    settings_from_bytes,
)
from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.problems import ProblemError
from watchkeeper.server.tenants import Tenant
from watchkeeper.store import NoticeStatus, SavedNotice


class AlertChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A way out.

    Attributes
    ----------
    state
        ``failing`` while the newest attempt failed, ``unused`` before the first.
    last_sent_at
        When its receiver took a message last.
    """

    name: str
    kind: str
    state: str
    waiting: int
    held: int
    sent: int
    dead: int
    last_sent_at: datetime | None


class AlertNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What one channel tells of one event of an incident; ``event`` is worse-1, -2, ... too."""

    number: int
    incident: str
    model: str
    event: str
    channel: str
    status: NoticeStatus
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str | None


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """Channels, routes, and notices, newest first."""

    channels: list[AlertChannel]
    routes: list[Route]
    notices: list[AlertNotice]


class WantedAlerts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only notices that stand so, and how many."""

    status: NoticeStatus | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """The notices that are due again by that."""

    notices: list[AlertNotice]


class ChannelTest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which channel to try."""

    channel: str


class ChannelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the receiver has taken it, and what it said."""

    taken: bool
    said: str


def alerts_of(tenant: Tenant, asked: Asked[WantedAlerts, None]) -> Alerts:
    """Return all of it."""
    settings, log = _settings(tenant), tenant.store.notices
    counts = {(one.channel, one.status): one.count for one in log.counts()}
    failing = {notice.channel for notice in log.newest(status="waiting") if notice.attempts}
    channels = []
    for name, channel in {} if settings is None else settings.channels.items():
        last = log.last_sent(name)
        calm = "unused" if last is None else "ok"
        channels.append(
            AlertChannel(
                name=name,
                kind=kind_of(channel),
                state="failing" if name in failing else calm,
                waiting=counts.get((name, "waiting"), 0),
                held=counts.get((name, "held"), 0),
                sent=counts.get((name, "sent"), 0),
                dead=counts.get((name, "dead"), 0),
                last_sent_at=last,
            )
        )
    found = log.newest(status=asked.query.status, limit=asked.query.limit)
    return Alerts(
        channels=channels,
        routes=[] if settings is None else list(settings.all_routes()),
        notices=[_shown(notice) for notice in found],
    )


def retry(tenant: Tenant, asked: Asked[NoParameters, None]) -> Retried:
    """Make a dead message due again."""
    text = asked.path["number"]
    if not text.isdecimal() or len(text) > 18:
        raise ProblemError(404, "no-such-notice", f"expected a notice's number, got {text!r}")
    found = tenant.store.notices.retry(int(text), actor=asked.caller.actor, now=datetime.now(UTC))
    return Retried(notices=[_shown(notice) for notice in found])


def try_channel(tenant: Tenant, asked: Asked[NoParameters, ChannelTest]) -> ChannelAnswer:
    """Send a test by one channel, now."""
    settings, name = _settings(tenant), asked.body.channel
    known = {} if settings is None else settings.channels
    if settings is None or name not in known:
        message = f"there is no channel {name!r}.{nearest(name, known)}"
        raise ProblemError(404, "no-such-channel", message)
    now = datetime.now(UTC)
    tenant.store.audit.append(asked.caller.actor, "alert.test", {"channel": name}, now=now)
    test = notice_of_test(tenant.name, settings, name, now=now)
    try:
        return ChannelAnswer(taken=True, said=send(known[name], test, os.environ).answer)
    except WatchkeeperError as error:
        return ChannelAnswer(taken=False, said=str(error))


def _settings(tenant: Tenant) -> AlertSettings | None:
    kept = tenant.store.settings.get(SCOPE)
    return None if kept is None else settings_from_bytes(kept.payload)


def _shown(notice: SavedNotice) -> AlertNotice:
    return AlertNotice(
        number=notice.number,
        incident=notice.incident_key,
        model=notice.model,
        event=notice.event,
        channel=notice.channel,
        status=notice.status,
        created_at=notice.created_at,
        due_at=notice.due_at,
        sent_at=notice.sent_at,
        attempts=notice.attempts,
        last_error=notice.last_error,
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/alerts",
        operation="getAlerts",
        summary="Who is told of incidents, and what became of it",
        scope="read",
        answer=Alerts,
        call=alerts_of,
        query=WantedAlerts,
    ),
    Endpoint(
        method="POST",
        path="/v1/alerts/{number}/retry",
        operation="retryAlert",
        summary="Send a message again that was given up",
        scope="admin",
        answer=Retried,
        call=retry,
        query=NoParameters,
        also={404: "No such notice."},
    ),
    Endpoint(
        method="POST",
        path="/v1/alerts/test",
        operation="testAlert",
        summary="Send a test by one channel",
        scope="admin",
        answer=ChannelAnswer,
        call=try_channel,
        query=NoParameters,
        body=ChannelTest,
        also={404: "No such channel."},
    ),
)
