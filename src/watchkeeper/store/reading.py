"""Predictions, outcomes and feedback read back: sealed and journaled rows as one table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from watchkeeper.errors import StoreError
from watchkeeper.store.columns import fixed_columns, unified
from watchkeeper.store.database import Database
from watchkeeper.store.sealing import journal_tables, known_types
from watchkeeper.store.tables import sealed_files

_SEQUENCE = pa.field("sequence", pa.int64())


def read_rows(
    database: Database,
    folder: Path,
    model: str,
    kind: str,
    *,
    start: datetime | None,
    end: datetime | None,
    after_sequence: int,
    up_to_sequence: int | None,
) -> pa.Table:
    """Return the rows of one kind with ``start <= time < end``, in no particular order.

    Raises
    ------
    StoreError
        If a sealed file is missing or cannot be read.
    """
    with database.reading() as connection:
        types = known_types(connection)
        tables = [t for _, _, _, t in journal_tables(connection, types, model=model, kind=kind)]
        paths = _paths(connection, model, kind, start, end, after_sequence, up_to_sequence)
    for path in paths:
        try:
            tables.append(pq.read_table(folder / path, partitioning=None))
        except (OSError, pa.ArrowInvalid) as error:
            message = (
                f"the sealed file {path} is missing or damaged ({error}). Restore it from a backup:"
                " sealed files are never changed"
            )
            raise StoreError(message) from error
    fields = [pa.field(n, t) for n, t in fixed_columns(kind).items()]
    empty = pa.schema([*fields, _SEQUENCE]).empty_table()
    table = unified([empty, *tables])
    return _between(table, start, end, after_sequence, up_to_sequence)


def join_outcomes(predictions: pa.Table, outcomes: pa.Table) -> pa.Table:
    """Add ``label`` and ``label_time`` of each prediction's latest outcome, and sort by time.

    The outcome with the latest time wins; of equal times, the one that arrived last.
    """
    if "label" not in outcomes.column_names:
        outcomes = outcomes.append_column("label", pa.nulls(outcomes.num_rows, pa.float64()))
    connection = duckdb.connect(":memory:")
    try:
        connection.register("predictions", predictions)
        connection.register("outcomes", outcomes)
        joined: pa.Table = connection.sql(_JOIN).to_arrow_table()
    finally:
        connection.close()
    time = pa.timestamp("us", "UTC")
    for name in ("time", "label_time"):
        place = joined.schema.get_field_index(name)
        joined = joined.set_column(place, name, joined.column(name).cast(time))
    return joined


_JOIN = """
WITH latest AS (
    SELECT prediction_id, label, time AS label_time,
           row_number() OVER (PARTITION BY prediction_id ORDER BY time DESC, sequence DESC) AS place
    FROM outcomes
)
SELECT p.*, o.label, o.label_time
FROM predictions p
LEFT JOIN latest o ON o.prediction_id = p.prediction_id AND o.place = 1
ORDER BY p.time, p.prediction_id
"""


def _paths(
    connection: sa.Connection,
    model: str,
    kind: str,
    start: datetime | None,
    end: datetime | None,
    after_sequence: int,
    up_to_sequence: int | None,
) -> list[str]:
    c = sealed_files.c
    query = sa.select(c.path).where(c.model == model, c.kind == kind)
    query = query.where(c.last_sequence > after_sequence)
    if up_to_sequence is not None:
        query = query.where(c.first_sequence <= up_to_sequence)
    if start is not None:
        query = query.where(c.day >= start.astimezone(UTC).date().isoformat())
    if end is not None:
        query = query.where(c.day <= end.astimezone(UTC).date().isoformat())
    return [row.path for row in connection.execute(query.order_by(c.path))]


def _between(
    table: pa.Table,
    start: datetime | None,
    end: datetime | None,
    after_sequence: int,
    up_to_sequence: int | None,
) -> pa.Table:
    wanted = pc.field("sequence") > after_sequence
    if up_to_sequence is not None:
        wanted &= pc.field("sequence") <= up_to_sequence
    kind = pa.timestamp("us", "UTC")
    if start is not None:
        wanted &= pc.field("time") >= pa.scalar(start, kind)
    if end is not None:
        wanted &= pc.field("time") < pa.scalar(end, kind)
    return table.filter(wanted)
