"""What has grown older than it shall be kept is removed; judgments and incidents stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from watchkeeper.events import RetentionSettings, parse_duration
from watchkeeper.store import catalog
from watchkeeper.store.audit import append_entry
from watchkeeper.store.catalog import SealedFile, microseconds_of, time_of
from watchkeeper.store.columns import Kind
from watchkeeper.store.database import Database
from watchkeeper.store.lock import FileLock
from watchkeeper.store.operating import Operating
from watchkeeper.store.rewriting import Replacement, read_columns, remove_old, replace, without
from watchkeeper.store.sealing import journal_tables, known_types, seal_locked
from watchkeeper.store.tables import bucket_profiles, closed_buckets

_LONG: Final = timedelta(days=10)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_ACTOR: Final = "retention"


class Expired(msgspec.Struct, frozen=True, kw_only=True):
    """What of a model was removed, or would be.

    Attributes
    ----------
    before
        Events of earlier times went; ``None`` if events are kept for ever.
    files_removed, files_rewritten
        Sealed files of which no row stayed, and those of which some did.
    profiles
        Buckets whose profile went.
    """

    model: str
    before: str | None
    predictions: int = 0
    outcomes: int = 0
    feedback: int = 0
    files_removed: int = 0
    files_rewritten: int = 0
    profiles: int = 0

    @property
    def is_something(self) -> bool:
        """Whether anything went."""
        return bool(self.predictions or self.outcomes or self.feedback or self.profiles)


class ExpiryReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was removed of the models that have a retention in force.

    Attributes
    ----------
    busy
        Another process is sealing or removing, so nothing was done.
    """

    models: list[Expired] = []
    busy: bool = False


class Retention:
    """Removes what is older than the retention of its model allows."""

    def __init__(self, database: Database, folder: Path, operating: Operating) -> None:
        self._database = database
        self._folder = folder
        self._operating = operating

    def look(self, *, now: datetime) -> ExpiryReport:
        """Return what `expire` would remove now; nothing is changed."""
        with FileLock(self._folder / "seal.lock"):
            found = [self._doomed(model, s, now) for model, s in self._in_force().items()]
            return ExpiryReport(models=[self._looked_at(one) for one in found])

    def expire(self, *, now: datetime, actor: str = _ACTOR) -> ExpiryReport:
        """Remove every event that is older than its model's retention, to the microsecond.

        Each model is one transaction, as crash-safe as sealing. The keys of the removed records are
        kept: one that is sent again stays a duplicate.

        Raises
        ------
        StoreError
            If a file that holds older and newer rows is damaged, or the disk is full.
        """
        with FileLock(self._folder / "seal.lock"):
            seal_locked(self._database, self._folder, now=now)
            return self._expire(now=now, actor=actor, grain=None)

    def tidy(self, *, now: datetime) -> ExpiryReport:
        """Remove what is older in steps, as a server does all the while.

        In steps of a day of UTC, or an hour for what is kept less than ten days, so that nearly
        always whole files go and none is written again each time.
        """
        lock = FileLock(self._folder / "seal.lock")
        if not self._in_force():
            return ExpiryReport()
        if not lock.take(wait=False):
            return ExpiryReport(busy=True)
        with lock:
            return self._expire(now=now, actor=_ACTOR, grain=_DAY)

    def oldest(self, model: str) -> int | None:
        """Return the earliest of the last times of a model's files, microseconds since 1970."""
        with self._database.reading() as connection:
            files = catalog.all_files(connection)
        return min((file.last_time for file in files if file.model == model), default=None)

    def _looked_at(self, doomed: _Doomed) -> Expired:
        """Count what is to go, by reading the times of rows that lie beside others that stay."""
        old: list[tuple[Kind, int]] = []
        for file in doomed.straddling:
            table = read_columns(self._folder, file, ["time"])
            old.append((file.kind, doomed.old_rows(table)))
        if doomed.before is not None:
            with self._database.reading() as connection:
                waiting = journal_tables(connection, known_types(connection), model=doomed.model)
                old += [(kind, doomed.old_rows(table)) for _, kind, table in waiting]
        return doomed.expired(old, rewritten=len(doomed.straddling))

    def _in_force(self) -> dict[str, RetentionSettings]:
        return {
            model: settings.retention
            for model, settings in self._operating.models().items()
            if settings.retention is not None
        }

    def _expire(self, *, now: datetime, actor: str, grain: timedelta | None) -> ExpiryReport:
        done = []
        for model, settings in self._in_force().items():
            doomed = self._doomed(model, settings, now, grain=grain)
            replacements = list(doomed.replacements(self._folder))
            removed = [(one.old.kind, one.removed) for one in replacements]
            expired = doomed.expired(removed, rewritten=len(replacements))
            if expired.is_something:
                with self._database.writing() as connection:
                    catalog.strike(connection, [file.path for file in doomed.whole])
                    replace(connection, replacements, now=now)
                    _remove_profiles(connection, model, doomed.profiles)
                    details = msgspec.to_builtins(expired)
                    append_entry(connection, actor, "events.expire", details, now=now)
                gone = [Replacement(old=file, new=(), removed=file.rows) for file in doomed.whole]
                remove_old(self._folder, [*gone, *replacements])
            done.append(expired)
        return ExpiryReport(models=done)

    def _doomed(
        self,
        model: str,
        settings: RetentionSettings,
        now: datetime,
        *,
        grain: timedelta | None = None,
    ) -> _Doomed:
        doomed = _Doomed(model=model)
        with self._database.reading() as connection:
            if settings.events is not None:
                kept_for = parse_duration(settings.events)
                doomed.before = _cut(now, kept_for, grain)
                before = microseconds_of(doomed.before)
                files = [f for f in catalog.all_files(connection) if f.model == model]
                doomed.whole = [f for f in files if f.last_time < before]
                doomed.straddling = [f for f in files if f.first_time < before <= f.last_time]
            if settings.profiles is not None:
                before_end = now - parse_duration(settings.profiles)
                doomed.profiles = _old_profiles(connection, model, before_end)
        return doomed


