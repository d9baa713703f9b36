"""What a model answered, row by row, and what came of it, for two models side by side."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa

from watchkeeper.store.catalog import Window, labels_of
from watchkeeper.store.database import Database
from watchkeeper.store.quality_rows import pattern
from watchkeeper.store.reading import query_rows

_ANSWERS = """
SELECT prediction_id, time, entity, latency_seconds, cost_usd, error, COLUMNS('{columns}')
FROM prediction WHERE {sample} ORDER BY prediction_id
"""
_LABELS = """
SELECT prediction_id, COLUMNS('^label$') FROM outcome
WHERE prediction_id IN (FROM given) AND label IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY prediction_id ORDER BY time DESC, sequence DESC, row DESC
) = 1
"""
_COUNT = "SELECT count(*) AS predictions FROM prediction"


class AnswerRows:
    """Reads answers and labels of one project's models."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def count(self, model: str, *, start: datetime | None, end: datetime | None) -> int:
        """Return how many predictions a model has with ``start <= time < end``."""
        window = Window(start=start, end=end)
        found = query_rows(self._database, self._folder, model, {"prediction": window}, _COUNT)
        return int(found.column("predictions")[0].as_py())

    def answers(
        self,
        model: str,
        *,
        start: datetime | None,
        end: datetime | None,
        one_in: int = 1,
    ) -> pa.Table:
        """Return a model's predictions of a window, sorted by id.

        Parameters
        ----------
        one_in
            Only one in so many, chosen by its id: the same ones of every model.
        """
        sample = "true" if one_in <= 1 else f"hash(prediction_id) % {one_in:d} = 0"
        query = _ANSWERS.format(columns=pattern(("output", "output:")), sample=sample)
        window = Window(start=start, end=end)
        return query_rows(self._database, self._folder, model, {"prediction": window}, query)

    def labels(
        self, model: str, ids: pa.Array, *, start: datetime | None, end: datetime | None
    ) -> pa.Table:
        """Return ``prediction_id`` and ``label`` of a model's newest outcomes of some ids.

        Parameters
        ----------
        start, end
            The predictions have ``start <= time < end``.
        """
        given = pa.table({"prediction_id": ids})
        window = labels_of(Window(start=start, end=end))
        return query_rows(
            self._database, self._folder, model, {"outcome": window}, _LABELS, given=given
        )
