"""Predictions scored as they are to be stored: how odd each is, and what makes it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from watchkeeper.events import Prediction, Record
from watchkeeper.events.wire import from_msgpack, to_msgpack
from watchkeeper.store.columns import ColumnKind
from watchkeeper.store.record_columns import table_of_records, with_outliers

if TYPE_CHECKING:
    from watchkeeper.watch.outliers import OutlierScorer

_ROWS_AT_ONCE = 16_384


class ScoredPrediction(Prediction, frozen=True, kw_only=True, tag="prediction"):
    """A prediction as it lies in the journal, where it is not written as columns."""

    outlier_score: float
    outlier_columns: list[str] | None = None


def with_scores(table: pa.Table, scorer: OutlierScorer | None) -> pa.Table:
    """Return a table of predictions with their outlier columns, as it is without a scorer."""
    found = None if scorer is None else _scored(table, scorer)
    return table if found is None else with_outliers(table, found.scores, found.columns)


def scored_records(records: Sequence[Record], scorer: OutlierScorer | None) -> Sequence[Record]:
    """Return predictions with their scores; records as they are without a scorer.

    Raises
    ------
    RecordError
        If one cannot be written.
    """
    if scorer is None:
        return records
    types: dict[str, ColumnKind] = {column.stored: column.kind for column in scorer.columns}
    table = table_of_records("prediction", from_msgpack(to_msgpack(records)), types)
    found = _scored(table, scorer)
    if found is None:
        return records
    return [
        ScoredPrediction(
            **{name: getattr(record, name) for name in Prediction.__struct_fields__},
            outlier_score=score,
            outlier_columns=columns or None,
        )
        for record, score, columns in zip(records, found.scores, found.columns, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scored:
    """How odd rows are, and the columns that make outliers so."""

    scores: list[float]
    columns: list[list[str]]


def _scored(table: pa.Table, scorer: OutlierScorer) -> _Scored | None:
    """Score rows, some at once so that little memory is needed; ``None`` if they cannot be."""
    try:
        parts = [
            scorer.score(table.slice(begin, _ROWS_AT_ONCE))
            for begin in range(0, table.num_rows, _ROWS_AT_ONCE)
        ]
    except Exception:  # noqa: BLE001 - whatever a scorer does, no prediction is lost by it
        return None
    return _Scored(
        scores=[score for part in parts for score in part.scores.tolist()],
        columns=[names for part in parts for names in part.columns],
    )
