"""A model's stored rows cut into buckets and profiled, as they had arrived at some moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.pipeline.baselining import WatchSetup
from watchkeeper.pipeline.bucketed import row_profiles, time_profiles
from watchkeeper.pipeline.cutting import microseconds, to_microseconds
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
    rows = stored_rows(
        store,
        setup.model,
        start=since,
        end=end,
        up_to_sequence=up_to_sequence,
        prices=setup.prices,
    )
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place among a model's rows in order of arrival, those of one journal entry by their time.

    It stays the same place when rows before it are removed.

    Attributes
    ----------
    after_sequence
        Rows of journal entries up to this one lie before it.
    time
        Of the next entry, rows of earlier times lie before it, too.
    offset
        And so many of that very time; of all that follow, where there is no time.
    """

    after_sequence: int = 0
    time: datetime | None = None
    offset: int = 0


def row_buckets(
    store: Store,
    setup: WatchSetup,
    profiler: Profiler,
    begin: Place,
    *,
    up_to_sequence: int,
    most: int | None = None,
) -> tuple[list[BucketProfile], Place]:
    """Profile the full buckets of rows that follow a place; return also where they end.

    Parameters
    ----------
    most
        So many buckets at the most.
    """
    rows = stored_rows(
        store,
        setup.model,
        start=setup.begins,
        since_sequence=begin.after_sequence,
        up_to_sequence=up_to_sequence,
        prices=setup.prices,
    )
    order = pc.sort_indices(rows, sort_keys=[("sequence", "ascending"), (TIME, "ascending")])
    rows = rows.take(order)
    bucketing = setup.bucketing()
    skipped = _before(rows, begin)
    tables = in_tables(rows.slice(skipped))
    profiles = list(row_profiles(tables, profiler, bucketing, time_column=TIME))[:most]
    if not profiles:
        return [], begin
    return profiles, _place_after(rows, skipped + (bucketing.rows or 0) * len(profiles))


def _before(rows: pa.Table, place: Place) -> int:
    """Return how many of the rows after a place's entry, in order of arrival, lie before it."""
    if place.time is None:
        return place.offset
    sequences = rows.column("sequence").to_numpy()
    of_entry = int(np.searchsorted(sequences, place.after_sequence + 1, side="right"))
    times = microseconds(rows, TIME)[:of_entry]
    earlier = int(np.searchsorted(times, to_microseconds(place.time)))
    same = int(np.searchsorted(times, to_microseconds(place.time), side="right")) - earlier
    return earlier + min(place.offset, same)


def _place_after(rows: pa.Table, number: int) -> Place:
    """Return the place after the first rows, one or more."""
    last = rows.column("sequence")[number - 1].as_py()
    time = rows.column(TIME)[number - 1].as_py()
    sequences = rows.column("sequence").to_numpy()[:number]
    of_entry = microseconds(rows, TIME)[:number][int(np.searchsorted(sequences, last)) :]
    same = len(of_entry) - int(np.searchsorted(of_entry, to_microseconds(time)))
    return Place(after_sequence=last - 1, time=time, offset=same)
