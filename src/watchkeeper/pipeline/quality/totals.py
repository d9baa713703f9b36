"""The quality of a whole window, measured from its rows, or pooled where they are many."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.pipeline.quality.cell import QualityCell
from watchkeeper.pipeline.quality.day import groups, scorable_rows
from watchkeeper.pipeline.quality.performance_answer import MetricValue, PerformanceTotal
from watchkeeper.pipeline.quality.plan import Measuring
from watchkeeper.pipeline.quality.window_rows import window_rows
from watchkeeper.store import KeptCell, QualityDimension, Store

QUICK_ROWS: Final = 200_000
"""Predictions of a window whose totals are measured from all rows at once."""

MOST_ROWS: Final = 5_000_000
"""Predictions of a window whose totals are measured from all rows when that is asked for."""

_MOST_KEPT = 64

_Key = tuple[object, ...]
_kept: WeakKeyDictionary[Store, OrderedDict[_Key, WindowTotals]] = WeakKeyDictionary()
_lock = threading.Lock()
_one_large = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTotals:
    """The metrics of each group over a window.

    Parameters
    ----------
    one_in
        Measured from one in so many predictions.
    is_pooled
        Means of the steps, by their labelled predictions.
    """

    groups: list[PerformanceTotal] = field(default_factory=list)
    one_in: int = 1
    is_pooled: bool = False


def measured_totals(
    store: Store,
    model: str,
    measuring: Measuring,
    *,
    start: int,
    end: int,
    dimension: QualityDimension,
    revision: int,
    is_large: bool,
) -> WindowTotals:
    """Return each group's metrics over a window, from its rows; kept for when it is asked again.

    Of more than five million predictions one in so many is measured.

    Parameters
    ----------
    revision
        Of the model's cells: what was measured is thrown away when it changes.
    is_large
        Whether it may take much memory: one such window is measured at a time.
    """
    plan = msgspec.msgpack.encode(measuring.plan)
    key = model, plan, measuring.task, start, end, dimension, revision
    with _one_large if is_large else nullcontext():
        found = _known(store, key)
        if found is None:
            found = _measured(store, model, measuring, start=start, end=end, dimension=dimension)
            _keep(store, key, found)
    return found


def pooled_totals(cells: Iterable[tuple[str, KeptCell]]) -> WindowTotals:
    """Return each group's metrics as the mean of its cells', by their labelled predictions."""
    by_group: dict[str, list[KeptCell]] = {}
    for group, cell in cells:
        by_group.setdefault(group, []).append(cell)
    totals = [
        PerformanceTotal(
            group=group,
            predictions=sum(cell.predictions for cell in kept),
            labelled=sum(cell.labelled for cell in kept),
            metrics=_pooled([QualityCell.from_bytes(cell.payload) for cell in kept]),
        )
        for group, kept in by_group.items()
    ]
    return WindowTotals(groups=totals, is_pooled=True)


def _known(store: Store, key: _Key) -> WindowTotals | None:
    with _lock:
        kept = _kept.setdefault(store, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
        return kept.get(key)


def _keep(store: Store, key: _Key, found: WindowTotals) -> None:
    with _lock:
        kept = _kept.setdefault(store, OrderedDict())
        kept[key] = found
        if len(kept) > _MOST_KEPT:
            kept.popitem(last=False)


def _measured(
    store: Store,
    model: str,
    measuring: Measuring,
    *,
    start: int,
    end: int,
    dimension: QualityDimension,
) -> WindowTotals:
    rows = window_rows(
        store.quality,
        model,
        measuring.plan,
        start=start,
        end=end,
        up_to=store.last_sequence(),
        most_rows=MOST_ROWS,
    )
    kept = scorable_rows(rows, measuring)
    labelled = rows.labelled.take(pa.array(kept.places))
    predictions = rows.counted.column("predictions").to_numpy()
    found: list[PerformanceTotal] = []
    for one, names, counted_codes, codes in groups(rows.counted, labelled, measuring.plan):
        if one != dimension:
            continue
        for code, name in enumerate(names):
            total = int(predictions[counted_codes == code].sum())
            if not total:
                continue
            chosen = codes == code
            count = int(np.count_nonzero(chosen))
            mask = None if count == len(kept) else chosen
            metrics = kept.measured(mask, measuring.choice) if count else ()
            found.append(
                PerformanceTotal(
                    group=name or "all",
                    predictions=total,
                    labelled=min(count * rows.one_in, total),
                    metrics=[
                        MetricValue(name=m.name, value=m.value, low=m.low, high=m.high, rows=m.rows)
                        for m in metrics
                    ],
                )
            )
    return WindowTotals(groups=found, one_in=rows.one_in)


def _pooled(cells: list[QualityCell]) -> list[MetricValue]:
    """Return means weighted by rows; variances of independent cells add up."""
    names = dict.fromkeys(one.name for cell in cells for one in cell.metrics)
    found: list[MetricValue] = []
    for name in names:
        parts = [one for cell in cells for one in cell.metrics if one.name == name]
        values = np.array([one.value for one in parts], dtype=np.float64)
        rows = np.array([one.rows for one in parts], dtype=np.float64)
        # An end that is not known becomes NaN, and so does what is made of it.
        low = np.array([one.low for one in parts], dtype=np.float64)
        high = np.array([one.high for one in parts], dtype=np.float64)
        reach = (high - low) / 2
        share = rows / rows.sum()
        value = float(share @ values)
        half = float(np.sqrt((share**2) @ reach**2))
        known = np.isfinite(half)
        found.append(
            MetricValue(
                name=name,
                value=value,
                low=value - half if known else None,
                high=value + half if known else None,
                rows=int(rows.sum()),
            )
        )
    return found
