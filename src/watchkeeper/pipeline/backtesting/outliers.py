"""Outliers of a backtest: rows picked while tables pass, held against the reference's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import Schema
from watchkeeper.pipeline.cutting import microseconds, to_microseconds
from watchkeeper.pipeline.preparation import Plan
from watchkeeper.pipeline.reference_outliers import ReferenceOutliers
from watchkeeper.pipeline.result_outliers import BacktestOutliers
from watchkeeper.stats import wilson

_MOST_LEARNED: Final = 20_000
_MOST_SCORED: Final = 200_000
_MOST_COLUMNS: Final = 10

Ints = NDArray[np.int64]


class OutlierTally:
    """Learns from the reference's tables as they pass, and scores those after it.

    Parameters
    ----------
    reference_rows, rows
        About how many there are; of more than 20,000 and 200,000 every so many is looked at.
    """

    def __init__(self, schema: Schema, plan: Plan, *, reference_rows: int, rows: int) -> None:
        self._schema, self._plan = schema, plan
        self._strides = -(-reference_rows // _MOST_LEARNED) or 1, -(-rows // _MOST_SCORED) or 1
        self._learned: list[pa.Table] = []
        self._places: list[Ints] = []
        self._flags: list[NDArray[np.bool_]] = []
        self._told: Counter[str] = Counter()
        self._known: ReferenceOutliers | None = None

    def learning(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Pass the reference's tables on."""
        seen = 0
        for table in tables:
            picked = _picked(seen, table.num_rows, self._strides[0])
            self._learned.append(table.take(pa.array(picked)))
            seen += table.num_rows
            yield table

    def scoring(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Pass the tables after the reference on."""
        if self._learned:
            reference = pa.concat_tables(self._learned, promote_options="permissive")
            self._known = ReferenceOutliers.of(reference, self._schema)
            self._learned.clear()
        seen = 0
        for table in tables:
            if self._known is not None:
                self._score(self._known, table, seen)
            seen += table.num_rows
            yield table

    def result(self, starts: Sequence[datetime | None]) -> BacktestOutliers | None:
        """Return what was found in buckets that begin so; ``None`` if nothing can be said."""
        if self._known is None or not self._places:
            return None
        flags = np.concatenate(self._flags)
        buckets = self._buckets(np.concatenate(self._places), starts)
        inside = (buckets >= 0) & (buckets < len(starts))
        if not inside.any():
            return None
        flags, buckets = flags[inside], buckets[inside]
        many, rows = int(flags.sum()), len(flags)
        low, high = wilson(many / rows, rows)
        scorer = self._known.scorer
        counts = np.bincount(buckets, minlength=len(starts)).tolist()
        outliers = np.bincount(buckets[flags], minlength=len(starts)).tolist()
        ratios = [
            (None, None, None) if not count else (some / count, *wilson(some / count, count))
            for some, count in zip(outliers, counts, strict=True)
        ]
        shown = [tuple(None if v is None else float(f"{v:.6g}") for v in one) for one in ratios]
        return BacktestOutliers(
            reference_ratio=float(f"{scorer.share:.6g}"),
            ratio=float(f"{many / rows:.6g}"),
            low=float(f"{low:.6g}"),
            high=float(f"{high:.6g}"),
            rows=rows,
            risen=low > wilson(scorer.share, scorer.rows)[1],
            columns=tuple(name for name, _ in self._told.most_common(_MOST_COLUMNS)),
            bucket_ratio=tuple(one[0] for one in shown),
            bucket_low=tuple(one[1] for one in shown),
            bucket_high=tuple(one[2] for one in shown),
        )

    def _score(self, known: ReferenceOutliers, table: pa.Table, seen: int) -> None:
        picked = _picked(seen, table.num_rows, self._strides[1])
        rows = table.take(pa.array(picked))
        found = known.score(rows)
        self._flags.append(found.flagged)
        self._told.update(name for names in found.columns for name in names)
        timed = self._plan.bucketing.length is not None and self._plan.time_column is not None
        if timed and self._plan.time_column is not None:
            self._places.append(microseconds(rows, self._plan.time_column))
        else:
            self._places.append(seen + picked)

    def _buckets(self, places: Ints, starts: Sequence[datetime | None]) -> Ints:
        """Return the bucket of each row that was looked at, by its time or its number."""
        if self._plan.bucketing.rows is not None:
            by_number: Ints = places // self._plan.bucketing.rows
            return by_number
        edges = np.array([to_microseconds(one) for one in starts if one is not None])
        by_time: Ints = np.searchsorted(edges, places, side="right").astype(np.int64) - 1
        return by_time


def _picked(seen: int, rows: int, stride: int) -> Ints:
    """Return which rows of a table are looked at, so many having passed before it."""
    return np.arange(-seen % stride, rows, stride, dtype=np.int64)
