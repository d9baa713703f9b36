"""Predictions that estimates are made from: a bounded part of a day, the same for the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from watchkeeper.store.catalog import Window, labels_of
from watchkeeper.store.columns import Kind
from watchkeeper.store.database import Database
from watchkeeper.store.quality_rows import pattern, window_of
from watchkeeper.store.reading import query_rows

_HOURS: Final = """
SELECT DISTINCT CAST(floor(epoch(time) / 3600) AS BIGINT) * 3600 AS hour FROM prediction
ORDER BY hour
"""
# Of the rows with a label and of those without, the least by the hash of the id: whatever comes
# later, and in whatever order, the same rows are chosen of the same day.
_CHOSEN: Final = """
WITH latest AS (
    SELECT prediction_id AS id, COLUMNS('^label$') FROM outcome
    WHERE prediction_id IN (SELECT prediction_id FROM prediction)
    QUALIFY row_number() OVER (
        PARTITION BY prediction_id ORDER BY time DESC, sequence DESC, row DESC
    ) = 1
), placed AS (
    SELECT
        p.prediction_id AS id, date_trunc('hour', p.time) AS hour,
        hash(p.prediction_id) AS place, o.label
    FROM prediction p LEFT JOIN latest o ON o.id = p.prediction_id
    WHERE p.error IS NULL
), chosen AS (
    SELECT id, place, label, hour,
        count(*) OVER () AS day_rows, count(*) OVER (PARTITION BY hour) AS hour_rows
    FROM placed
    QUALIFY
        row_number() OVER (PARTITION BY label IS NULL ORDER BY place, id) <= {of_day}
        OR row_number() OVER (PARTITION BY hour, label IS NULL ORDER BY place, id) <= {of_hour}
)
SELECT * EXCLUDE (id, hour)
FROM (SELECT prediction_id, time, entity, COLUMNS('{columns}') FROM prediction) p
JOIN chosen c ON c.id = p.prediction_id
ORDER BY place, prediction_id
"""


class EstimateRows:
    """Reads the predictions of one project, labelled or not."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def hours(self, model: str, *, start: int, after: int, up_to: int) -> list[int]:
        """Return the hours, ``start`` or later, of predictions of some journal entries.

        Parameters
        ----------
        after, up_to
            Entries later than the first, up to the second.
        """
        window = Window(
            start=datetime.fromtimestamp(start, UTC), after_sequence=after, up_to_sequence=up_to
        )
        found = query_rows(self._database, self._folder, model, {"prediction": window}, _HOURS)
        return [int(hour) for hour in found.column("hour").to_pylist()]

    def read(
        self,
        model: str,
        columns: Sequence[str],
        *,
        start: int,
        end: int,
        up_to: int,
        of_day: int,
        of_hour: int,
    ) -> pa.Table:
        """Return some predictions with ``start <= time < end`` that did not fail.

        Parameters
        ----------
        columns
            Stored columns to read, as far as they are there; a name that ends in ``:`` stands for
            all that begin so.
        of_day, of_hour
            At least so many of those with a label, and of those without, in all and of each hour,
            as far as there are.

        Returns
        -------
        ``prediction_id``, ``time``, ``entity``, ``version``, ``variant``, the columns, ``label``
        (null for none), ``place`` by which rows are chosen and sorted, and how many there are,
        ``day_rows`` and ``hour_rows``.
        """
        query = _CHOSEN.format(of_day=of_day, of_hour=of_hour, columns=pattern(columns))
        window = window_of(start, end, up_to)
        kinds: dict[Kind, Window] = {
            "prediction": window,
            "outcome": labels_of(window),
        }
        return query_rows(self._database, self._folder, model, kinds, query)
