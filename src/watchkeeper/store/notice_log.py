"""What is to be told of incidents, by which channel, and what became of it.

An outbox: a notice is written before it is sent, once for each incident, event and channel, and
marked when the receiver has taken it. What is sent as one message is a batch, fixed before the
first attempt, so that a second attempt sends the very same under the same key.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from watchkeeper.errors import SettingsError
from watchkeeper.store.audit import append_entry
from watchkeeper.store.database import Database
from watchkeeper.store.tables import notices

NoticeStatus: TypeAlias = Literal["waiting", "held", "sent", "dead", "dropped"]

_c = notices.c
_MOST_IN_BATCH = 100
NOTICES_KEPT = timedelta(days=400)
_PENDING = ("waiting", "held")


class NewNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told.

    Attributes
    ----------
    incident_key
        The same for all that is told of an incident.
    event
        What happened to it.
    is_held
        Whether it waits for the end of quiet hours.
    due_at
        Not to be sent before.
    payload
        What to say, for those who send it.
    """

    incident_key: str
    event: str
    channel: str
    model: str
    due_at: datetime
    is_held: bool = False
    payload: bytes


class SavedNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it stands.

    Attributes
    ----------
    status
        ``waiting`` to be sent, ``held`` until quiet hours end, ``sent``, ``dead`` after all
        attempts, ``dropped`` because nobody needs it any more.
    batch
        Number of the first notice of the message that it is part of, ``None`` until the first
        attempt.
    """

    number: int
    incident_key: str
    event: str
    channel: str
    model: str
    created_at: datetime
    due_at: datetime
    attempts: int
    status: NoticeStatus
    last_error: str | None
    batch: int | None
    sent_at: datetime | None
    payload: bytes


class NoticeCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many notices of a channel stand so."""

    channel: str
    status: NoticeStatus
    count: int


