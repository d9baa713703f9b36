"""Concept drift in a backtest: losses in the order in which their labels came."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.pipeline.backtesting.buckets import Buckets
from watchkeeper.pipeline.backtesting.labelled_rows import KNOWN_AT, TIME
from watchkeeper.pipeline.backtesting.period import Period
from watchkeeper.pipeline.concept_losses import row_losses
from watchkeeper.pipeline.cutting import to_microseconds
from watchkeeper.pipeline.quality.scoring import Scorable
from watchkeeper.watch.concept import RiskEvent, RiskPlan, RiskRows, RiskWatch, WatchedLoss

TOLERATED_RATIO = 0.1
"""A rise by less than this part of the usual loss is none that anybody needs to hear of."""

_SECOND = 1_000_000


class ConceptWatch:
    """Follows the losses of a backtest's watched rows, which come bucket by bucket.

    A label that comes later than the next bucket's first prediction waits its turn; one that comes
    after the last bucket is never seen. Rows without times count buckets as seconds.

    Attributes
    ----------
    loss
        ``None`` as long as no labelled row came.
    events
        What became known, in order.
    rows, totals
        Losses by the bucket of the prediction, as far as they became known.
    """

    def __init__(self, buckets: Buckets, reference: Period) -> None:
        self.loss: WatchedLoss | None = None
        self.events: list[RiskEvent] = []
        self.rows = np.zeros(len(buckets.starts))
        self.totals = np.zeros(len(buckets.starts))
        self._buckets, self._reference = buckets, reference
        self._watch: RiskWatch | None = None
        self._waiting: RiskRows | None = None
        self._starts = np.arange(len(buckets.starts)) * _SECOND
        self._end = len(buckets.starts) * _SECOND
        if buckets.ends and buckets.ends[-1] is not None:
            starts = [to_microseconds(start) for start in buckets.starts if start is not None]
            self._starts = np.array(starts, dtype=np.int64)
            self._end = to_microseconds(buckets.ends[-1])

    def begin(self, rows: Scorable | None) -> None:
        """Take the labelled rows of the reference for normal."""
        table = self._reference.kept.table()
        if table is None or rows is None or not len(rows):
            return
        known, loss = self._rows(table, rows, 0)
        watch = self._start(loss, usual=float(known.losses.mean()))
        watch.feed(_in_order(replace(known, is_reference=np.ones(len(known), dtype=np.bool_))))

    def _start(self, loss: WatchedLoss, *, usual: float) -> RiskWatch:
        reference, buckets = self._reference, max(1, self._buckets.of_reference)
        plan = RiskPlan(
            loss=loss,
            tolerance=TOLERATED_RATIO * usual,
            false_alarm_buckets=self._buckets.threshold,
            # One in so many of its rows is there.
            reference_buckets=buckets / reference.kept.one_in,
            rows_a_bucket=float(reference.predictions.sum()) / buckets,
        )
        self.loss, self._watch = loss, RiskWatch.start(plan)
        return self._watch

    def add_rows(self, bucket: int, table: pa.Table, scored: Scorable) -> None:
        """Take in the labelled rows of a bucket; buckets come in order."""
        self._release(int(self._starts[bucket]))
        rows, loss = self._rows(table, scored, bucket)
        if self._watch is None:  # the first rows that are watched have to be normal
            self._start(loss, usual=0.0)
        self._waiting = rows if self._waiting is None else _joined(self._waiting, rows)

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

    def _rows(self, table: pa.Table, scored: Scorable, bucket: int) -> tuple[RiskRows, WatchedLoss]:
        found = row_losses(scored)
        times = known = np.full(len(scored), bucket * _SECOND, dtype=np.int64)
        if KNOWN_AT in table.column_names:
            times = _microseconds(table, TIME)[scored.places]
            # Nothing can be known of a prediction before it was made.
            known = np.maximum(_microseconds(table, KNOWN_AT)[scored.places], times)
        rows = RiskRows(
            losses=found.losses,
            predicted=found.predictions,
            came=found.came,
            times=times,
            known=known,
            is_reference=np.zeros(len(scored), dtype=np.bool_),
        )
        return rows, found.name


def _microseconds(table: pa.Table, name: str) -> NDArray[np.int64]:
    column = table.column(name).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    found: NDArray[np.int64] = column.to_numpy()
    return found


def _joined(one: RiskRows, other: RiskRows) -> RiskRows:
    return RiskRows(
        losses=np.concatenate([one.losses, other.losses]),
        predicted=np.concatenate([one.predicted, other.predicted]),
        came=np.concatenate([one.came, other.came]),
        times=np.concatenate([one.times, other.times]),
        known=np.concatenate([one.known, other.known]),
        is_reference=np.concatenate([one.is_reference, other.is_reference]),
    )


def _in_order(rows: RiskRows) -> RiskRows:
    order = np.argsort(rows.known, kind="stable")
    return RiskRows(
        losses=rows.losses[order],
        predicted=rows.predicted[order],
        came=rows.came[order],
        times=rows.times[order],
        known=rows.known[order],
        is_reference=rows.is_reference[order],
    )
