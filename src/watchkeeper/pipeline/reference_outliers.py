"""Rows of a table held against those of a reference: which of them are unlike all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import Schema
from watchkeeper.profiles import rows_as_columns
from watchkeeper.watch.outliers import OutlierColumn, OutlierScorer, RowScores, fit_outliers

_Values: TypeAlias = NDArray[np.float64] | pa.ChunkedArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceOutliers:
    """A scorer of a reference's rows, for tables with the same columns.

    What features contributed to an output follows from them, so it is left out.
    """

    schema: Schema
    scorer: OutlierScorer

    @classmethod
    def of(cls, reference: pa.Table, schema: Schema) -> ReferenceOutliers | None:
        """Learn from a reference's rows; ``None`` if there are fewer than 100, or no columns."""
        data = Schema(columns={n: c for n, c in schema.columns.items() if c.role != "explanation"})
        rows = rows_as_columns(reference, data)
        scorer = fit_outliers(pa.table(rows), [_column(name, rows[name]) for name in rows])
        return None if scorer is None else cls(schema=data, scorer=scorer)

    def score(self, table: pa.Table) -> RowScores:
        """Return how odd each row is, and by which columns."""
        return self.scorer.score(pa.table(rows_as_columns(table, self.schema)))


def _column(name: str, values: _Values) -> OutlierColumn:
    is_number = isinstance(values, np.ndarray)
    kind: Literal["number", "text"] = "number" if is_number else "text"
    return OutlierColumn(name=name, stored=name, misfit="", kind=kind, is_number=is_number)
