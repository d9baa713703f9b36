"""What a watch has decided so far: baselines, closed buckets, incidents, and where to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from watchkeeper.errors import BusyError
from watchkeeper.store.audit import append_entry
from watchkeeper.store.database import Database
from watchkeeper.store.decisions import last_adoption, next_bucket
from watchkeeper.store.judgements import (
    ClosedBucket,
    Judgement,
    SavedBaseline,
    SavedIncident,
    SavedProgress,
    TrackedIncident,
)
from watchkeeper.store.kept_buckets import KeptBucket, keep
from watchkeeper.store.outlier_log import NewScorer, enter_scorer
from watchkeeper.store.recording import (
    go_on,
    keep_judgement,
    progress_of,
    require_progress,
    upsert_incident,
)
from watchkeeper.store.tables import baselines, closed_buckets, incidents, progress


class WatchLog:
    """The part of the state database that belongs to watches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_baseline(
        self,
        model: str,
        payload: bytes,
        *,
        note: str,
        actor: str,
        now: datetime,
        closed: Sequence[SavedIncident] = (),
        outliers: NewScorer | None = None,
    ) -> int:
        """Keep a new version, audited, and return its number (from 1).

        Parameters
        ----------
        closed
            Incidents of the version before that its adoption closes, in the same transaction.
        outliers
            Scores predictions that come from now on; ``None`` for nothing that does.
        """
        with self._database.writing() as connection:
            latest = connection.execute(
                sa.select(sa.func.max(baselines.c.version)).where(baselines.c.model == model)
            ).scalar()
            version = int(latest or 0) + 1
            connection.execute(
                sa.insert(baselines).values(
                    model=model,
                    version=version,
                    created_at=now.isoformat(),
                    note=note,
                    payload=payload,
                )
            )
            details = {"model": model, "version": version, "note": note}
            append_entry(connection, actor, "baseline.save", details, now=now)
            enter_scorer(connection, model, version, outliers)
            for incident in closed:
                upsert_incident(connection, model, version - 1, incident, actor, now)
            return version

    def baseline(self, model: str, version: int | None = None) -> SavedBaseline | None:
        """Return a version of a baseline, by default the newest."""
        query = sa.select(baselines).where(baselines.c.model == model)
        if version is not None:
            query = query.where(baselines.c.version == version)
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(baselines.c.version.desc()).limit(1)).first()
        return None if row is None else SavedBaseline(**row._mapping)

    def watched(self) -> dict[str, int]:
        """Return the models that have a baseline, each with the number of its newest."""
        query = sa.select(baselines.c.model, sa.func.max(baselines.c.version))
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(baselines.c.model).order_by("model"))
            return {str(model): int(version) for model, version in rows}

    def judged(self) -> int:
        """Return a number that grows whenever buckets are judged or revised, of any model."""
        with self._database.reading() as connection:
            return int(
                connection.execute(sa.select(sa.func.sum(progress.c.revision))).scalar() or 0
            )

    def progress(self, model: str) -> SavedProgress | None:
        """Return where the model's watch stands."""
        with self._database.reading() as connection:
            return progress_of(connection, model)

    def record(
        self,
        model: str,
        baseline_version: int,
        judgement: Judgement,
        *,
        following: SavedProgress | None,
        now: datetime,
        adoptions_up_to: int = 0,
    ) -> bool:
        """Keep the buckets after those judged so far, and what they changed, all or nothing.

        An incident that opens or closes is audited in the same transaction.

        Parameters
        ----------
        following
            The progress that the watch went on from.
        adoptions_up_to
            Number of the newest adoption that the buckets were judged with.

        Returns
        -------
        Whether they were kept. They were not if another adoption was decided meanwhile: judge them
        again with it.

        Raises
        ------
        BusyError
            If another watch of the model got ahead.
        """
        with self._database.writing() as connection:
            if last_adoption(connection, model, baseline_version) != adoptions_up_to:
                return False
            next_index = next_bucket(connection, model, baseline_version)
            first = judgement.buckets[0].number if judgement.buckets else next_index
            if first < next_index:
                message = (
                    f"bucket {first} of {model!r} was judged already, by another watch; leave it"
                    " to that one"
                )
                raise BusyError(message)
            require_progress(connection, model, following)
            keep_judgement(connection, model, baseline_version, judgement, now)
            return True

    def rejudge(
        self,
        model: str,
        baseline_version: int,
        judgement: Judgement,
        *,
        withdrawn: Sequence[SavedIncident],
        why: Mapping[str, object],
        following: SavedProgress | None,
        now: datetime,
    ) -> None:
        """Put a new judgement of the last buckets in place of the old one, all or nothing.

        It is audited with ``why``. Incidents that it does not find any more are kept as given.

        Raises
        ------
        BusyError
            If another watch of the model got ahead.
        """
        with self._database.writing() as connection:
            require_progress(connection, model, following)
            append_entry(connection, "watch", "watch.reopen", {"model": model, **why}, now=now)
            c = closed_buckets.c
            connection.execute(
                sa.delete(closed_buckets).where(
                    c.model == model,
                    c.baseline_version == baseline_version,
                    c.number >= judgement.buckets[0].number,
                )
            )
            keep_judgement(connection, model, baseline_version, judgement, now)
            for incident in withdrawn:
                upsert_incident(
                    connection,
                    model,
                    baseline_version,
                    incident,
                    "watch",
                    now,
                    action="incident.withdraw",
                )

    def revise(
        self,
        model: str,
        baseline_version: int,
        kept: Sequence[KeptBucket],
        *,
        state: bytes,
        following: SavedProgress,
    ) -> None:
        """Keep judged buckets with the rows that came late; their judgement stands.

        Raises
        ------
        BusyError
            If another watch of the model got ahead.
        """
        with self._database.writing() as connection:
            require_progress(connection, model, following)
            keep(connection, model, baseline_version, kept)
            go_on(connection, model, baseline_version, following.next_index, state)

    def buckets(
        self,
        model: str,
        baseline_version: int,
        *,
        first: int = 0,
        last: int | None = None,
        holding: tuple[datetime, datetime] | None = None,
    ) -> list[ClosedBucket]:
        """Return the judged buckets, in order.

        Parameters
        ----------
        first, last
            Only these numbers and those between.
        holding
            Two times; only the buckets of time that hold them, and those between.
        """
        c = closed_buckets.c
        query = _of_buckets(model, baseline_version).where(c.number >= first).order_by(c.number)
        if last is not None:
            query = query.where(c.number <= last)
        if holding is not None:
            low, high = (time.astimezone(UTC).isoformat() for time in holding)
            query = query.where(c.end > low, c.start <= high)
        with self._database.reading() as connection:
            return [ClosedBucket(**row._mapping) for row in connection.execute(query)]

    def bucket_at(self, model: str, baseline_version: int, time: datetime) -> ClosedBucket | None:
        """Return the judged bucket of time that holds a moment."""
        c, moment = closed_buckets.c, time.astimezone(UTC).isoformat()
        query = _of_buckets(model, baseline_version).where(c.start <= moment, c.end > moment)
        with self._database.reading() as connection:
            row = connection.execute(query.limit(1)).first()
        return None if row is None else ClosedBucket(**row._mapping)

    def newest_buckets(
        self, model: str, baseline_version: int, *, most: int, before: datetime | None = None
    ) -> list[ClosedBucket]:
        """Return the last so many judged buckets that begin before a time, in order."""
        c = closed_buckets.c
        query = _of_buckets(model, baseline_version)
        if before is not None:
            moment = before.astimezone(UTC).isoformat()
            query = query.where(sa.or_(c.start.is_(None), c.start < moment))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(c.number.desc()).limit(most)).all()
        return [ClosedBucket(**row._mapping) for row in reversed(rows)]

    def last_bucket(self, model: str, baseline_version: int) -> ClosedBucket | None:
        """Return the bucket that was judged last, ``None`` if none was."""
        return next(iter(self.newest_buckets(model, baseline_version, most=1)), None)

    def incidents(
        self, model: str, baseline_version: int, *, is_open: bool = False
    ) -> list[SavedIncident]:
        """Return the incidents as last told, in the order they opened.

        Parameters
        ----------
        is_open
            Only those that have not closed.
        """
        c = incidents.c
        query = (
            sa.select(c.incident_id, c.opened_bucket, c.closed_bucket, c.payload)
            .where(c.model == model, c.baseline_version == baseline_version)
            .order_by(c.opened_bucket, c.incident_id)
        )
        if is_open:
            query = query.where(c.closed_bucket.is_(None))
        with self._database.reading() as connection:
            return [SavedIncident(**row._mapping) for row in connection.execute(query)]

    def tracked(
        self,
        model: str | None = None,
        version: int | None = None,
        incident_id: str | None = None,
    ) -> list[TrackedIncident]:
        """Return incidents of all watches there ever were, in the order they opened.

        Parameters
        ----------
        model, version, incident_id
            Only of these.
        """
        c, b = incidents.c, baselines.c
        following = sa.and_(b.model == c.model, b.version == c.baseline_version + 1)
        query = (
            sa.select(incidents, b.created_at.label("replaced_at"))
            .outerjoin_from(incidents, baselines, following)
            .order_by(c.model, c.baseline_version, c.opened_bucket, c.incident_id)
        )
        for column, wanted in (
            (c.model, model),
            (c.baseline_version, version),
            (c.incident_id, incident_id),
        ):
            if wanted is not None:
                query = query.where(column == wanted)
        names = TrackedIncident.__struct_fields__
        with self._database.reading() as connection:
            return [
                TrackedIncident(**{name: row._mapping[name] for name in names})
                for row in connection.execute(query)
            ]


def _of_buckets(model: str, baseline_version: int) -> sa.Select[tuple[object, ...]]:
    c = closed_buckets.c
    return sa.select(c.number, c.start, c.end, c.rows, c.closed_at_sequence, c.evidence).where(
        c.model == model, c.baseline_version == baseline_version
    )
