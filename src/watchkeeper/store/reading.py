"""Predictions, outcomes and feedback read back: sealed and journaled rows as one table."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pt
import sqlalchemy as sa

from watchkeeper.errors import StoreError
from watchkeeper.store import catalog
from watchkeeper.store.columns import (
    ARROW,
    OUTLIER_COLUMNS,
    OUTLIER_SCORE,
    UTC_TIME,
    Kind,
    fixed_columns,
    ordered,
    unified,
)
from watchkeeper.store.database import Database
from watchkeeper.store.label_days import label_files
from watchkeeper.store.sealing import journal_tables, known_types

_ATTEMPTS = 5
_MOST_IDLE = 2
_MEMORY = "2GB"
_KINDS: tuple[Kind, ...] = get_args(Kind)
_IDLE: dict[int, list[duckdb.DuckDBPyConnection]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where rows of one kind lie at one moment: in the journal, and in files."""

    journaled: pa.Table
    paths: tuple[str, ...]
    window: catalog.Window


def read_predictions(
    database: Database, folder: Path, model: str, window: catalog.Window, *, with_labels: bool
) -> pa.Table:
    """Return predictions sorted by time and id, with the label of the latest outcome.

    Of outcomes with the same time, the one that arrived last counts.

    Raises
    ------
    StoreError
        If a sealed file is missing or cannot be read.
    """
    kinds: dict[Kind, catalog.Window] = {"prediction": window}
    if with_labels:
        kinds["outcome"] = catalog.labels_of(window)
    query = _JOINED if with_labels else _SORTED.format(kind="prediction", key="prediction_id")
    return query_rows(database, folder, model, kinds, query)


def read_feedback(database: Database, folder: Path, model: str, window: catalog.Window) -> pa.Table:
    """Return feedback sorted by time and id."""
    query = _SORTED.format(kind="feedback", key="feedback_id")
    return query_rows(database, folder, model, {"feedback": window}, query)


_VIEW = "CREATE VIEW {kind} AS SELECT * FROM ({rows}) WHERE {condition}"
_JOURNALED = "SELECT * FROM journaled_{kind}"
_BOTH = "SELECT * FROM journaled_{kind} UNION ALL BY NAME SELECT * FROM sealed_{kind}"
_SORTED = "SELECT * EXCLUDE (row) FROM {kind} ORDER BY time, {key}"
_JOINED = """
WITH latest AS (
    SELECT prediction_id AS id, COLUMNS('^(misfit:)?label$'), time AS label_time
    FROM outcome
    QUALIFY row_number() OVER (
        PARTITION BY prediction_id ORDER BY time DESC, sequence DESC, row DESC
    ) = 1
)
SELECT p.* EXCLUDE (row), o.* EXCLUDE (id)
FROM prediction p LEFT JOIN latest o ON o.id = p.prediction_id
ORDER BY p.time, p.prediction_id
"""


def query_rows(
    database: Database,
    folder: Path,
    model: str,
    kinds: Mapping[Kind, catalog.Window],
    query: str,
    parameters: Sequence[object] = (),
    *,
    given: pa.Table | None = None,
) -> pa.Table:
    """Run a query over a model's records, with a view of the window's rows for each kind.

    Parameters
    ----------
    kinds
        The views that the query names, with the rows that each shall have; of labels of a window's
        predictions there may be others too.
    parameters
        What stands for the query's question marks.
    given
        A table that the query knows by the name ``given``.

    Raises
    ------
    StoreError
        If a sealed file is missing or cannot be read.
    """
    for attempt in range(_ATTEMPTS):
        with database.reading() as connection:
            sources = {k: _source(connection, model, k, w) for k, w in kinds.items()}
        try:
            with _compute() as engine:
                for kind, source in sources.items():
                    _create_view(engine, folder, kind, source)
                if given is not None:
                    engine.register("given", given)
                found: pa.Table = engine.sql(query, params=[*parameters]).to_arrow_table()
            return _in_order(found, needs_label="label" in found.column_names)
        except (duckdb.Error, pa.ArrowException) as error:
            # Files may have been merged since they were looked up: then look again.
            paths = [path for source in sources.values() for path in source.paths]
            bad = _first_unreadable(folder, paths)
            if bad is not None and attempt < _ATTEMPTS - 1 and not _is_named(database, bad):
                continue
            raise StoreError(_damage(folder, bad, error)) from error
    raise AssertionError("the last attempt returns or raises")


