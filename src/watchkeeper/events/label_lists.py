"""The rules of `labels`, for a column of lists, and texts as lists of one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from watchkeeper.events.labels import LONGEST_LABEL, MOST_LABELS

Mask = NDArray[np.bool_]


def label_rules(column: pa.ChunkedArray) -> Iterator[tuple[Mask, str]]:
    """Yield which rows of a column of lists keep a rule of labels, and the rule in words.

    Examples
    --------
    >>> [(holds, _)] = label_rules(pa.chunked_array([[["drama"], ["drama", "drama"]]]))
    >>> holds.tolist()
    [True, False]
    """
    if not pt.is_string(column.type.value_type):
        is_empty = pc.fill_null(pc.equal(pc.list_value_length(column), 0), True)
        yield is_empty.to_numpy(), "a number, class, boolean or list of texts"
        return
    lists = column.combine_chunks()
    rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    labels = lists.flatten()
    lengths = pc.fill_null(pc.utf8_length(labels), 0).to_numpy(zero_copy_only=False)
    fits = (lengths >= 1) & (lengths <= LONGEST_LABEL)
    counts = np.bincount(rows, minlength=len(lists))
    few = counts <= MOST_LABELS
    once = _all_of(_firsts(rows, labels), rows, len(lists))
    rule = f"at most {MOST_LABELS:,} different labels, texts of 1 to {LONGEST_LABEL} characters"
    yield few & once & _all_of(fits, rows, len(lists)), rule


def lists_of_one(texts: pa.ChunkedArray) -> pa.ListArray:
    """Return each text as a list of one, null for none.

    Examples
    --------
    >>> lists_of_one(pa.chunked_array([["drama", None]])).to_pylist()
    [['drama'], None]
    """
    plain = texts.combine_chunks()
    counts = pc.is_valid(plain).cast(pa.int32()).to_numpy(zero_copy_only=False)
    ends = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    return pa.ListArray.from_arrays(ends, plain.drop_null(), mask=pc.is_null(plain))


def _firsts(rows: NDArray[np.int64], labels: pa.Array) -> Mask:
    """Return whether each label is the first of its name in its row."""
    codes = pc.fill_null(labels.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
    pairs = rows.astype(np.int64) * (len(labels) + 2) + codes + 1
    first = np.zeros(len(pairs), dtype=np.bool_)
    first[np.unique(pairs, return_index=True)[1]] = True
    return first


def _all_of(holds: Mask, rows: NDArray[np.int64], count: int) -> Mask:
    broken = np.bincount(rows[~holds], minlength=count)
    return np.asarray(broken == 0)
