"""Concept drift in a backtest: losses in the order in which their labels came."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from watchkeeper.pipeline.backtesting.buckets import Buckets
from watchkeeper.pipeline.backtesting.label_task import LabelTask
from watchkeeper.pipeline.backtesting.labelled_rows import KNOWN_AT, TIME
from watchkeeper.pipeline.backtesting.period import Period
from watchkeeper.pipeline.clock import UTC_TIME
from watchkeeper.pipeline.concept.choosing import loss_of, risk_plan
from watchkeeper.pipeline.concept.losing import risk_rows
from watchkeeper.pipeline.cutting import to_microseconds
from watchkeeper.pipeline.quality.task import Untold
from watchkeeper.watch.concept import RiskEvent, RiskPlan, RiskRows, RiskWatch, WatchedLoss

_SECOND = 1_000_000
_NEVER = 2**62


class ConceptWatch:
    """Follows the losses of a backtest's watched rows, which come bucket by bucket.

    A label that comes later than the next bucket's first prediction waits its turn; one that comes
    after the last bucket is never seen. Rows without times count buckets as seconds.

    Attributes
    ----------
    loss, why_not
        Which loss is watched, or why none is.
    events
        What became known, in order.
    rows, totals
        Losses by the bucket of the prediction, as far as they became known.
    """

    def __init__(self, buckets: Buckets, task: LabelTask, reference: Period) -> None:
        found = loss_of(task.plan, task.settings)
        self.loss: WatchedLoss | None = None
        self.why_not: str | None = None
        if isinstance(found, Untold):
            self.why_not = found.reason
        else:
            self.loss = found
        self.events: list[RiskEvent] = []
        self.rows = np.zeros(len(buckets.starts))
        self.totals = np.zeros(len(buckets.starts))
        self._task, self._reference = task, reference
        self._watch = None if self.loss is None else RiskWatch.start(self._plan(self.loss, buckets))
        self._waiting: RiskRows | None = None
        self._starts = np.arange(len(buckets.starts)) * _SECOND
        self._end = len(buckets.starts) * _SECOND
        if buckets.ends and buckets.ends[-1] is not None:
            starts = [to_microseconds(start) for start in buckets.starts if start is not None]
            self._starts = np.array(starts, dtype=np.int64)
            self._end = to_microseconds(buckets.ends[-1])

    def _plan(self, loss: WatchedLoss, buckets: Buckets) -> RiskPlan:
        reference = self._reference
        return risk_plan(
            loss,
            self._task.settings,
            false_alarm_buckets=buckets.threshold,
            # One in so many of its rows is there.
            reference_buckets=buckets.of_reference / reference.kept.one_in,
            rows_a_bucket=float(reference.predictions.sum()) / max(1, buckets.of_reference),
        )

    @property
    def cost_unit(self) -> str | None:
        """Unit of the cost matrix."""
        return self._task.settings.cost_unit

    def begin(self) -> None:
        """Take the labelled rows of the reference for normal; of few, the first ones watched."""
        table = self._reference.kept.table()
        if self._watch is not None and table is not None:
            self._watch.feed(_in_order(self._rows(table, 0, begins=_NEVER)))

    def add_rows(self, bucket: int, table: pa.Table) -> None:
        """Take in the labelled rows of a bucket; buckets come in order."""
        if self._watch is None:
            return
        self._release(int(self._starts[bucket]))
        rows = self._rows(table, bucket, begins=0)
        self._waiting = rows if self._waiting is None else self._waiting.then(rows)

    def finish(self) -> None:
        """Take in the labels that still came before the end."""
        self._release(self._end)

    def bucket_of(self, microseconds: int) -> int:
        """Return the number of the bucket that a moment lies in."""
        place = int(np.searchsorted(self._starts, microseconds, side="right")) - 1
        return min(max(place, 0), len(self._starts) - 1)

    def _release(self, before: int) -> None:
        """Take in all labels that were known before a moment."""
        if self._waiting is None or self._watch is None:
            return
        is_known = self._waiting.known < before
        ready = _in_order(self._waiting.at(is_known))
        self._waiting = self._waiting.at(~is_known)
        if not len(ready):
            return
        places = np.maximum(np.searchsorted(self._starts, ready.times, side="right") - 1, 0)
        size = len(self._starts)
        self.rows += np.bincount(places, minlength=size)
        self.totals += np.bincount(places, ready.losses, minlength=size)
        self.events += self._watch.feed(ready)

    def _rows(self, table: pa.Table, bucket: int, *, begins: int) -> RiskRows:
        assert self.loss is not None
        if TIME not in table.column_names:
            moments = pa.array(np.full(len(table), bucket * _SECOND)).cast(UTC_TIME)
            table = table.append_column(TIME, moments).append_column(KNOWN_AT, moments)
        return risk_rows(table, self._task.plan, self.loss, self._task.settings, begins=begins)


def _in_order(rows: RiskRows) -> RiskRows:
    return rows.at(np.argsort(rows.known, kind="stable"))
