"""Which columns of a table are looked at, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from watchkeeper.errors import DataError, nearest
from watchkeeper.events import EXPLANATION, WATCHED_ROLES, Column, Schema, infer_schema

_SAMPLE_ROWS = 100_000


def first_rows(tables: Iterable[pa.Table]) -> pa.Table:
    """Return up to 100,000 rows from the beginning, for a look at the columns.

    Raises
    ------
    DataError
        When there are no rows.
    """
    taken: list[pa.Table] = []
    rows = 0
    for table in tables:
        taken.append(table.slice(0, _SAMPLE_ROWS - rows))
        rows += taken[-1].num_rows
        if rows >= _SAMPLE_ROWS:
            break
    if not rows:
        raise DataError("the reference has no rows; name a reference that has some")
    return pa.concat_tables(taken, promote_options="default")


def choose_columns(
    sample: pa.Table,
    *,
    schema: Schema | None = None,
    time_column: str | None = None,
    columns: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    may_be_empty: bool = False,
) -> tuple[Schema, dict[str, str]]:
    """Return the columns to look at, and for each other one the reason.

    Parameters
    ----------
    sample
        Rows of the reference.
    schema
        Declared columns; ``None`` to infer them from the sample.
    columns
        Columns asked for by name; ``None`` for all that make sense.
    ignore
        Columns to leave out; ``explanation:`` stands for all that features contributed.
    may_be_empty
        Whether to go on when no column is left.

    Raises
    ------
    DataError
        When a column named does not exist, or none is left.
    """
    sample = sample.select([n for n in sample.column_names if not n.startswith("misfit:")])
    if EXPLANATION in ignore:
        ignore = [n for n in ignore if n != EXPLANATION]
        ignore += [n for n in sample.column_names if n.startswith(EXPLANATION)]
    require_columns([*(columns or ()), *ignore], sample.column_names)
    if schema is not None:
        notes = {n: f"its role is {c.role}" for n, c in schema.columns.items() if not _looked_at(c)}
        inferred: Sequence[str] = ()
    else:
        inference = infer_schema(sample, time_column=time_column)
        schema, notes = inference.schema, dict(inference.notes)
        inferred = list(notes)
    chosen: dict[str, Column] = {}
    left: dict[str, str] = {}
    asked = set(columns or ())
    for name, column in schema.columns.items():
        if name == time_column:
            continue
        if name in ignore:
            left[name] = "left out as asked"
        elif columns is not None and name not in asked:
            left[name] = "not among the columns asked for"
        elif name in asked and not _looked_at(column) and name in inferred:
            chosen[name] = Column(type=column.type)
        elif _looked_at(column):
            chosen[name] = column
        else:
            left[name] = notes.get(name, f"its role is {column.role}")
    if not chosen and not may_be_empty:
        reasons = "; ".join(f"{n}: {why}" for n, why in list(left.items())[:5])
        raise DataError(f"no column is left to watch ({reasons or 'the data has none'})")
    return Schema(columns=chosen), left


def require_columns(asked: Iterable[str], names: Sequence[str]) -> None:
    """Raise ``DataError`` for the first column that the reference does not have."""
    for name in asked:
        if name not in names:
            raise DataError(f"the reference has no column {name!r}.{nearest(name, names)}")


def _looked_at(column: Column) -> bool:
    return column.role in WATCHED_ROLES
