"""What is kept of every judged bucket beside the judgement: its profile, and what it read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import bucket_profiles, closed_buckets


class KeptBucket(msgspec.Struct, frozen=True, kw_only=True):
    """A judged bucket's profile and readings, packed by the watch.

    Attributes
    ----------
    profile
        Of the rows that it was judged with.
    late, late_rows
        Profile and number of the rows that came after.
    readings
        What is shown of it, late rows included; empty for a bucket without rows.
    reopened
        How often it was judged anew because most of its rows had come late.
    revised_at_sequence
        Last journal entry whose late rows were added; ``None`` if none came.
    """

    number: int
    profile: bytes
    readings: bytes
    late: bytes | None = None
    late_rows: int = 0
    reopened: int = 0
    revised_at_sequence: int | None = None


class ReadBucket(msgspec.Struct, frozen=True, kw_only=True):
    """A judged bucket with its readings; ``None`` if it was judged before these were kept."""

    number: int
    start: str | None
    end: str | None
    rows: int
    evidence: float
    late_rows: int
    readings: bytes | None


class KeptBuckets:
    """Judged buckets as they are kept, of one baseline of one model at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def between(
        self, model: str, version: int, *, first: int, last: int | None = None
    ) -> list[KeptBucket]:
        """Return those numbered ``first <= number <= last``, in order, with their profiles."""
        c = bucket_profiles.c
        query = sa.select(*[c[name] for name in KeptBucket.__struct_fields__]).where(
            c.model == model, c.baseline_version == version, c.number >= first
        )
        if last is not None:
            query = query.where(c.number <= last)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(c.number))
            return [KeptBucket(**row._mapping) for row in rows]

    def readings(
        self, model: str, version: int, *, start: datetime | None, end: datetime | None
    ) -> list[ReadBucket]:
        """Return the judged buckets that begin at or after ``start`` and before ``end``, in order.

        Buckets of rows that have no times are always among them.
        """
        b, p = closed_buckets.c, bucket_profiles.c
        same = (
            (p.model == b.model)
            & (p.baseline_version == b.baseline_version)
            & (p.number == b.number)
        )
        query = (
            sa.select(
                b.number,
                b.start,
                b.end,
                b.rows,
                b.evidence,
                sa.func.coalesce(p.late_rows, 0).label("late_rows"),
                p.readings,
            )
            .select_from(closed_buckets.outerjoin(bucket_profiles, same))
            .where(b.model == model, b.baseline_version == version)
        )
        if start is not None:
            query = query.where(
                sa.or_(b.start.is_(None), b.start >= start.astimezone(UTC).isoformat())
            )
        if end is not None:
            query = query.where(
                sa.or_(b.start.is_(None), b.start < end.astimezone(UTC).isoformat())
            )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(b.number))
            return [ReadBucket(**row._mapping) for row in rows]


def keep(
    connection: sa.Connection, model: str, version: int, buckets: Sequence[KeptBucket]
) -> None:
    """Keep buckets, each in place of itself if it was kept before."""
    if not buckets:
        return
    own = {"model": model, "baseline_version": version}
    c = bucket_profiles.c
    connection.execute(
        sa.delete(bucket_profiles).where(
            c.model == model,
            c.baseline_version == version,
            c.number == sa.bindparam("kept_number"),
        ),
        [{"kept_number": bucket.number} for bucket in buckets],
    )
    connection.execute(
        sa.insert(bucket_profiles), [own | msgspec.structs.asdict(bucket) for bucket in buckets]
    )
