"""The labelled predictions of a long window, read a part at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from watchkeeper.pipeline.quality.day import DayRows, read_rows
from watchkeeper.pipeline.quality.label_lists import few_enough
from watchkeeper.pipeline.quality.plan import QualityPlan
from watchkeeper.store import HOUR, QualityLog

_AT_ONCE: Final = 500_000
# What no metric looks at; of all that is kept of a row, the id would take most.
_NOT_KEPT: Final = ("prediction_id", "time", "known_at")


def window_rows(
    quality: QualityLog,
    model: str,
    plan: QualityPlan,
    *,
    start: int,
    end: int,
    up_to: int,
    most_rows: int,
    at_once: int = _AT_ONCE,
) -> DayRows:
    """Read the predictions of a window, about so many at most, as all at once but for the ids.

    Parameters
    ----------
    start, end
        Seconds since 1970, whole hours.
    up_to
        Only what had arrived with this journal entry.
    most_rows
        Of more predictions one in so many is read, chosen by its id: always the same ones.
    at_once
        Predictions, of whole hours, that one query reads.
    """
    if plan.is_ranked:
        return read_rows(
            quality, model, plan, start=start, end=end, up_to=up_to, most_rows=most_rows
        )
    counted = quality.rows.counted(model, plan.group_columns, start=start, end=end, up_to=up_to)
    predictions = counted.column("predictions").to_numpy()
    one_in = max(1, -(-int(predictions.sum()) // most_rows))
    tables: list[pa.Table] = []
    for first, last in _parts(counted, start, end, most=at_once * one_in):
        part = quality.rows.labelled(
            model, plan.columns, start=first, end=last, up_to=up_to, one_in=one_in
        )
        tables.append(part.drop_columns(list(_NOT_KEPT)))
    labelled = pa.concat_tables(tables, promote_options="default")
    labelled, one_in = few_enough(labelled, one_in)
    return DayRows(counted=counted, labelled=labelled, one_in=one_in)


def _parts(counted: pa.Table, start: int, end: int, *, most: int) -> Iterator[tuple[int, int]]:
    """Yield parts of a window with so many predictions at most, or of a single hour."""
    hours = counted.column("time").cast(pa.int64()).to_numpy() // 1_000_000
    predictions = counted.column("predictions").to_numpy()
    starts, place = np.unique(hours, return_inverse=True)
    totals = np.bincount(place, predictions, minlength=len(starts))
    first, rows = start, 0
    for hour, total in zip(starts.tolist(), totals.tolist(), strict=True):
        if rows and rows + total > most:
            yield first, hour
            first, rows = hour, 0
        rows += total
    yield first, max(end, first + HOUR)
