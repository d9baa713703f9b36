"""Rows that came after their bucket was judged: found among what is new, and profiled alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.pipeline.baselining import WatchSetup
from watchkeeper.pipeline.bucketed import time_profiles
from watchkeeper.pipeline.cutting import microseconds, to_microseconds
from watchkeeper.pipeline.kept_profile import kept, pack, unpack
from watchkeeper.pipeline.stored import TIME, in_tables, stored_rows
from watchkeeper.profiles import BucketProfile, Profiler, merge
from watchkeeper.store import ClosedBucket, KeptBucket, Store
from watchkeeper.watch import Baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class LateBucket:
    """A judged bucket for which rows have come.

    Attributes
    ----------
    closed
        As it was judged.
    kept
        What is kept of it, with all its late rows; its readings are still those without the new.
    profile, late
        Of the rows that it was judged with, and of all that came after.
    """

    closed: ClosedBucket
    kept: KeptBucket
    profile: BucketProfile
    late: BucketProfile

    @property
    def is_mostly_late(self) -> bool:
        """Whether it was judged with less than half of its rows, or with none."""
        return 2 * self.closed.rows < self.closed.rows + self.late.rows


def late_buckets(
    store: Store,
    setup: WatchSetup,
    baseline: Baseline,
    profiler: Profiler,
    *,
    version: int,
    after: int,
    up_to: int,
    before: datetime,
) -> dict[int, LateBucket]:
    """Return, by number, the buckets for which rows came late.

    Only rows of the journal entries ``after < sequence <= up_to`` with times before ``before``
    are read. Buckets whose profile was not kept, by an older version, are left out.
    """
    rows = stored_rows(
        store,
        setup.model,
        start=setup.begins,
        end=before,
        since_sequence=after,
        up_to_sequence=up_to,
        prices=setup.prices,
    )
    if rows.num_rows == 0:
        return {}
    first, last = rows.column(TIME)[0].as_py(), rows.column(TIME)[-1].as_py()
    closed = store.watch_log.buckets(setup.model, version, holding=(first, last))
    number_of = {_start(bucket): bucket for bucket in closed}
    profiles = _profiles(_late(rows, closed), setup, profiler)
    found = {number_of[to_microseconds(p.start)].number: p for p in profiles if p.start and p.rows}
    if not found:
        return {}
    known = store.kept_buckets.between(setup.model, version, first=min(found), last=max(found))
    by_number = {bucket.number: bucket for bucket in closed}
    return {
        k.number: _with(by_number[k.number], k, kept(found[k.number], baseline), up_to)
        for k in known
        if k.number in found
    }


def _late(rows: pa.Table, closed: list[ClosedBucket]) -> pa.Table:
    """Return the rows that their bucket had not seen when it was judged."""
    starts = np.array([_start(bucket) for bucket in closed], dtype=np.int64)
    seen = np.array([bucket.closed_at_sequence for bucket in closed], dtype=np.int64)
    if not len(starts):
        return rows.slice(0, 0)
    place = np.searchsorted(starts, microseconds(rows, TIME), side="right") - 1
    sequence = rows.column("sequence").to_numpy()
    late = (place >= 0) & (sequence > seen[np.maximum(place, 0)])
    return rows.filter(pa.array(late))


def _profiles(rows: pa.Table, setup: WatchSetup, profiler: Profiler) -> list[BucketProfile]:
    return list(
        time_profiles(
            in_tables(rows),
            profiler,
            setup.bucketing(),
            time_column=TIME,
            zone=ZoneInfo(setup.timezone),
            ordered=True,
        )
    )


def _with(closed: ClosedBucket, known: KeptBucket, late: BucketProfile, up_to: int) -> LateBucket:
    if known.late is not None:
        late = merge(unpack(known.late), late)
    revised = msgspec.structs.replace(
        known, late=pack(late), late_rows=late.rows, revised_at_sequence=up_to
    )
    return LateBucket(closed=closed, kept=revised, profile=unpack(known.profile), late=late)


def _start(bucket: ClosedBucket) -> int:
    assert bucket.start is not None
    return to_microseconds(datetime.fromisoformat(bucket.start))
