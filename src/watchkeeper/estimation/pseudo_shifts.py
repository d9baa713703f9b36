"""Samples of the reference whose inputs are shifted on purpose, to see how estimates fare."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.inputs import Categories, Inputs

Floats = NDArray[np.float64]

_STRENGTHS = (0.0, 4.0)
_MOST_COLUMNS = 3


def pseudo_shifts(
    inputs: Inputs, *, rows: int, count: int, seed: int = 0
) -> Iterator[NDArray[np.int64]]:
    """Yield indices of rows, drawn without replacement and favoured by one to three columns.

    A row's weight is the exponential of 0 to 4 times its standing along a random direction of so
    many columns, -1 to 1; categories stand in random order. So some samples are like the reference
    and in others one end of a column is up to some thousand times as frequent as the other.
    """
    rng = np.random.default_rng(seed)
    names = list(inputs.columns)
    for _ in range(count):
        chosen = rng.permutation(len(names))[: 1 + int(rng.integers(_MOST_COLUMNS))]
        along = np.zeros(inputs.rows)
        for place in chosen:
            standing = _standing(inputs.columns[names[place]], rng)
            along += rng.choice([-1.0, 1.0]) * standing
        along /= max(float(np.abs(along).max()), 1e-12)
        keys = rng.uniform(*_STRENGTHS) * along + rng.gumbel(size=inputs.rows)
        yield np.argpartition(-keys, min(rows, inputs.rows) - 1)[:rows]


def _standing(column: Floats | Categories, rng: np.random.Generator) -> Floats:
    """Return where each row stands in a column, -1 to 1."""
    if isinstance(column, Categories):
        values = rng.permutation(len(column.names) + 1)[column.codes].astype(np.float64)
    else:
        values = np.where(np.isnan(column), np.nanmedian(column) if len(column) else 0.0, column)
    order = np.argsort(values + 1e-9 * rng.random(len(values)), kind="stable")
    found = np.empty(len(values))
    found[order] = np.linspace(-1.0, 1.0, len(values))
    return found
