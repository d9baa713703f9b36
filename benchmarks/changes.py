"""A table of 20 numbers and 5 categories, and single changes that one may want to see in it.

Needs NumPy alone, so that every tool's own environment can make the very same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Column = np.ndarray
Table = dict[str, Column]

NUMBERS, CATEGORIES = 20, 5
_NAMES = np.array([f"value {i}" for i in range(8)])
_WEIGHTS = 1 / np.arange(1, 9) / np.sum(1 / np.arange(1, 9))
_CORRELATION = 0.6
_NULLS = 0.01


def sample(rng: np.random.Generator, rows: int) -> Table:
    """Return rows in which nothing has changed.

    ``x0`` and ``x1`` are correlated, ``x5`` has 1 % nulls, ``x6`` is positive, ``x10`` to ``x14``
    are skewed, ``x15`` to ``x19`` whole numbers; the categories have 8 values, Zipf's frequencies.
    """
    found: Table = {f"x{i}": rng.normal(size=rows) for i in range(10)}
    found["x1"] = _CORRELATION * found["x0"] + np.sqrt(1 - _CORRELATION**2) * found["x1"]
    found["x5"] = with_nulls(rng, found["x5"], _NULLS)
    found["x6"] = 100 + 15 * found["x6"]
    found |= {f"x{i}": np.round(rng.lognormal(2, 1, rows), 2) for i in range(10, 15)}
    found |= {f"x{i}": rng.poisson(4, rows).astype(np.float64) for i in range(15, 20)}
    return found | {f"k{i}": rng.choice(_NAMES, rows, p=_WEIGHTS) for i in range(CATEGORIES)}


def with_nulls(rng: np.random.Generator, values: Column, part: float) -> Column:
    """Return the values with nulls at random places."""
    return np.where(rng.random(len(values)) < part, np.nan, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change in one column of the current rows."""

    name: str
    column: str
    make: Callable[[np.random.Generator, Column], Column]


def _tail(rng: np.random.Generator, values: Column) -> Column:
    hit = rng.random(len(values)) < 0.01
    return np.where(hit, rng.choice([0.0, 999.0], len(values)), values)


def _swap(rng: np.random.Generator, values: Column) -> Column:
    return np.where(rng.random(len(values)) < 0.03, _NAMES[7], values)


def _new(rng: np.random.Generator, values: Column) -> Column:
    return np.where(rng.random(len(values)) < 0.02, "value 8", values)


def _more_nulls(rng: np.random.Generator, values: Column) -> Column:
    # Of the rows 1 % are null already: 4 % are in the end.
    return with_nulls(rng, values, 0.03 / (1 - _NULLS))


CHANGES = (
    Change(name="mean +0.1 sd", column="x2", make=lambda _, x: x + 0.1),
    Change(name="mean +0.2 sd", column="x2", make=lambda _, x: x + 0.2),
    Change(name="spread x 1.2", column="x3", make=lambda _, x: 1.2 * x),
    Change(name="skewed, all values +10 %", column="x10", make=lambda _, x: np.round(1.1 * x, 2)),
    Change(name="1 % of values become 0 or 999", column="x6", make=_tail),
    Change(name="nulls 1 % -> 4 %", column="x5", make=_more_nulls),
    Change(name="3 % of rows change category", column="k0", make=_swap),
    Change(name="a new category, 2 % of rows", column="k1", make=_new),
    Change(name="correlation 0.6 -> 0", column="x1", make=lambda rng, x: rng.permutation(x)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Reference and current rows alike, and for each change the column that it gives."""

    reference: Table
    current: Table
    changed: tuple[Column, ...]


def trial(seed: int, rows: int) -> Trial:
    """Return the trial of a seed: the same in every process."""
    rng = np.random.default_rng([seed, rows])
    reference, current = sample(rng, rows), sample(rng, rows)
    changed = tuple(change.make(rng, current[change.column]) for change in CHANGES)
    return Trial(reference=reference, current=current, changed=changed)
