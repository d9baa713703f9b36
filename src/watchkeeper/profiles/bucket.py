"""What is kept of one bucket of rows: every column's profile, and every segment's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

from watchkeeper.profiles.column import ColumnProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketProfile:
    """Mergeable summary of a bucket.

    Attributes
    ----------
    index
        Place of the bucket in its series; may be negative in the reference.
    start, end
        The rows' times are at or after `start` and before `end`; ``None`` when rows alone define
        the bucket.
    rows
        Rows in it.
    columns
        Profile by column, derived columns included.
    segments
        Profile by column for the rows of a segment, keyed ``name=value``; a segment without rows
        is absent.
    """

    index: int
    start: datetime | None
    end: datetime | None
    rows: int
    columns: dict[str, ColumnProfile]
    segments: dict[str, dict[str, ColumnProfile]] = field(default_factory=dict)


def merge(first: BucketProfile, *others: BucketProfile) -> BucketProfile:
    """Return the profile of all the buckets' rows together.

    Associative and commutative: counts, histograms and sketches exactly, moments to 1e-9. The
    result has the smallest index and start and the largest end.

    Raises
    ------
    DataError
        When the profiles were not counted on the same bins.
    """
    return reduce(_merge_two, others, first)


def _merge_two(a: BucketProfile, b: BucketProfile) -> BucketProfile:
    return BucketProfile(
        index=min(a.index, b.index),
        start=min((t for t in (a.start, b.start) if t is not None), default=None),
        end=max((t for t in (a.end, b.end) if t is not None), default=None),
        rows=a.rows + b.rows,
        columns=_merge_columns(a.columns, b.columns),
        segments={
            name: _merge_columns(a.segments.get(name, {}), b.segments.get(name, {}))
            for name in sorted(a.segments.keys() | b.segments.keys())
        },
    )


def _merge_columns(
    a: dict[str, ColumnProfile], b: dict[str, ColumnProfile]
) -> dict[str, ColumnProfile]:
    merged = dict(a)
    for name, column in b.items():
        merged[name] = merged[name].merge(column) if name in merged else column
    return merged