class NoticeLog:
    """The outbox of one project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: Sequence[NewNotice], *, now: datetime) -> int:
        """Keep what is not known yet by incident, event and channel; return how many that were."""
        if not new:
            return 0
        added = 0
        with self._database.writing() as connection:
            for notice in new:
                fields = msgspec.structs.asdict(notice)
                is_held = fields.pop("is_held")
                fields |= {
                    "due_at": _text(notice.due_at),
                    "created_at": _text(now),
                    "attempts": 0,
                    "status": "held" if is_held else "waiting",
                }
                statement = sqlite.insert(notices).values(**fields).on_conflict_do_nothing()
                added += connection.execute(statement).rowcount
        return added

    def of_incident(self, incident_key: str) -> list[SavedNotice]:
        """Return what was told of an incident and will be, oldest first."""
        return self._select(_c.incident_key == incident_key)

    def newest(
        self, *, status: NoticeStatus | None = None, limit: int | None = None
    ) -> list[SavedNotice]:
        """Return notices, newest first."""
        wanted = sa.true() if status is None else _c.status == status
        return self._select(wanted, order=_c.number.desc(), limit=limit)

    def claim(self, channel: str, *, together: bool, now: datetime) -> list[SavedNotice]:
        """Return the notices to send next as one message, a batch, in order; empty for none.

        A batch that failed before and is due again comes first. Else the oldest notice that is due
        becomes one, with ``together`` all that are due, up to 100. One of an incident that has
        an earlier one pending elsewhere waits for it: what ended is not told before what began.
        """
        with self._database.reading() as connection:
            if connection.execute(_due(channel, now).limit(1)).first() is None:
                return []
        with self._database.writing() as connection:
            due = _due(channel, now)
            tried = due.where(_c.batch.is_not(None)).order_by(_c.due_at, _c.batch, _c.number)
            first = connection.execute(tried.limit(1)).first()
            if first is not None:
                same = due.where(_c.batch == first.batch).order_by(_c.number)
                return [_saved(row) for row in connection.execute(same)]
            earlier = notices.alias()
            blocked = (
                sa.select(earlier.c.number)
                .where(
                    earlier.c.incident_key == _c.incident_key,
                    earlier.c.channel == _c.channel,
                    earlier.c.number < _c.number,
                    earlier.c.status.in_(_PENDING),
                    earlier.c.batch.is_not(None) | (earlier.c.due_at > _text(now)),
                )
                .exists()
            )
            most = _MOST_IN_BATCH if together else 1
            fresh = due.where(_c.batch.is_(None), ~blocked).order_by(_c.number).limit(most)
            rows = connection.execute(fresh).all()
            if not rows:
                return []
            numbers, batch = [row.number for row in rows], rows[0].number
            connection.execute(sa.update(notices).where(_c.number.in_(numbers)).values(batch=batch))
            return [msgspec.structs.replace(_saved(row), batch=batch) for row in rows]

    def mark_sent(self, numbers: Sequence[int], *, now: datetime) -> None:
        """Note that the receiver has taken a message."""
        self._update(
            numbers, status="sent", sent_at=_text(now), attempts=_c.attempts + 1, last_error=None
        )

    def mark_failed(self, numbers: Sequence[int], error: str, *, due_at: datetime) -> None:
        """Note that a message was not taken, and when to try again."""
        self._update(
            numbers,
            status="waiting",
            attempts=_c.attempts + 1,
            last_error=error,
            due_at=_text(due_at),
        )

    def mark_dead(self, numbers: Sequence[int], error: str) -> None:
        """Note that a message was not taken and is given up."""
        self._update(numbers, status="dead", attempts=_c.attempts + 1, last_error=error)

    def mark_dropped(self, numbers: Sequence[int], why: str) -> None:
        """Note that nobody needs to be told any more."""
        self._update(numbers, status="dropped", last_error=why)

    def hurry(self, channel: str, *, now: datetime) -> None:
        """Make what failed before due at once: the receiver is there again."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(notices)
                .where(_c.channel == channel, _c.status == "waiting", _c.batch.is_not(None))
                .values(due_at=_text(now))
            )

    def retry(self, number: int, *, actor: str, now: datetime) -> list[SavedNotice]:
        """Make a dead message due again, audited, and return all that is due by that.

        Raises
        ------
        SettingsError
            If there is no such notice, or it is not dead.
        """
        with self._database.writing() as connection:
            found = connection.execute(sa.select(notices).where(_c.number == number)).first()
            if found is None:
                raise SettingsError(
                    f"there is no notice {number}; list them to see which there are"
                )
            if found.status != "dead":
                message = (
                    f"notice {number} is {found.status}; only a dead one is sent again by hand"
                )
                raise SettingsError(message)
            same = (_c.number == number) | (_c.batch == found.batch)
            keys = sa.select(_c.incident_key).where(same, _c.channel == found.channel)
            # With it what follows on it, which was not sent for that reason.
            chosen = (
                _c.incident_key.in_(connection.execute(keys).scalars().all())
                & (_c.channel == found.channel)
                & (_c.status == "dead")
            )
            query = sa.select(notices).where(chosen).order_by(_c.number)
            rows = [_saved(row) for row in connection.execute(query)]
            values = {"status": "waiting", "due_at": _text(now)}
            connection.execute(sa.update(notices).where(chosen).values(**values))
            details = {"notices": [row.number for row in rows], "channel": found.channel}
            append_entry(connection, actor, "alert.retry", details, now=now)
        return [msgspec.structs.replace(row, status="waiting", due_at=now) for row in rows]

    def unfinished(self) -> list[str]:
        """Return the keys of the incidents that some channel was told to have opened, not ended."""
        ended = notices.alias()
        has_ended = (
            sa.select(ended.c.number)
            .where(
                ended.c.incident_key == _c.incident_key,
                ended.c.channel == _c.channel,
                ended.c.event == "resolved",
            )
            .exists()
        )
        query = sa.select(_c.incident_key).distinct()
        query = query.where(_c.event == "opened", _c.status.in_((*_PENDING, "sent")), ~has_ended)
        with self._database.reading() as connection:
            return [
                str(key) for key in connection.execute(query.order_by(_c.incident_key)).scalars()
            ]

    def abandon_others(self, channels: Collection[str]) -> None:
        """Give up what waits for channels that are not among these."""
        gone = "the channel is no longer in the settings"
        with self._database.writing() as connection:
            connection.execute(
                sa.update(notices)
                .where(_c.status.in_(_PENDING), _c.channel.not_in(list(channels)))
                .values(status="dead", last_error=gone)
            )

    def prune(self, *, now: datetime) -> int:
        """Remove what was told more than 400 days ago, and return how many notices that were.

        All of an incident go together, and only when it is over for all who were told of it: so
        nothing is told twice.
        """
        before = _text(now - NOTICES_KEPT)
        other, ended = notices.alias(), notices.alias()
        is_over = (
            sa.select(ended.c.number)
            .where(
                ended.c.incident_key == other.c.incident_key,
                ended.c.channel == other.c.channel,
                ended.c.event == "resolved",
            )
            .exists()
        )
        stays = (
            other.c.status.in_(_PENDING)
            | (other.c.created_at >= before)
            | (other.c.due_at >= before)
            | (sa.func.coalesce(other.c.sent_at, "") >= before)
            | ((other.c.event == "opened") & (other.c.status == "sent") & ~is_over)
        )
        needed = sa.select(other.c.incident_key).where(stays)
        old = (_c.created_at < before) & _c.incident_key.not_in(needed)
        with self._database.reading() as connection:
            if connection.execute(sa.select(_c.number).where(old).limit(1)).first() is None:
                return 0
        with self._database.writing() as connection:
            return connection.execute(sa.delete(notices).where(old)).rowcount

    def last_sent(self, channel: str) -> datetime | None:
        """Return when the channel's receiver took a message last."""
        query = sa.select(sa.func.max(_c.sent_at)).where(_c.channel == channel, _c.status == "sent")
        with self._database.reading() as connection:
            last = connection.execute(query).scalar()
        return None if last is None else datetime.fromisoformat(last)

    def counts(self) -> list[NoticeCount]:
        """Return how many notices stand how, by channel."""
        query = sa.select(_c.channel, _c.status, sa.func.count().label("count"))
        query = query.group_by(_c.channel, _c.status).order_by(_c.channel, _c.status)
        with self._database.reading() as connection:
            return [NoticeCount(**row._mapping) for row in connection.execute(query)]

    def changes(self) -> int:
        """Return a number that changes with every notice, attempt and end of one."""
        ended = sa.func.sum(sa.case((_c.status.in_(("sent", "dead", "dropped")), 1), else_=0))
        query = sa.select(sa.func.count(), sa.func.sum(_c.attempts), ended)
        with self._database.reading() as connection:
            return sum(int(part or 0) for part in connection.execute(query).one())

    def _select(
        self,
        wanted: sa.ColumnElement[bool],
        *,
        order: sa.ColumnElement[int] = _c.number,
        limit: int | None = None,
    ) -> list[SavedNotice]:
        query = sa.select(notices).where(wanted).order_by(order).limit(limit)
        with self._database.reading() as connection:
            return [_saved(row) for row in connection.execute(query)]

    def _update(self, numbers: Sequence[int], **values: object) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.update(notices).where(_c.number.in_(numbers)).values(**values))


def _due(channel: str, now: datetime) -> sa.Select[tuple[object, ...]]:
    return sa.select(notices).where(
        _c.channel == channel, _c.status.in_(_PENDING), _c.due_at <= _text(now)
    )


def _saved(row: sa.Row[tuple[object, ...]]) -> SavedNotice:
    fields = {str(column.name): row._mapping[column.name] for column in _c}
    return msgspec.convert(fields, SavedNotice)


def _text(moment: datetime) -> str:
    # Always as long, so that texts sort as the moments do.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
