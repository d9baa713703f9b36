"""A day of a model measured from its rows: cells of the day and of some of its hours."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.pipeline.quality.cell import CellRows, QualityCell
from watchkeeper.pipeline.quality.label_lists import few_enough
from watchkeeper.pipeline.quality.plan import Measuring, QualityPlan
from watchkeeper.pipeline.quality.scorable_lists import ScorableLists, scorable_lists
from watchkeeper.pipeline.quality.scoring import Mask, Scorable, scorable
from watchkeeper.pipeline.service_rollup import MOST_VALUES, NONE
from watchkeeper.pipeline.stored_columns import StoredColumns
from watchkeeper.profiles import OTHER, segment_codes
from watchkeeper.store import DAY, HOUR, KeptCell, QualityDimension, QualityKey, QualityLog

MOST_ROWS = 1_000_000
"""Labelled predictions of a day that are all measured; of more, a fixed share is."""

_MOST_LISTS = 200_000

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRows:
    """What is stored of a day.

    Parameters
    ----------
    counted
        Predictions by hour, version, variant and segment.
    labelled
        Those with a label, row by row.
    one_in
        Only one in so many of these was read.
    taken_before
        What the users of ranked lists took in the reference, if traits of items are known.
    """

    counted: pa.Table
    labelled: pa.Table
    one_in: int
    taken_before: pa.Table | None = None


def read_rows(
    quality: QualityLog,
    model: str,
    plan: QualityPlan,
    *,
    start: int,
    end: int,
    up_to: int | None,
    most_rows: int = MOST_ROWS,
) -> DayRows:
    """Read the predictions of a time, about so many at most."""
    counted = quality.rows.counted(model, plan.group_columns, start=start, end=end, up_to=up_to)
    predictions = pc.sum(counted.column("predictions")).as_py() or 0
    most_rows = min(most_rows, _MOST_LISTS) if plan.is_ranked else most_rows
    one_in = -(-predictions // most_rows) if predictions else 1
    if not plan.is_ranked:
        labelled = quality.rows.labelled(
            model, plan.columns, start=start, end=end, up_to=up_to, one_in=one_in
        )
        labelled, one_in = few_enough(labelled, one_in)
        return DayRows(counted=counted, labelled=labelled, one_in=one_in)
    gains = plan.settings.gains or None
    lists = quality.lists.read(
        model,
        plan.group_columns,
        start=start,
        end=end,
        up_to=up_to,
        gains=gains,
        one_in=one_in,
    )
    taken = None
    # The reference's own lists have no time before them to be held against.
    if plan.traits and plan.reference is not None and (start, end) != plan.reference[1:]:
        _, first, last = plan.reference
        users = lists.column("entity").drop_null().unique()
        taken = quality.lists.taken(model, users, start=first, end=last, up_to=up_to, gains=gains)
    return DayRows(counted=counted, labelled=lists, one_in=one_in, taken_before=taken)


def scorable_rows(rows: DayRows, measuring: Measuring) -> Scorable | ScorableLists:
    """Return the labelled predictions that fit the task, as arrays."""
    if measuring.task.task == "ranking":
        return scorable_lists(rows.labelled, measuring.facts, taken_before=rows.taken_before)
    horizon = measuring.plan.settings.horizon
    column = None if horizon is None else StoredColumns(rows.labelled).find(horizon)
    costs = measuring.plan.settings.cost_matrix
    return scorable(rows.labelled, measuring.task, horizon=column, cost_matrix=costs)


def delays_of(labelled: pa.Table) -> NDArray[np.float64]:
    """Return the seconds from each prediction to its first label, NaN where none has come."""
    known, made = (labelled.column(name).cast(pa.int64()) for name in ("known_at", "time"))
    seconds = pc.divide(pc.subtract(known, made).cast(pa.float64()), 1e6)
    delays: NDArray[np.float64] = pc.fill_null(seconds, float("nan")).to_numpy()
    return delays


def cells_of(
    day: int, hours: Collection[int], rows: DayRows, measuring: Measuring
) -> dict[QualityKey, KeptCell]:
    """Return the cells of a day and of some of its hours, as far as they have predictions."""
    kept = scorable_rows(rows, measuring)
    labelled = rows.labelled.take(pa.array(kept.places))
    cell_rows = CellRows(
        scorable=kept,
        delays=delays_of(labelled),
        choice=measuring.choice,
        one_in=rows.one_in,
    )
    when = _seconds(labelled)
    counted_when = _seconds(rows.counted)
    predictions = rows.counted.column("predictions").to_numpy()
    found: dict[QualityKey, KeptCell] = {}
    places = [(DAY, day), *((HOUR, hour) for hour in sorted(hours))]
    split = list(groups(rows.counted, labelled, measuring.plan))
    for level, start in places:
        inside = (when >= start) & (when < start + level)
        counted_inside = (counted_when >= start) & (counted_when < start + level)
        whole: QualityCell | None = None
        for dimension, names, counted_codes, codes in split:
            for code, name in enumerate(names):
                total = int(predictions[counted_inside & (counted_codes == code)].sum())
                if not total:
                    continue
                chosen = inside & (codes == code)
                is_whole_day = level == DAY and dimension == "all"
                if whole is not None and chosen.sum() == inside.sum():
                    cell = _plain(whole)  # of the same rows, so the same
                else:
                    cell = cell_rows.cell(_mask(chosen), is_whole_day=is_whole_day)
                if dimension == "all":
                    whole = cell
                key = QualityKey(level=level, dimension=dimension, value=name, start=start)
                count = min(int(np.count_nonzero(chosen)) * rows.one_in, total)
                found[key] = KeptCell(name, start, total, count, cell.to_bytes())
    return found


def _mask(chosen: Mask) -> Mask | None:
    return None if chosen.all() else chosen


def _plain(cell: QualityCell) -> QualityCell:
    return QualityCell(metrics=cell.metrics, delays=cell.delays, one_in=cell.one_in)


def _seconds(table: pa.Table) -> Ints:
    found: Ints = table.column("time").cast(pa.int64()).to_numpy() // 1_000_000
    return found


def groups(
    counted: pa.Table, labelled: pa.Table, plan: QualityPlan
) -> Iterator[tuple[QualityDimension, list[str], Ints, Ints]]:
    """Yield each dimension with its values, and which of them counts and rows have."""
    yield "all", [""], _zeros(counted), _zeros(labelled)
    named: tuple[QualityDimension, ...] = ("version", "variant")
    for dimension in named:
        names = _commonest(counted, dimension)
        first, second = (_codes(table, dimension, names) for table in (counted, labelled))
        yield dimension, [*names, OTHER], first, second
    if plan.segment_by is not None:
        first, second = (_segments(table, plan) for table in (counted, labelled))
        yield "segment", [*plan.segments, OTHER], first, second
    if plan.most_horizons:
        yield "horizon", *_horizons(counted, labelled, plan)


def _horizons(
    counted: pa.Table, labelled: pa.Table, plan: QualityPlan
) -> tuple[list[str], Ints, Ints]:
    """Return the numbers of steps ahead, the nearest first, and which of them rows have."""
    assert plan.settings.horizon is not None
    steps = [StoredColumns(table).numbers(plan.settings.horizon) for table in (counted, labelled)]
    known = np.unique(np.concatenate(steps))
    known = known[np.isfinite(known)][: plan.most_horizons]
    first, second = (
        np.where(np.isin(one, known), np.searchsorted(known, one), len(known)) for one in steps
    )
    return [*(f"{one:g}" for one in known), OTHER], first, second


def _zeros(table: pa.Table) -> Ints:
    return np.zeros(table.num_rows, dtype=np.int64)


def _commonest(counted: pa.Table, dimension: str) -> list[str]:
    sums = counted.group_by(dimension).aggregate([("predictions", "sum")])
    counts: dict[str, int] = {}
    for name, count in zip(
        *(sums.column(one).to_pylist() for one in sums.column_names), strict=True
    ):
        counts[name or NONE] = counts.get(name or NONE, 0) + count
    return sorted(counts, key=lambda name: (-counts[name], name))[:MOST_VALUES]


def _codes(table: pa.Table, dimension: str, names: list[str]) -> Ints:
    plain = pa.array([None if name == NONE else name for name in names], type=pa.string())
    column = table.column(dimension)
    column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    found = pc.fill_null(pc.index_in(column, value_set=plain).cast(pa.int64()), len(names))
    codes: Ints = found.to_numpy()
    return codes


def _segments(table: pa.Table, plan: QualityPlan) -> Ints:
    assert plan.segment_by is not None
    column = StoredColumns(table).find(plan.segment_by)
    if column is None:
        return np.full(table.num_rows, len(plan.segments), dtype=np.int64)
    return segment_codes(column, plan.segments)