def _source(connection: sa.Connection, model: str, kind: Kind, window: catalog.Window) -> _Source:
    types = known_types(connection)
    tables = [t for _, _, t in journal_tables(connection, types, model=model, kind=kind)]
    fields = dict(fixed_columns(kind))
    if kind == "outcome":
        fields["label"] = ARROW[types.get(model, {}).get("label", "number")]
    if kind == "prediction":
        # So that they can be asked for where nothing was scored.
        fields |= {OUTLIER_SCORE: pa.float64(), OUTLIER_COLUMNS: pa.list_(pa.string())}
    fields |= {"sequence": pa.int64(), "row": pa.int32()}
    empty = pa.schema([pa.field(name, arrow) for name, arrow in fields.items()]).empty_table()
    files = catalog.files_within(connection, model, kind, window)
    if window.predictions is not None:
        files = label_files(connection, model, kind, files, window.predictions)
    return _Source(
        journaled=unified([empty, *tables]),
        paths=tuple(file.path for file in files),
        window=window,
    )


@contextmanager
def _compute() -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend an engine without tables; making one takes as long as a small query."""
    process = os.getpid()  # an engine does not survive a fork
    idle = _IDLE.setdefault(process, [])
    engine = idle.pop() if idle else _new_engine()
    try:
        yield engine
        for kind in _KINDS:
            engine.execute(f"DROP VIEW IF EXISTS {kind}")
            engine.execute(f"DROP VIEW IF EXISTS sealed_{kind}")
            engine.unregister(f"journaled_{kind}")
        engine.unregister("given")
    except BaseException:
        engine.close()
        raise
    if len(idle) < _MOST_IDLE:
        idle.append(engine)
    else:
        engine.close()


def _new_engine() -> duckdb.DuckDBPyConnection:
    # Without a limit an engine would take four fifths of the machine; beyond it, it uses the disk.
    spill = Path(tempfile.gettempdir()) / f"watchkeeper-{secrets.token_hex(8)}"
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(spill),
    }
    engine = duckdb.connect(":memory:", config=config)
    engine.execute("SET TimeZone = 'UTC'")
    return engine


def _create_view(
    engine: duckdb.DuckDBPyConnection, folder: Path, kind: Kind, source: _Source
) -> None:
    """Make the rows of a source readable under the name of their kind."""
    engine.register(f"journaled_{kind}", source.journaled)
    if source.paths:
        paths = [str(folder / path) for path in source.paths]
        sealed = engine.read_parquet(paths, union_by_name=True, hive_partitioning=False)
        sealed.create_view(f"sealed_{kind}")
    rows = (_BOTH if source.paths else _JOURNALED).format(kind=kind)
    engine.execute(_VIEW.format(kind=kind, rows=rows, condition=_condition(source.window)))


def _condition(window: catalog.Window) -> str:
    parts = [f"sequence > {window.after_sequence:d}"]
    if window.up_to_sequence is not None:
        parts.append(f"sequence <= {window.up_to_sequence:d}")
    if window.start is not None:
        parts.append(f"time >= make_timestamptz({catalog.microseconds_of(window.start):d})")
    if window.end is not None:
        parts.append(f"time < make_timestamptz({catalog.microseconds_of(window.end):d})")
    return " AND ".join(parts)


def _in_order(table: pa.Table, *, needs_label: bool) -> pa.Table:
    schema = pa.schema(
        pa.field(f.name, UTC_TIME if pt.is_timestamp(f.type) else f.type) for f in table.schema
    )
    table = table.cast(schema)
    result = ordered(table)
    if needs_label and "label" not in result.column_names:
        result = result.append_column("label", table.column("label"))
    return result


def _first_unreadable(folder: Path, paths: Sequence[str]) -> str | None:
    for path in paths:
        try:
            pq.read_metadata(folder / path)
        except (OSError, pa.ArrowException):
            return path
    return None


def _is_named(database: Database, path: str) -> bool:
    with database.reading() as connection:
        return path in {file.path for file in catalog.all_files(connection)}


def _damage(folder: Path, path: str | None, error: Exception) -> str:
    if path is None:
        return f"the events of the store {folder} cannot be read: {error}"
    return (
        f"in the store {folder}, the sealed file {path} is missing or damaged. Restore it from a"
        " backup: sealed files are never changed"
    )
