"""Predictions in the order in which they and their labels had both arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.store.catalog import Window
from watchkeeper.store.columns import Kind
from watchkeeper.store.database import Database
from watchkeeper.store.quality_rows import QualityRows, pattern
from watchkeeper.store.reading import query_rows

_EARLY: Final = timedelta(days=1)

# Of the outcomes of a prediction the first with a label counts here: later ones correct what was
# taken in already.
_STREAM = """
WITH candidates AS (
    SELECT prediction_id FROM outcome WHERE sequence > {after} AND label IS NOT NULL
    UNION
    SELECT prediction_id FROM prediction WHERE sequence > {after}
), first AS (
    SELECT prediction_id AS id, COLUMNS('^label$'), sequence AS came, time AS known_at
    FROM outcome
    WHERE label IS NOT NULL AND prediction_id IN (FROM candidates)
    QUALIFY row_number() OVER (PARTITION BY prediction_id ORDER BY sequence, row) = 1
), answered AS (
    SELECT prediction_id, time, sequence AS stored, COLUMNS('{columns}')
    FROM prediction
    WHERE error IS NULL AND prediction_id IN (SELECT id FROM first)
)
SELECT p.* EXCLUDE (stored), f.label, f.known_at, greatest(p.stored, f.came) AS complete_at
FROM answered p JOIN first f ON f.id = p.prediction_id
WHERE greatest(p.stored, f.came) > {after}
ORDER BY complete_at, p.time, p.prediction_id
"""
_SPAN = "SELECT min(time) AS first, max(time) AS last FROM prediction"


class LabelledStream:
    """Reads a model's labelled predictions once each, as they become complete."""

    def __init__(self, database: Database, folder: Path, rows: QualityRows) -> None:
        self._database = database
        self._folder = folder
        self._rows = rows

    def next_stop(self, model: str, *, after: int, up_to: int, most_rows: int) -> int:
        """Return up to which journal entry to read, so that there are about so many records."""
        return self._rows.next_stop(
            model, after=after, up_to=up_to, most_rows=most_rows, kinds=("prediction", "outcome")
        )

    def read(self, model: str, columns: Sequence[str], *, after: int, up_to: int) -> pa.Table:
        """Return the predictions that became complete after one journal entry, up to another.

        Parameters
        ----------
        columns
            Stored columns to read, as far as they are there; a name that ends in ``:`` stands for
            all that begin so.

        Returns
        -------
        ``prediction_id``, ``time``, version, variant, the columns, ``label`` of the
        first outcome that had one, ``known_at``, its time, and ``complete_at``, the journal entry
        with which both were there; sorted by that, then by time and id.
        """
        fresh = self._rows.fresh(model, after=after, up_to=up_to, kinds=("outcome",))
        found = self._rows.find_labelled(model, fresh, up_to=up_to)
        new = Window(after_sequence=after, up_to_sequence=up_to)
        span = query_rows(self._database, self._folder, model, {"prediction": new}, _SPAN)
        times = [
            *span.column("first").drop_null().to_pylist(),
            *span.column("last").drop_null().to_pylist(),
        ]
        if found.num_rows:
            ends = pc.min_max(found.column("time"))
            times += [ends["min"].as_py(), ends["max"].as_py()]
        if not times:
            times = [datetime.fromtimestamp(0, UTC)]
        first, last = min(times), max(times)
        labels = [first, *([pc.min(fresh.column("time")).as_py()] if fresh.num_rows else [])]
        kinds: dict[Kind, Window] = {
            "prediction": Window(
                start=first, end=last + timedelta(microseconds=1), up_to_sequence=up_to
            ),
            "outcome": Window(start=min(labels) - _EARLY, up_to_sequence=up_to),
        }
        query = _STREAM.format(after=int(after), columns=pattern(columns))
        return query_rows(self._database, self._folder, model, kinds, query)
