"""What a backtest found, as one value that reports render and scripts read."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from watchkeeper.pipeline.result_outliers import BacktestOutliers
from watchkeeper.pipeline.result_performance import BacktestPerformance
from watchkeeper.watch.incidents import Incident, NotEnough


class ColumnHistory(msgspec.Struct, frozen=True, kw_only=True):
    """One column's course over the monitored buckets, beside what was expected of it.

    Every sequence has one entry per monitored bucket; ``None`` where a bucket had no usable rows.

    Attributes
    ----------
    name, type
        The column and how it was profiled.
    segment
        ``""`` for all rows, else ``name=value``.
    measure
        What the numbers are, for example ``mean`` or ``share of 'UA'``.
    observed
        The measure in each bucket, in the units of the column (0 to 1 for a share).
    expected, low, high
        What the baseline expected of the bucket, season included, and the band around it in
        which an ordinary bucket lies.
    cycles
        The cycles that were found, for example ``("hour of day", "day of week")``.
    null_ratio
        Share of nulls in each bucket, 0 to 1.
    """

    name: str
    type: str
    segment: str = ""
    measure: str = "mean"
    observed: tuple[float | None, ...]
    expected: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    cycles: tuple[str, ...] = ()
    null_ratio: tuple[float | None, ...] = ()


class BacktestResult(msgspec.Struct, frozen=True, kw_only=True):
    """What would have been told about a data set, had it been watched.

    Buckets count from 0 at the first one after the reference.

    Attributes
    ----------
    data
        What was watched, as a person would call it (a file's name).
    rows, reference_rows
        Rows after the reference, and in it.
    reference_buckets, reference_start, reference_end
        The reference's extent; the times are ``None`` when buckets are counted in rows. The end
        is the first moment after the reference.
    buckets, bucket
        How many buckets were monitored, and how long each is, for example ``1d`` or ``1000rows``.
    budget, false_alarm_budget_buckets
        The budget as it was stated, and the same as mean buckets between two false alarms.
    incidents, not_enough_data
        What was told, oldest first, and what could not be said.
    ignored
        Columns that were not watched, with the reason.
    starts
        Start of each monitored bucket; ``None`` when buckets are counted in rows.
    evidence
        Evidence at the end of each bucket as a multiple of the threshold; 1 or more is an alarm.
    columns
        The course of each watched column.
    conclusive
        Whether the reference sufficed to watch anything at all.
    time_zone
        IANA name of the zone in which times are shown to people; the times themselves are UTC.
    outliers
        Rows that are unlike all of the reference's; ``UNSET`` where the reference is too short to
        tell.
    performance
        How good the predictions were; ``UNSET`` where no label was named.
    """

    data: str
    rows: int
    reference_rows: int
    reference_buckets: int
    reference_start: datetime | None
    reference_end: datetime | None
    buckets: int
    bucket: str
    budget: str
    false_alarm_budget_buckets: float
    incidents: tuple[Incident, ...]
    not_enough_data: tuple[NotEnough, ...]
    ignored: dict[str, str]
    starts: tuple[datetime | None, ...]
    evidence: tuple[float, ...]
    columns: tuple[ColumnHistory, ...]
    conclusive: bool = True
    time_zone: str = "UTC"
    outliers: BacktestOutliers | UnsetType = UNSET
    performance: BacktestPerformance | UnsetType = UNSET