@dataclass(slots=True, kw_only=True)
class _Doomed:
    """What of a model is to go."""

    model: str
    before: datetime | None = None
    whole: list[SealedFile] = field(default_factory=list)
    straddling: list[SealedFile] = field(default_factory=list)
    profiles: list[tuple[int, int]] = field(default_factory=list)

    def is_old(self, table: pa.Table) -> pa.ChunkedArray:
        assert self.before is not None
        return pc.less(table.column("time").cast(pa.int64()), microseconds_of(self.before))

    def replacements(self, folder: Path) -> Iterator[Replacement]:
        found = (without(folder, file, self.is_old) for file in self.straddling)
        yield from (one for one in found if one is not None)

    def old_rows(self, table: pa.Table) -> int:
        return int(pc.sum(self.is_old(table)).as_py() or 0)

    def expired(self, others: Sequence[tuple[Kind, int]], *, rewritten: int) -> Expired:
        """Count it, with the rows that go from among others that stay."""
        removed = [*((file.kind, file.rows) for file in self.whole), *others]
        rows: dict[Kind, int] = {}
        for kind, count in removed:
            rows[kind] = rows.get(kind, 0) + count
        return Expired(
            model=self.model,
            before=None if self.before is None else self.before.isoformat(),
            predictions=rows.get("prediction", 0),
            outcomes=rows.get("outcome", 0),
            feedback=rows.get("feedback", 0),
            files_removed=len(self.whole),
            files_rewritten=rewritten,
            profiles=len(self.profiles),
        )


def _cut(now: datetime, kept_for: timedelta, grain: timedelta | None) -> datetime:
    """Return the moment before which events go, as late as the grain of steps allows."""
    before = now - kept_for
    if grain is None:
        return before
    step = grain if kept_for >= _LONG else _HOUR
    microseconds = step // timedelta(microseconds=1)
    return time_of(microseconds_of(before) // microseconds * microseconds)


def _old_profiles(connection: sa.Connection, model: str, before: datetime) -> list[tuple[int, int]]:
    """Return (version, number) of the kept profiles of buckets that ended earlier."""
    b, p = closed_buckets.c, bucket_profiles.c
    same = (p.model == b.model) & (p.baseline_version == b.baseline_version)
    query = (
        sa.select(p.baseline_version, p.number, b.end)
        .select_from(bucket_profiles.join(closed_buckets, same & (p.number == b.number)))
        .where(p.model == model, b.end.is_not(None))
    )
    return [
        (row.baseline_version, row.number)
        for row in connection.execute(query)
        if datetime.fromisoformat(row.end) < before
    ]


def _remove_profiles(
    connection: sa.Connection, model: str, profiles: Sequence[tuple[int, int]]
) -> None:
    c = bucket_profiles.c
    for version, number in profiles:
        connection.execute(
            sa.delete(bucket_profiles).where(
                c.model == model, c.baseline_version == version, c.number == number
            )
        )
