"""A model's stored rows cut into buckets and profiled, as they had arrived at some moment."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow.compute as pc

from watchkeeper.pipeline.baselining import WatchSetup
from watchkeeper.pipeline.bucketed import row_profiles, time_profiles
from watchkeeper.pipeline.stored import TIME, in_tables, stored_rows
from watchkeeper.profiles import BucketProfile, Profiler
from watchkeeper.store import Store


def first_bucket(setup: WatchSetup) -> datetime:
    """Return the start of bucket 0."""
    bucketing = setup.bucketing()
    if bucketing.length is None:
        return setup.begins
    return bucketing.start_of(setup.begins, zone=ZoneInfo(setup.timezone))


def profiles_between(
    store: Store,
    setup: WatchSetup,
    profiler: Profiler,
    start: datetime,
    end: datetime,
    up_to_sequence: int,
) -> list[BucketProfile]:
    """Profile the buckets of time from ``start`` to ``end`` with the rows that had arrived."""
    since = max(start, setup.begins)
    rows = stored_rows(store, setup.model, start=since, end=end, up_to_sequence=up_to_sequence)
    return list(
        time_profiles(
            in_tables(rows),
            profiler,
            setup.bucketing(),
            time_column=TIME,
            zone=ZoneInfo(setup.timezone),
            ordered=True,
            first=start,
            until=end,
        )
    )


def rows_between(
    store: Store,
    setup: WatchSetup,
    profiler: Profiler,
    after_sequence: int,
    up_to_sequence: int,
    offset: int,
) -> list[BucketProfile]:
    """Profile the full buckets of rows, in order of arrival, that follow an offset."""
    rows = stored_rows(
        store,
        setup.model,
        start=setup.begins,
        since_sequence=after_sequence,
        up_to_sequence=up_to_sequence,
    )
    order = pc.sort_indices(rows, sort_keys=[("sequence", "ascending"), (TIME, "ascending")])
    rows = rows.take(order).slice(offset)
    return list(row_profiles(in_tables(rows), profiler, setup.bucketing(), time_column=TIME))
