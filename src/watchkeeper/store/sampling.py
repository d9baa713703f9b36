"""A sample of a model's predictions with their labels, the same for the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from watchkeeper.store import catalog
from watchkeeper.store.columns import Kind
from watchkeeper.store.database import Database
from watchkeeper.store.reading import query_rows

_COUNT = "SELECT count(*) AS rows FROM prediction"
# By the hash of the id, so that outcomes of other predictions need not be looked at.
_SAMPLED = """
WITH chosen AS (SELECT * FROM prediction WHERE hash(prediction_id) % {one_in:d} = 0),
latest AS (
    SELECT prediction_id AS id, COLUMNS('^(misfit:)?label$'), time AS label_time
    FROM outcome WHERE hash(prediction_id) % {one_in:d} = 0
    QUALIFY row_number() OVER (
        PARTITION BY prediction_id ORDER BY time DESC, sequence DESC, row DESC
    ) = 1
)
SELECT p.* EXCLUDE (row), o.* EXCLUDE (id)
FROM chosen p LEFT JOIN latest o ON o.id = p.prediction_id
ORDER BY p.time, p.prediction_id
"""


_TRAFFIC = """
SELECT CAST(floor(epoch(time) / {step:d}) AS BIGINT) AS step, version, variant,
    count(*) AS predictions
FROM prediction GROUP BY ALL ORDER BY ALL
"""

_CONTRIBUTIONS = """
SELECT COLUMNS(lambda name: name IN ('time', 'entity') OR starts_with(name, 'explanation:'))
FROM prediction WHERE hash(prediction_id) % {one_in:d} = 0
ORDER BY time, prediction_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Predictions as `Store.predictions` returns them, of a span that has so many in all."""

    table: pa.Table
    total: int


class Sampler:
    """Draws samples from one store."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def predictions(self, model: str, *, start: datetime, end: datetime, most: int) -> Sample:
        """Return about ``most`` predictions with ``start <= time < end``, all if there are fewer.

        Raises
        ------
        StoreError
            If a sealed file is missing or cannot be read.
        """
        window = catalog.Window(start=start, end=end)
        total = self._count(model, window)
        one_in = max(1, -(-total // most))
        table = query_rows(
            self._database,
            self._folder,
            model,
            {"prediction": window, "outcome": catalog.labels_of(window)},
            _SAMPLED.format(one_in=one_in),
        )
        return Sample(table=table, total=total)

    def contributions(self, model: str, *, start: datetime, end: datetime, most: int) -> pa.Table:
        """Return what features contributed to about ``most`` predictions, all if there are fewer.

        Returns
        -------
        ``time``, ``entity``, and columns ``explanation:<feature>`` as far as there are any, of
        predictions with ``start <= time < end``.
        """
        window = catalog.Window(start=start, end=end)
        one_in = max(1, -(-self._count(model, window) // most))
        views: dict[Kind, catalog.Window] = {"prediction": window}
        query = _CONTRIBUTIONS.format(one_in=one_in)
        return query_rows(self._database, self._folder, model, views, query)

    def _count(self, model: str, window: catalog.Window) -> int:
        views: dict[Kind, catalog.Window] = {"prediction": window}
        counted = query_rows(self._database, self._folder, model, views, _COUNT)
        return int(counted.column("rows")[0].as_py())

    def traffic(self, model: str, *, start: datetime, end: datetime, step_seconds: int) -> pa.Table:
        """Count predictions with ``start <= time < end`` by step, version and variant.

        Returns
        -------
        ``step`` (whole steps since 1970), ``version``, ``variant``, ``predictions``.
        """
        views: dict[Kind, catalog.Window] = {"prediction": catalog.Window(start=start, end=end)}
        query = _TRAFFIC.format(step=step_seconds)
        return query_rows(self._database, self._folder, model, views, query)
