"""Notices that go together become one message."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

from watchkeeper.actions import IncidentFacts, Notice
from watchkeeper.pipeline.alerting.picturing import picture_of
from watchkeeper.pipeline.alerting.settings import AlertSettings
from watchkeeper.pipeline.alerting.telling import Told, told_of
from watchkeeper.pipeline.alerting.wording import (
    digest_text,
    digest_title,
    latest_of,
    text_of,
    title_of,
)
from watchkeeper.store import IncidentKey, SavedNotice, Store

logger = logging.getLogger("watchkeeper.alerts")


def compose(
    store: Store, project: str, settings: AlertSettings, notices: Sequence[SavedNotice]
) -> Notice:
    """Return the message of one batch: the same words and keys at every attempt."""
    first, said = notices[0], [told_of(notice) for notice in notices]
    if len(notices) == 1:
        return _single(store, project, settings, first, said[0])
    incidents = tuple(one.incident for one in said)
    link = None if settings.public_url is None else f"{settings.public_url.rstrip('/')}/incidents"
    is_one = len(latest_of(incidents)) == 1
    key = f"{project}/{first.incident_key if is_one else f'digest-{first.batch}'}"
    return Notice(
        notice_id=f"{project}/digest-{first.batch}",
        dedup_key=key,
        event="digest",
        severity="critical" if any(_is_bad(one) for one in incidents) else "warning",
        project=project,
        title=digest_title(incidents),
        text=digest_text(incidents, link),
        time=first.created_at,
        incidents=incidents,
        link=link,
    )


def notice_of_test(project: str, settings: AlertSettings, channel: str, *, now: datetime) -> Notice:
    """Return a message that says that a channel works."""
    where = "" if settings.public_url is None else f" Links lead to {settings.public_url}."
    return Notice(
        notice_id=f"{project}/test-{channel}-{int(now.timestamp())}",
        dedup_key=f"{project}/test-{channel}",
        event="test",
        severity="warning",
        project=project,
        title="Watchkeeper: a test",
        text=f"This is a test of the channel {channel!r}. Nothing is wrong.{where}",
        time=now,
        link=settings.public_url,
    )


def _single(
    store: Store, project: str, settings: AlertSettings, notice: SavedNotice, said: Told
) -> Notice:
    incident = said.incident
    return Notice(
        notice_id=f"{project}/{notice.incident_key}/{notice.event}",
        dedup_key=f"{project}/{notice.incident_key}",
        event=incident.event,
        severity=incident.severity,
        project=project,
        title=title_of(incident),
        text=text_of(incident, before=said.before),
        time=notice.created_at,
        incidents=(incident,),
        link=incident.link,
        picture=_picture(store, notice.incident_key),
        picture_url=_picture_url(settings, project, incident, said),
    )


def _picture(store: Store, incident_id: str) -> bytes | None:
    try:
        return picture_of(store, IncidentKey.parse(incident_id))
    except Exception:  # whatever is wrong with it, the words must go out
        logger.exception("%s: its picture cannot be drawn", incident_id)
        return None


def _picture_url(
    settings: AlertSettings, project: str, incident: IncidentFacts, said: Told
) -> str | None:
    if settings.public_url is None:
        return None
    token = urlencode({"project": project, "token": said.picture_token})
    page = f"{settings.public_url.rstrip('/')}/v1/incidents/{quote(incident.id, safe='~.')}"
    return f"{page}/picture.png?{token}"


def _is_bad(incident: IncidentFacts) -> bool:
    return incident.severity == "critical" and incident.event != "resolved"
