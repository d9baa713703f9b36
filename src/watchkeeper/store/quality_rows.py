"""Predictions joined with their outcomes: which ones new labels belong to, and their rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from watchkeeper.store.catalog import Window, files_within, labels_of, microseconds_of
from watchkeeper.store.columns import Kind
from watchkeeper.store.database import Database
from watchkeeper.store.reading import query_rows
from watchkeeper.store.tables import journal, sealed_files

_REACHES: Final = (2, 10, 40, 160)
"""Days before the first of some outcomes that are looked through for their predictions."""

_IDS = "SELECT prediction_id, '{kind}' AS kind, time, sequence FROM {kind}"
_FRESH = """
SELECT prediction_id, kind, CAST(time AS DATE) AS label_day, min(time) AS time,
    min(sequence) AS first_sequence, max(sequence) AS last_sequence
FROM ({rows}) WHERE prediction_id IS NOT NULL GROUP BY ALL
"""
_FOUND = "SELECT prediction_id, time FROM prediction WHERE prediction_id IN (FROM given)"
_LABELLED = """
WITH wanted AS (
    SELECT prediction_id, time, entity, COLUMNS('{columns}') FROM prediction WHERE {sample}
), latest AS (
    SELECT
        prediction_id AS id, COLUMNS('^label$'),
        min(time) OVER (PARTITION BY prediction_id) AS known_at
    FROM outcome
    WHERE prediction_id IN (SELECT prediction_id FROM wanted)
    QUALIFY row_number() OVER (
        PARTITION BY prediction_id ORDER BY time DESC, sequence DESC, row DESC
    ) = 1
)
SELECT w.*, o.label, o.known_at
FROM wanted w JOIN latest o ON o.id = w.prediction_id
WHERE o.label IS NOT NULL
ORDER BY w.time, w.prediction_id
"""
_COUNTED = """
SELECT date_trunc('hour', time) AS time, COLUMNS('{columns}'), count(*) AS predictions
FROM prediction GROUP BY ALL
"""


class QualityRows:
    """Reads the predictions of one project together with their outcomes."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def models(self) -> dict[str, int]:
        """Return the models that have outcomes or feedback, with the entry of the newest."""
        newest: dict[str, int] = {}
        with self._database.reading() as connection:
            for table, column in (
                (sealed_files, sealed_files.c.last_sequence),
                (journal, journal.c.sequence),
            ):
                query = sa.select(table.c.model, sa.func.max(column)).where(
                    table.c.kind.in_(("outcome", "feedback"))
                )
                for model, sequence in connection.execute(query.group_by(table.c.model)):
                    newest[model] = max(newest.get(model, 0), int(sequence))
        return dict(sorted(newest.items()))

    def next_stop(
        self, model: str, *, after: int, up_to: int, most_rows: int, kinds: Sequence[Kind]
    ) -> int:
        """Return up to which journal entry to read, so that there are about so many records."""
        window = Window(after_sequence=after, up_to_sequence=up_to)
        with self._database.reading() as connection:
            files = [
                file for kind in kinds for file in files_within(connection, model, kind, window)
            ]
        rows = 0
        for file in sorted(files, key=lambda file: file.last_sequence):
            rows += file.rows
            if rows >= most_rows and file.last_sequence < up_to:
                return file.last_sequence
        return up_to

    def fresh(self, model: str, *, after: int, up_to: int, kinds: Sequence[Kind]) -> pa.Table:
        """Return what records came in between, by prediction, kind and day.

        Parameters
        ----------
        kinds
            Outcomes, or feedback too.

        Returns
        -------
        ``prediction_id``, ``kind``, ``label_day`` (days since 1970), first ``time``, and the
        journal entries, ``first_sequence`` and ``last_sequence``.
        """
        window = Window(after_sequence=after, up_to_sequence=up_to)
        query = _FRESH.format(rows=" UNION ALL ".join(_IDS.format(kind=kind) for kind in kinds))
        views = dict.fromkeys(kinds, window)
        found = query_rows(self._database, self._folder, model, views, query)
        place = found.schema.get_field_index("label_day")
        return found.set_column(place, "label_day", found.column("label_day").cast(pa.int32()))

    def find(self, model: str, ids: pa.Array, window: Window) -> pa.Table:
        """Return ``prediction_id`` and ``time`` of predictions of a window, of some ids."""
        given = pa.table({"prediction_id": ids})
        return query_rows(
            self._database, self._folder, model, {"prediction": window}, _FOUND, given=given
        )

    def find_labelled(self, model: str, fresh: pa.Table, *, up_to: int) -> pa.Table:
        """Return ``prediction_id`` and ``time`` of the predictions that outcomes belong to.

        Those of the days before the first outcome are looked through first, then those of ever more
        days before as long as some are missing, and those of all others last.
        """
        ids = pc.unique(fresh.column("prediction_id"))
        if not len(ids):
            return fresh.select(["prediction_id", "time"])
        oldest: datetime = pc.min(fresh.column("time")).as_py()
        found: list[pa.Table] = []
        end: datetime | None = None
        for reach in (*_REACHES, None):
            # What is of the first year of all has no days before it to look through in steps.
            start = None if reach is None or oldest.year == 1 else oldest - timedelta(days=reach)
            window = Window(start=start, end=end, up_to_sequence=up_to)
            found.append(self.find(model, ids, window))
            ids = ids.filter(pc.invert(pc.is_in(ids, found[-1].column("prediction_id"))))
            if start is None or not len(ids):
                break
            end = start
        return pa.concat_tables(found)

    def find_new(self, model: str, ids: pa.Array, *, after: int, up_to: int) -> pa.Table:
        """Return ``prediction_id`` and ``time`` of those of some predictions that came since."""
        window = Window(after_sequence=after, up_to_sequence=up_to)
        if not len(ids):  # nothing is, of any window
            window = Window(after_sequence=up_to, up_to_sequence=up_to)
        return self.find(model, ids, window)

    def labelled(
        self,
        model: str,
        columns: Sequence[str],
        *,
        start: int,
        end: int,
        up_to: int | None,
        one_in: int = 1,
    ) -> pa.Table:
        """Return predictions with ``start <= time < end`` that have a label, sorted by time.

        Parameters
        ----------
        columns
            Stored columns to read, as far as they are there; a name that ends in ``:`` stands for
            all that begin so.
        start, end
            Seconds since 1970.
        one_in
            Only one in so many predictions, chosen by its id: always the same ones.

        Returns
        -------
        ``prediction_id``, ``time``, ``entity``, the columns, ``label`` of the newest outcome, and
        ``known_at``, the time of the first.
        """
        sample = "true" if one_in <= 1 else f"hash(prediction_id) % {one_in:d} = 0"
        query = _LABELLED.format(columns=pattern(columns), sample=sample)
        kinds: dict[Kind, Window] = {
            "prediction": window_of(start, end, up_to),
            "outcome": labels_of(window_of(start, end, up_to)),
        }
        return query_rows(self._database, self._folder, model, kinds, query)

    def counted(
        self, model: str, columns: Sequence[str], *, start: int, end: int, up_to: int | None
    ) -> pa.Table:
        """Return how many predictions there are of each hour and combination of columns."""
        query = _COUNTED.format(columns=pattern(columns))
        window = window_of(start, end, up_to)
        return query_rows(self._database, self._folder, model, {"prediction": window}, query)

    def newest(self, model: str) -> int | None:
        """Return the latest event time of predictions and outcomes, in seconds since 1970."""
        times: list[int] = []
        with self._database.reading() as connection:
            for table in (journal, sealed_files):
                query = sa.select(sa.func.max(table.c.last_time)).where(
                    table.c.model == model, table.c.kind.in_(("prediction", "outcome"))
                )
                times += [int(t) for t in connection.execute(query).scalars() if t is not None]
        return max(times) // 1_000_000 if times else None

    def deliveries(self, model: str) -> list[int]:
        """Return the latest event time of outcomes after each delivery of them, oldest first.

        Seconds since 1970. A delivery is all outcomes that came without predictions in between.
        """
        entries: list[tuple[int, bool, int]] = []
        with self._database.reading() as connection:
            for table, column in (
                (sealed_files, sealed_files.c.last_sequence),
                (journal, journal.c.sequence),
            ):
                query = sa.select(column, table.c.kind, table.c.last_time).where(
                    table.c.model == model, table.c.kind.in_(("prediction", "outcome"))
                )
                for sequence, kind, last in connection.execute(query):
                    entries.append((sequence, kind == "outcome", int(last)))
        newest, found = 0, []
        for is_outcome, delivery in groupby(sorted(entries), key=lambda entry: entry[1]):
            if is_outcome:
                newest = max(newest, *(last for _, _, last in delivery))
                found.append(newest // 1_000_000)
        return found

    def span(self, model: str) -> tuple[int, int] | None:
        """Return first and last event time of the model's predictions, seconds since 1970."""
        firsts: list[int] = []
        lasts: list[int] = []
        with self._database.reading() as connection:
            for table in (journal, sealed_files):
                c = table.c
                query = sa.select(sa.func.min(c.first_time), sa.func.max(c.last_time)).where(
                    c.model == model, c.kind == "prediction"
                )
                for first, last in connection.execute(query):
                    firsts += [] if first is None else [int(first)]
                    lasts += [] if last is None else [int(last)]
        return (min(firsts) // 1_000_000, max(lasts) // 1_000_000) if lasts else None


def window_of(start: int, end: int, up_to: int | None) -> Window:
    """Return the rows with ``start <= time < end``, seconds since 1970, up to a journal entry."""
    first, last = (datetime.fromtimestamp(one, UTC) for one in (start, end))
    assert microseconds_of(first) == start * 1_000_000
    return Window(start=first, end=last, up_to_sequence=up_to)


def pattern(columns: Sequence[str]) -> str:
    """Return a regular expression, safe inside quotes, for version, variant and some columns.

    A name that ends in ``:`` stands for all that begin so.
    """
    names = [re.escape(name) + (".*" if name.endswith(":") else "") for name in columns]
    return f"^({'|'.join(['version', 'variant', *names])})$".replace("'", "''")
