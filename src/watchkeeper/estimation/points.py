"""Rows of mixed columns as points, on a scale that the reference fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.inputs import Categories, Inputs

Floats = NDArray[np.float64]

_KNOTS, _MOST_NAMES, _MOST_COLUMNS = 33, 12, 40
_APART = 0.5**1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSupport:
    """What one column was in the reference.

    Attributes
    ----------
    knots
        Of numbers: evenly spaced quantiles, the least and the greatest value included.
    names
        Of categories: all of them, the most frequent first.
    has_nulls
        Whether there were any.
    """

    name: str
    knots: Floats
    names: tuple[str, ...]
    has_nulls: bool


def column_support(name: str, column: Floats | Categories) -> ColumnSupport:
    """Return what a column of the reference is."""
    if isinstance(column, Categories):
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.names))
        order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i] > 0]
        names = tuple(column.names[i] for i in order)
        nulls = bool((column.codes < 0).any())
        return ColumnSupport(name=name, knots=np.zeros(0), names=names, has_nulls=nulls)
    known = column[np.isfinite(column)]
    knots = np.quantile(known, np.linspace(0.0, 1.0, _KNOTS)) if len(known) else np.zeros(0)
    return ColumnSupport(name=name, knots=knots, names=(), has_nulls=bool(np.isnan(column).any()))


def points(columns: Sequence[ColumnSupport], inputs: Inputs) -> NDArray[np.float32]:
    """Return rows as points: ranks of numbers, 0 to 1 and beyond; names one coordinate each.

    Nulls lie in the middle. Of more than 40 columns, the first count.
    """
    found: list[Floats] = [np.zeros(inputs.rows)]
    for column in columns[:_MOST_COLUMNS]:
        values = inputs.columns.get(column.name)
        if column.names:
            codes = values.codes if isinstance(values, Categories) else np.full(inputs.rows, -1)
            known = values.names if isinstance(values, Categories) else ()
            place = {name: i for i, name in enumerate(known)}
            # Two rows of different names are as far apart as half of the range of a number.
            found += [_APART * (codes == place.get(n, -2)) for n in column.names[:_MOST_NAMES]]
        elif len(column.knots):
            if values is None or isinstance(values, Categories):
                found.append(np.full(inputs.rows, 0.5))
            else:
                found.append(_rank(column.knots, values))
    return np.stack(found, axis=1).astype(np.float32)


def _rank(knots: Floats, values: Floats) -> Floats:
    known = np.where(np.isnan(values), float(np.median(knots)), values)
    below = np.searchsorted(knots, known, "left") + np.searchsorted(knots, known, "right")
    middle = 0.5 * below / len(knots)
    width = max(float(knots[-1] - knots[0]), 1e-12)
    past = (np.maximum(known - knots[-1], 0.0) + np.minimum(known - knots[0], 0.0)) / width
    found: Floats = middle + np.clip(past, -1.0, 1.0)
    return found
