"""Rows of the current side that are unlike all that the reference has."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.comparison import OutlierComparison, TellingColumn
from watchkeeper.events import Schema
from watchkeeper.pipeline.row_sample import RowSample
from watchkeeper.profiles import rows_as_columns
from watchkeeper.stats import wilson
from watchkeeper.watch.outliers import OutlierColumn, fit_outliers

_MOST_COLUMNS = 10


def compare_outliers(
    schema: Schema, reference: RowSample, current: RowSample, *, most: int
) -> OutlierComparison | None:
    """Return how many rows of either side are outliers of the reference.

    ``None`` where the reference has too few rows to tell, or the current side none. What features
    contributed to an output follows from them, so it is left out.

    Parameters
    ----------
    most
        Rows of each side that are looked at.
    """
    data = Schema(columns={n: c for n, c in schema.columns.items() if c.role != "explanation"})
    first, second = (rows_as_columns(side.table(most), data) for side in (reference, current))
    names = [name for name in first if name in second]
    columns = [_column(name, first[name]) for name in names]
    scorer = fit_outliers(_table(first, names), columns)
    if scorer is None or not current.rows:
        return None
    found = scorer.score(_table(second, names))
    many, rows = int(found.flagged.sum()), len(found.scores)
    low, high = wilson(many / rows, rows)
    told = Counter(name for told in found.columns for name in told)
    return OutlierComparison(
        reference_ratio=round(scorer.share, 6),
        current_ratio=round(many / rows, 6),
        low=round(low, 6),
        high=round(high, 6),
        rows=rows,
        risen=low > wilson(scorer.share, scorer.rows)[1],
        columns=tuple(
            TellingColumn(column=name, share=round(count / many, 6))
            for name, count in told.most_common(_MOST_COLUMNS)
        ),
    )


def _column(name: str, values: NDArray[np.float64] | pa.ChunkedArray) -> OutlierColumn:
    is_number = isinstance(values, np.ndarray)
    kind: Literal["number", "text"] = "number" if is_number else "text"
    return OutlierColumn(name=name, stored=name, misfit="", kind=kind, is_number=is_number)


def _table(columns: dict[str, NDArray[np.float64] | pa.ChunkedArray], names: list[str]) -> pa.Table:
    return pa.table({name: columns[name] for name in names})
