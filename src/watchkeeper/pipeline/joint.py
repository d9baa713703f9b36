"""Rows of both sides side by side, and whether they can be told apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.comparison import JointDrift, TellingColumn
from watchkeeper.events import Schema
from watchkeeper.pipeline.row_sample import RowSample
from watchkeeper.profiles import rows_as_columns
from watchkeeper.stats import CategoryRows, NumberRows, RowColumn, encode_rows, separate

_LEAST_ROWS = 10
_TELLING = 10
_LEAST_SHARE = 0.005
# Between sides of very different size the test's p-values are the least exact, and more rows of
# the larger one add little.
_TIMES_LARGER = 2


def joint_drift(schema: Schema, reference: RowSample, current: RowSample) -> JointDrift | None:
    """Return how well a classifier tells the two sides apart over all columns together.

    What features contributed to an output follows from them, so it is left out.
    ``None`` with fewer than two columns or ten rows a side, where there is nothing joint.
    """
    if min(reference.rows, current.rows) < _LEAST_ROWS:
        return None
    most = _TIMES_LARGER * min(reference.rows, current.rows)
    sides = [side.table(most) for side in (reference, current)]
    data = Schema(columns={n: c for n, c in schema.columns.items() if c.role != "explanation"})
    first, second = (rows_as_columns(side, data) for side in sides)
    names = [name for name in first if name in second]
    if len(names) < 2:
        return None
    columns = [_pooled(first[name], second[name]) for name in names]
    is_current = np.arange(sum(side.num_rows for side in sides)) >= sides[0].num_rows
    found = separate(encode_rows(columns), is_current)
    order = np.argsort(-found.shares, kind="stable")[:_TELLING]
    return JointDrift(
        drifted=False,
        auc=round(found.auc, 6),
        auc_low=round(found.auc_low, 6),
        auc_high=round(found.auc_high, 6),
        p_value=found.p_value,
        adjusted_p_value=found.p_value,
        rows=found.rows,
        columns=tuple(
            TellingColumn(column=names[place], share=round(float(found.shares[place]), 6))
            for place in order
            if found.shares[place] >= _LEAST_SHARE
        ),
    )


def _pooled(
    first: NDArray[np.float64] | pa.ChunkedArray, second: NDArray[np.float64] | pa.ChunkedArray
) -> RowColumn:
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return NumberRows(values=np.concatenate([first, second]))
    assert isinstance(first, pa.ChunkedArray) and isinstance(second, pa.ChunkedArray)
    both = pa.chunked_array([*first.chunks, *second.chunks]).combine_chunks().dictionary_encode()
    codes = both.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    # In the order of appearance, late codes would be values that the reference lacks.
    by_value = np.argsort(pc.array_sort_indices(both.dictionary).to_numpy())
    return CategoryRows(codes=np.where(codes < 0, -1, by_value[codes]))
