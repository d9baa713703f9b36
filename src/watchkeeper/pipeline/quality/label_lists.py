"""Lists of labels as arrays: a row for each list, a column for each label."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from watchkeeper.events.label_lists import lists_of_one
from watchkeeper.pipeline.quality.seen import PROBABILITY

Floats = NDArray[np.float64]

_MOST_CELLS = 20_000_000


def labels_in(column: pa.ChunkedArray) -> set[str]:
    """Return the labels that any list of a column names; a text is a list of one."""
    lists = _lists(column)
    return set(lists.flatten().drop_null().unique().to_pylist())


def indicators(column: pa.ChunkedArray, names: tuple[str, ...]) -> Floats:
    """Return 1 for each label that a list names, else 0, shape (n, labels); NaN for no list.

    Examples
    --------
    >>> indicators(pa.chunked_array([[["a", "c"], [], None]]), ("a", "b", "c")).tolist()
    [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [nan, nan, nan]]
    """
    lists = _lists(column)
    found = np.zeros((len(lists), len(names)))
    rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    codes = pc.fill_null(pc.index_in(lists.flatten(), pa.array(names, pa.string())), -1)
    places = codes.to_numpy(zero_copy_only=False)
    found[rows[places >= 0], places[places >= 0]] = 1.0
    found[lists.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return found


def few_enough(labelled: pa.Table, one_in: int) -> tuple[pa.Table, int]:
    """Return labelled predictions of which the arrays fit in memory, and what share these are.

    Of predictions with very many labels only some are taken, chosen by their ids, or by their
    places where ids were not kept.
    """
    if "label" not in labelled.column_names or not pt.is_list(labelled.column("label").type):
        return labelled, one_in
    probabilities = sum(name.startswith(PROBABILITY) for name in labelled.column_names)
    width = len(labels_in(labelled.column("label"))) + probabilities
    step = -(-labelled.num_rows * width // _MOST_CELLS)
    if step <= 1:
        return labelled, one_in
    return labelled.filter(pa.array(_codes(labelled) % step == 0)), one_in * step


def _codes(labelled: pa.Table) -> NDArray[np.int64]:
    if "prediction_id" not in labelled.column_names:
        return np.arange(labelled.num_rows)
    ids = labelled.column("prediction_id").to_pylist()
    return np.array([crc32(one.encode()) for one in ids], dtype=np.int64)


def _lists(column: pa.ChunkedArray) -> pa.ListArray:
    if pt.is_string(column.type):
        return lists_of_one(column)
    if pt.is_list(column.type) and pt.is_string(column.type.value_type):
        return column.combine_chunks()
    return pa.nulls(len(column), pa.list_(pa.string()))
