"""From incidents as they change to notices in the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from watchkeeper.errors import DataError
from watchkeeper.pipeline.alerting.happening import happening_of
from watchkeeper.pipeline.alerting.settings import SCOPE, AlertSettings, settings_from_bytes
from watchkeeper.pipeline.alerting.telling import due_notices
from watchkeeper.store import IncidentKey, Store

_AGAIN: Final = timedelta(seconds=5)


class Outbox:
    """Follows the incidents of a store, and writes down what is to be told of each.

    What it remembers only saves work: a new one over the same store comes to the same notices.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = 0
        self._revision = -1
        self._revisions: list[tuple[datetime, AlertSettings]] = []
        self._told_at: dict[str, datetime] = {}
        self._looked_again = datetime.min.replace(tzinfo=UTC)

    @property
    def settings(self) -> AlertSettings | None:
        """The settings in force at the last look, ``None`` if nobody is to be told."""
        return self._revisions[-1][1] if self._revisions else None

    def fill(self, *, now: datetime) -> int:
        """Write down what is new since the last call; return how many notices that were.

        Looked at are the incidents that changed, and every few seconds those of which more is to be
        told: people may have decided about them, or a new baseline have taken the place of the one
        that judged them.
        """
        # In this order: settings that were put before an incident was noticed are seen with it.
        changes = self._store.incident_feed.after(self._seen)
        self._read_settings()
        settings = self.settings
        if settings is None:
            return 0
        keys: dict[str, IncidentKey] = {}
        for change in changes:
            key = IncidentKey(
                model=change.model, version=change.baseline_version, incident_id=change.incident_id
            )
            if self._in_force(change.told_at) is not None:
                keys[str(key)] = key
                self._told_at[str(key)] = change.told_at
        if now - self._looked_again >= _AGAIN:
            self._looked_again = now
            for text in self._store.notices.unfinished():
                keys.setdefault(text, IncidentKey.parse(text))
        added = sum(self._fill_one(key, settings, now) for key in keys.values())
        self._seen = changes[-1].number if changes else self._seen
        return added

    def _fill_one(self, key: IncidentKey, settings: AlertSettings, now: datetime) -> int:
        link = link_to(settings, str(key))
        try:
            happening = happening_of(self._store, key, link=link, now=now)
        except DataError:  # it is kept no longer
            return 0
        told_at = self._told_at.get(str(key))
        told = self._store.notices.of_incident(str(key))
        due = due_notices(
            happening, told, then=self._in_force(told_at), now_in_force=settings, now=now
        )
        return self._store.notices.add(due, now=now)

    def _in_force(self, moment: datetime | None) -> AlertSettings | None:
        if moment is None:
            return None
        return next((one for at, one in reversed(self._revisions) if at <= moment), None)

    def _read_settings(self) -> None:
        revision = self._store.settings.revision()
        if revision == self._revision:
            return
        self._revisions = [
            (datetime.fromisoformat(one.created_at), settings_from_bytes(one.payload))
            for one in self._store.settings.revisions(SCOPE)
        ]
        self._revision = revision
        if self.settings is not None:
            self._store.notices.abandon_others(self.settings.channels)


def link_to(settings: AlertSettings, incident_id: str) -> str | None:
    """Return the page of an incident, ``None`` if nobody said where the server is reached."""
    if settings.public_url is None:
        return None
    return f"{settings.public_url.rstrip('/')}/incidents/{quote(incident_id, safe='~.')}"
