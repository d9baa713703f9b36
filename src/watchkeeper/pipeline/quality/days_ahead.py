"""Rows of days that are measured one after the other, read together."""

from __future__ import annotations

from collections.abc import Collection
from itertools import takewhile
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.pipeline.quality.day import DayRows, read_rows
from watchkeeper.pipeline.quality.label_lists import few_enough
from watchkeeper.pipeline.quality.plan import QualityPlan
from watchkeeper.store import DAY, QualityLog

_DAYS: Final = 32
_MOST_ROWS: Final = 500_000


class DaysAhead:
    """Reads days back from the one that is asked for, as those before it are asked for next.

    A query takes as long for a day of few predictions as for a month of them. What was read stays
    as it was then: each day is given once, with the journal entry up to which it was read.
    """

    def __init__(self, quality: QualityLog, model: str) -> None:
        self._quality = quality
        self._model = model
        self._plan: QualityPlan | None = None
        self._up_to = 0
        self._days: dict[int, DayRows] = {}

    def read(
        self, plan: QualityPlan, day: int, waiting: Collection[int], *, up_to: int
    ) -> tuple[DayRows, int]:
        """Return a day's rows, and up to which journal entry they are.

        Parameters
        ----------
        day
            Its start, seconds since 1970.
        waiting
            The days that are still to be measured.

        Raises
        ------
        StoreError
            If rows cannot be read.
        """
        if plan != self._plan or day not in self._days:
            self._plan, self._up_to = plan, up_to
            self._days = self._together(plan, day, waiting)
        if day in self._days:
            return self._days.pop(day), self._up_to
        rows = read_rows(
            self._quality, self._model, plan, start=day, end=day + DAY, up_to=self._up_to
        )
        return rows, self._up_to

    def _together(
        self, plan: QualityPlan, day: int, waiting: Collection[int]
    ) -> dict[int, DayRows]:
        """Read the days before one with it, so many as are few enough; none if it is alone."""
        if plan.is_ranked:
            return {}
        back = range(day, day - _DAYS * DAY, -DAY)
        days = list(takewhile(lambda start: start in waiting, back))
        counted = self._quality.rows.counted(
            self._model,
            plan.group_columns,
            start=days[-1],
            end=day + DAY,
            up_to=self._up_to,
        )
        counts = {one: _within(counted, one) for one in days}
        totals = np.cumsum([pc.sum(c.column("predictions")).as_py() or 0 for c in counts.values()])
        days = days[: int((totals <= _MOST_ROWS).sum())]
        if len(days) < 2:
            return {}
        labelled = self._quality.rows.labelled(
            self._model, plan.columns, start=days[-1], end=day + DAY, up_to=self._up_to
        )
        return {one: _day(counts[one], _within(labelled, one)) for one in days}


def _day(counted: pa.Table, labelled: pa.Table) -> DayRows:
    kept, one_in = few_enough(labelled, 1)
    return DayRows(counted=counted, labelled=kept, one_in=one_in)


def _within(table: pa.Table, day: int) -> pa.Table:
    moment = table.column("time").cast(pa.int64())
    start, end = (seconds * 1_000_000 for seconds in (day, day + DAY))
    return table.filter(pc.and_(pc.greater_equal(moment, start), pc.less(moment, end)))
