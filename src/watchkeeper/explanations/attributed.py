"""What explains a model: contributions of its columns that add up to its margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """Contributions for some rows.

    Attributes
    ----------
    values
        Shape ``(rows, columns)``.
    base
        What the contributions add to; shape ``(rows,)``.
    output
        Which output of the model was explained; shape ``(rows,)``.
    """

    values: Matrix
    base: Matrix
    output: NDArray[np.intp]


class Source(Protocol):
    """A model that can say what its columns contribute."""

    def attribute(self, rows: Any, output: int | None = None) -> Attributed:
        """Return the contributions for rows as the model takes them.

        Parameters
        ----------
        rows
            A matrix, or a frame for a model that takes one.
        output
            Which output to explain; by default each row's greatest.
        """
        ...


class Additive(Protocol):
    """One output of a model."""

    @property
    def base(self) -> float:
        """What the contributions add to."""
        ...

    def margins(self, rows: Matrix) -> Matrix:
        """Return what the output is for each row."""
        ...

    def contributions(self, rows: Matrix) -> Matrix:
        """Return what each column adds to each row's output."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """A model of one or more outputs, of which each row's greatest is explained.

    Attributes
    ----------
    parts
        One for each output.
    precision
        Type of number that the model rounds its inputs to before it looks at them.
    """

    parts: Sequence[Additive]
    precision: type[np.floating[Any]] = np.float64

    def attribute(self, rows: Any, output: int | None = None) -> Attributed:
        """Return the contributions for a matrix of rows, by default to each row's greatest."""
        seen = np.asarray(rows, self.precision).astype(float)
        chosen = np.full(len(seen), output or 0, np.intp)
        if output is None and len(self.parts) > 1:
            margins = np.stack([part.margins(seen) for part in self.parts])
            chosen = margins.argmax(axis=0)
        values, base = np.zeros(seen.shape), np.zeros(len(seen))
        for one in np.unique(chosen):
            part, at = self.parts[one], np.flatnonzero(chosen == one)
            values[at], base[at] = part.contributions(seen[at]), part.base
        return Attributed(values=values, base=base, output=chosen)


def attributed(contributions: Matrix, output: int | None) -> Attributed:
    """Return each row's contributions to one output, by default its greatest.

    Parameters
    ----------
    contributions
        Shape ``(rows, outputs, columns + 1)``; the base is the last column.
    output
        Which; ``None`` for each row's greatest.
    """
    chosen = contributions.sum(axis=2).argmax(axis=1)
    if output is not None:
        chosen = np.full_like(chosen, output)
    found = contributions[np.arange(len(contributions)), chosen]
    return Attributed(values=found[:, :-1], base=found[:, -1], output=chosen)
