"""Contributions of many rows by the names of the model's inputs, as a table or row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import EXPLANATION
from watchkeeper.explanations.attributed import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanations:
    """What each input contributed to each row's margin.

    ``base + values.sum(axis=1)`` is the margin.

    Attributes
    ----------
    columns
        The model's inputs.
    values
        Shape ``(rows, columns)``.
    base
        What is expected where nothing is known of a row; shape ``(rows,)``.
    output
        Which output was explained: with more than two classes the index of the class, else 0;
        shape ``(rows,)``.
    """

    columns: tuple[str, ...]
    values: Matrix
    base: Matrix
    output: NDArray[np.intp]

    @property
    def margin(self) -> Matrix:
        """What the model says of each row; shape ``(rows,)``."""
        margin: Matrix = self.base + self.values.sum(axis=1)
        return margin

    def row(self, place: int) -> dict[str, float]:
        """Return one row's contributions by input, as ``log_prediction`` takes them."""
        return dict(zip(self.columns, self.values[place].tolist(), strict=True))

    def to_table(self) -> pa.Table:
        """Return a column ``explanation:<input>`` for each input."""
        return pa.table(
            {
                EXPLANATION + name: np.ascontiguousarray(self.values[:, place])
                for place, name in enumerate(self.columns)
            }
        )
