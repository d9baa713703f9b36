"""Predictions scored as they are to be stored: how odd each is, and what makes it so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from watchkeeper.events import Prediction, Record
from watchkeeper.events.wire import from_msgpack, to_msgpack
from watchkeeper.store.columns import ColumnKind
from watchkeeper.store.record_columns import table_of_records, with_outliers

if TYPE_CHECKING:
    from watchkeeper.watch.outliers import OutlierScorer, RowScores


class ScoredPrediction(Prediction, frozen=True, kw_only=True, tag="prediction"):
    """A prediction as it lies in the journal, where it is not written as columns."""

    outlier_score: float
    outlier_columns: list[str] | None = None


def with_scores(table: pa.Table, scorer: OutlierScorer | None) -> pa.Table:
    """Return a table of predictions with their outlier columns, as it is without a scorer."""
    found = None if scorer is None else _scores(table, scorer)
    return table if found is None else with_outliers(table, found.scores.tolist(), found.columns)


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
    found = _scores(
        table_of_records("prediction", from_msgpack(to_msgpack(records)), types), scorer
    )
    if found is None:
        return records
    return [
        ScoredPrediction(
            **{name: getattr(record, name) for name in Prediction.__struct_fields__},
            outlier_score=float(score),
            outlier_columns=columns or None,
        )
        for record, score, columns in zip(records, found.scores, found.columns, strict=True)
    ]


def _scores(table: pa.Table, scorer: OutlierScorer) -> RowScores | None:
    """Return the scores of rows, ``None`` if they cannot be told."""
    try:
        return scorer.score(table)
    except Exception:  # noqa: BLE001 - whatever a scorer does, no prediction is lost by it
        return None
