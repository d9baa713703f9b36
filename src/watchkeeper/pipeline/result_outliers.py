"""How many of a backtest's rows are unlike all of its reference's."""

from __future__ import annotations

import msgspec


class BacktestOutliers(msgspec.Struct, frozen=True, kw_only=True):
    """Rows after the reference that are outliers of it; of many, every so many was looked at.

    Attributes
    ----------
    reference_ratio
        Part of the reference's own rows that are outliers of its others, 0 to 1.
    ratio, low, high
        Part of the rows after it, with its interval at 95 %.
    rows
        How many of these were looked at.
    risen
        Whether there are more than in the reference, beyond what chance does.
    columns
        By which they are outliers, most first.
    bucket_ratio, bucket_low, bucket_high
        The same of each monitored bucket; ``None`` where none of its rows was looked at.
    """

    reference_ratio: float
    ratio: float
    low: float
    high: float
    rows: int
    risen: bool
    columns: tuple[str, ...]
    bucket_ratio: tuple[float | None, ...]
    bucket_low: tuple[float | None, ...]
    bucket_high: tuple[float | None, ...]
