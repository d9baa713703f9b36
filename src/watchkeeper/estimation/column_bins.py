"""Columns as small whole numbers, on bins that the reference fixed; what it never had is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.inputs import Categories, Inputs

Floats = NDArray[np.float64]
Bins = NDArray[np.uint8]

_SHRUNK_BY_ROWS = 20.0
_MOST_NAMES = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnBins:
    """Bins of one column.

    Attributes
    ----------
    edges
        Of numbers: a row's bin is how many lie below it. Empty for categories.
    names, bins
        Of categories: the bin of each name; names not listed have the last bin.
    last
        The bin of nulls and of what is not known.
    """

    name: str
    edges: Floats
    names: tuple[str, ...]
    bins: NDArray[np.int64]
    last: int

    def place(self, inputs: Inputs) -> Bins:
        """Return the bin of each row; of a missing column, that of nulls."""
        column = inputs.columns.get(self.name)
        if column is None or isinstance(column, Categories) == bool(len(self.edges)):
            return np.full(inputs.rows, self.last, dtype=np.uint8)
        if isinstance(column, Categories):
            known = dict(zip(self.names, self.bins.tolist(), strict=True))
            by_code = np.array([known.get(n, self.last) for n in column.names] + [self.last])
            return by_code[column.codes].astype(np.uint8)
        found = np.searchsorted(self.edges, column, "left")
        return np.where(np.isnan(column), self.last, found).astype(np.uint8)


def fit_column_bins(
    inputs: Inputs, unexplained: Floats, train: NDArray[np.bool_], most: int
) -> tuple[ColumnBins, ...]:
    """Return bins of the columns that vary.

    Numbers are cut at quantiles. Categories are put in order of what is unexplained on average of
    their rows, held back towards 0 where they are few, so that neighbours are alike.

    Parameters
    ----------
    unexplained
        Label less expectation, shape (rows,).
    train
        The rows to look at.
    most
        Bins of a column, that of nulls included.

    References
    ----------
    W. D. Fisher (1958), On grouping for maximum homogeneity, JASA 53 (for two-class targets the
    best split of categories keeps them in order of their means: L. Breiman et al., 1984, CART).
    """
    found = []
    for name, column in inputs.columns.items():
        bins = (
            _category_bins(name, column, unexplained, train, most)
            if isinstance(column, Categories)
            else _number_bins(name, column[train], most)
        )
        if bins is not None:
            found.append(bins)
    return tuple(found)


def place_all(bins: Sequence[ColumnBins], inputs: Inputs) -> Bins:
    """Return the bins of all columns, shape (columns, rows)."""
    if not bins:
        return np.zeros((0, inputs.rows), dtype=np.uint8)
    return np.stack([column.place(inputs) for column in bins])


def _number_bins(name: str, values: Floats, most: int) -> ColumnBins | None:
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, most)[1:-1]))
    if len(edges) == 1 and not (known > edges[0]).any() and len(known) == len(values):
        return None
    return ColumnBins(
        name=name, edges=edges, names=(), bins=np.zeros(0, np.int64), last=len(edges) + 1
    )


def _category_bins(
    name: str, column: Categories, unexplained: Floats, train: NDArray[np.bool_], most: int
) -> ColumnBins | None:
    if len(column.names) > _MOST_NAMES:
        return None
    codes = column.codes[train]
    known = codes >= 0
    size = len(column.names)
    counts = np.bincount(codes[known], minlength=size)
    sums = np.bincount(codes[known], unexplained[train][known], minlength=size)
    means = sums / (counts + _SHRUNK_BY_ROWS)
    order = np.argsort(means, kind="stable")
    order = order[counts[order] > 0]
    if not len(order) or (len(order) == 1 and known.all()):
        return None
    last = min(len(order), most - 1)
    if len(order) < most:
        bins = np.arange(len(order))
    else:
        before = np.cumsum(counts[order]) - counts[order]
        bins = np.minimum((before / counts.sum() * last).astype(np.int64), last - 1)
    return ColumnBins(
        name=name,
        edges=np.zeros(0),
        names=tuple(column.names[i] for i in order),
        bins=bins.astype(np.int64),
        last=last,
    )
