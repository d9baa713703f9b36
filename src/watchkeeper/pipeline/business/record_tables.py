"""A model's records as three tables, for questions in SQL and in Python."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, get_args

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.errors import SettingsError
from watchkeeper.pipeline.queried_rows import close_off
from watchkeeper.store import Kind, Store

ALL_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_MEMORY = "1GB"
_SECONDS = 60.0
_WITH_PREDICTION = """
CREATE TEMP VIEW feedback AS
SELECT f.*, p.version, p.variant FROM given_feedback f
LEFT JOIN given_predictions p USING (prediction_id)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTables:
    """Records of a window; times are UTC without a zone.

    Attributes
    ----------
    predictions
        As ``Store.predictions`` gives them.
    outcomes
        ``prediction_id``, ``time`` and ``label`` of the labels that have come for them.
    feedback
        As ``Store.feedback`` gives it.
    """

    predictions: pa.Table
    outcomes: pa.Table
    feedback: pa.Table


def record_tables(
    store: Store,
    model: str,
    *,
    start: datetime | None,
    end: datetime | None,
    kinds: Collection[Kind] = ALL_KINDS,
) -> RecordTables:
    """Return a model's records with ``start <= time < end``, and the labels of its predictions.

    Parameters
    ----------
    kinds
        Kinds that are looked at; tables of the others are empty, or have no labels.
    """
    last = end if {"prediction", "outcome"} & {*kinds} else start
    found = store.predictions(model, start=start, end=last, with_labels="outcome" in kinds)
    predictions = _plain(found)
    known = [
        name
        for name in ("prediction_id", "label_time", "label")
        if name in predictions.column_names
    ]
    outcomes = predictions.select(known)
    if "label_time" in known:
        outcomes = outcomes.filter(outcomes["label_time"].is_valid())
    outcomes = outcomes.rename_columns(["time" if n == "label_time" else n for n in known])
    feedback = _plain(store.feedback(model, start=start, end=end if "feedback" in kinds else start))
    return RecordTables(predictions=predictions, outcomes=outcomes, feedback=feedback)


def before(tables: RecordTables, end: datetime) -> RecordTables:
    """Return the records that there were at a time, and the labels known by then.

    Of a label that was corrected later nothing is known.
    """
    last = pa.scalar(end.astimezone(UTC).replace(tzinfo=None), pa.timestamp("us"))
    predictions = tables.predictions
    predictions = predictions.filter(pc.less(predictions["time"], last))
    if "label_time" in predictions.column_names:
        told = pc.fill_null(pc.less(predictions["label_time"], last), False)
        for name in ("label", "label_time"):
            if name in predictions.column_names:
                place = predictions.column_names.index(name)
                kept = pc.if_else(told, predictions[name], pa.scalar(None, predictions[name].type))
                predictions = predictions.set_column(place, name, kept)
    outcomes = tables.outcomes
    if "time" in outcomes.column_names:
        outcomes = outcomes.filter(pc.less(outcomes["time"], last))
    feedback = tables.feedback.filter(pc.less(tables.feedback["time"], last))
    return RecordTables(predictions=predictions, outcomes=outcomes, feedback=feedback)


@contextmanager
def opened(tables: RecordTables) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the tables in a DuckDB that sees nothing else, for a minute."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": _MEMORY,
        }
    )
    timer = threading.Timer(_SECONDS, connection.interrupt)
    timer.daemon = True
    try:
        connection.register("given_predictions", tables.predictions)
        connection.register("given_feedback", tables.feedback)
        connection.register("outcomes", tables.outcomes)
        connection.execute("CREATE TEMP VIEW predictions AS FROM given_predictions")
        connection.execute(_WITH_PREDICTION)
        close_off(connection, [])
        timer.start()
        yield connection
    finally:
        timer.cancel()
        connection.close()


def require_query(name: str, sql: str) -> None:
    """Raise ``SettingsError`` if a text is not one query that only reads."""
    try:
        statements = duckdb.extract_statements(sql)
    except (duckdb.Error, UnicodeEncodeError) as error:
        first = str(error).partition("\n")[0]
        raise SettingsError(f"business metric {name!r}: DuckDB says: {first}") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise SettingsError(
            f"business metric {name!r}: expected one SELECT over predictions, outcomes and "
            f"feedback; got {sql!r}."
        )


def _plain(table: pa.Table) -> pa.Table:
    fields = [
        pa.field(field.name, pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
