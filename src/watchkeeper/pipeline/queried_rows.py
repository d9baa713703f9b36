"""Rows that SQL can be asked of: any data as the table ``data`` of a DuckDB of its own."""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from watchkeeper.checks import TABLE, Table, TableColumn, identifier, text_literal
from watchkeeper.errors import DataError
from watchkeeper.pipeline.files import open_table
from watchkeeper.pipeline.paths import find, format_of

_SOURCE = "watchkeeper_source"
_MISFIT = "misfit:"
_MEMORY = "1GB"


class QueriedRows:
    """Rows of a table in DuckDB, with its columns.

    SQL sees nothing else: no other file, no variable of the program, no network.

    Attributes
    ----------
    name
        What the data is called.
    table
        Its columns.
    """

    def __init__(self, name: str, connection: duckdb.DuckDBPyConnection, table: Table) -> None:
        self.name = name
        self.table = table
        self._connection = connection

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises
        ------
        duckdb.Error
            It cannot be answered.
        """
        return self._connection.execute(sql).fetchall()

    def types(self, sql: str) -> list[str]:
        """Return the types of what a query would give, without its rows."""
        described = self._connection.execute(f"DESCRIBE {sql}").fetchall()
        return [str(row[1]) for row in described]


@contextmanager
def open_rows(data: object) -> Iterator[QueriedRows]:
    """Open data for questions in SQL; Parquet and Arrow are read where they are.

    What only comes once or has to be understood first (CSV, JSONL, streams, relations of another
    DuckDB) is kept in a file of its own meanwhile, so that memory does not grow with the rows.

    Parameters
    ----------
    data
        As ``files.open_table`` takes it; it may have no rows.

    Raises
    ------
    DataError
        The data cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="watchkeeper-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": _MEMORY,
            "temp_directory": str(Path(folder) / "spilled"),
        }
        connection = duckdb.connect(config=config)
        try:
            opening = _Opening(connection, Path(folder) / "rows.duckdb")
            name, allowed = opening.open(data)
            columns = opening.columns()
            close_off(connection, allowed)
            yield QueriedRows(name, connection, Table(columns=columns))
        except duckdb.IOException as error:
            raise DataError(f"{_shown(data)} cannot be read: {error}") from error
        finally:
            connection.close()


def close_off(connection: duckdb.DuckDBPyConnection, allowed: Sequence[Path]) -> None:
    """Let SQL of this connection see no file but those allowed, no variable and no network."""
    listed = ", ".join(text_literal(str(path)) for path in allowed)
    connection.execute(f"SET allowed_paths = [{listed}]")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


class _Opening:
    """Makes ``watchkeeper_source`` of data, and the view of it that checks are asked of."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, kept: Path) -> None:
        self._connection = connection
        self._kept_file = kept
        self._names: list[str] | None = None

    def open(self, data: object) -> tuple[str, list[Path]]:
        """Return what the data is called, and the files that must stay readable."""
        if isinstance(data, str | Path):
            data = [data]
        if (
            isinstance(data, list | tuple)
            and data
            and all(isinstance(one, str | Path) for one in data)
        ):
            return self._files(find(data))
        name = f"<{type(data).__module__.split('.')[0]} {type(data).__name__}>"
        self._frame(data)
        return name, []

    def columns(self) -> tuple[TableColumn, ...]:
        """Return the columns, in a view where NaN is null and enumerations are text."""
        described = self._connection.execute(f"DESCRIBE {_SOURCE}").fetchall()
        found = [(str(row[0]), str(row[1])) for row in described]
        # DuckDB renames what differs in case only, and names that it cannot have.
        same = self._names is not None and len(self._names) == len(found)
        own = self._names if same and self._names is not None else [name for name, _ in found]
        misfits = {name for name in own if name.startswith(_MISFIT)}
        selected, columns = [], []
        for name, (known_as, kind) in zip(own, found, strict=True):
            quoted = identifier(known_as)
            selected.append(f"{_plain(quoted, kind)} AS {quoted}")
            if name in misfits and name.removeprefix(_MISFIT) in own:
                continue
            misfit = identifier(_MISFIT + name) if _MISFIT + name in misfits else None
            columns.append(TableColumn(name=name, sql=quoted, type=kind, misfit=misfit))
        listed = ", ".join(selected)
        self._connection.execute(f"CREATE TEMP VIEW {TABLE} AS FROM {_SOURCE} SELECT {listed}")
        return tuple(columns)

    def _files(self, paths: list[Path]) -> tuple[str, list[Path]]:
        name = str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
        if any(format_of(path) != "parquet" for path in paths):
            self._read(paths)
            return name, []
        if any(glob.has_magic(str(path)) for path in paths):
            dataset = ds.dataset([str(path) for path in paths], format="parquet")
            self._arrow(dataset, dataset.schema.names)
            return name, []
        listed = ", ".join(text_literal(str(path.absolute())) for path in paths)
        read = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        self._connection.execute(f"CREATE TEMP VIEW {_SOURCE} AS FROM {read}")
        if len(paths) == 1:
            self._names = list(ds.dataset(str(paths[0]), format="parquet").schema.names)
        return name, [path.absolute() for path in paths]

    def _frame(self, data: object) -> None:
        if isinstance(data, duckdb.DuckDBPyRelation):
            data = _reader(data)
        elif type(data).__module__.startswith("polars") and hasattr(data, "collect"):
            data = data.collect()
        if type(data).__module__.startswith("polars") and hasattr(data, "to_arrow"):
            data = data.to_arrow()
        if isinstance(data, pa.RecordBatch):
            data = pa.Table.from_batches([data])
        if isinstance(data, pa.Table):
            return self._arrow(data, data.column_names)
        if isinstance(data, ds.Dataset):
            return self._arrow(data, data.schema.names)
        if isinstance(data, pa.RecordBatchReader):
            return self._kept(data)
        if type(data).__module__.startswith("pandas") and len(data) == 0:  # type: ignore[arg-type]
            empty = pa.Table.from_pandas(data, preserve_index=False)
            return self._arrow(empty, empty.column_names)
        return self._read(data)

    def _arrow(self, data: Any, names: list[str]) -> None:
        """Read Arrow data where it is, if DuckDB knows its types."""
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            shown = ", ".join(map(repr, twice[:5]))
            raise DataError(f"The data has more than one column named {shown}. Rename all but one.")
        if not names:
            raise DataError("The data has no columns.")
        self._names = names
        try:
            self._connection.register(_SOURCE, data)
            self._connection.execute(f"DESCRIBE {_SOURCE}")
        except duckdb.NotImplementedException:
            self._connection.unregister(_SOURCE)
            self._read(data)

    def _keep(self) -> None:
        self._connection.execute(f"ATTACH {text_literal(str(self._kept_file))} AS kept")
        self._connection.execute("USE kept")

    def _kept(self, reader: pa.RecordBatchReader) -> None:
        self._names = reader.schema.names
        self._keep()
        self._connection.register("watchkeeper_stream", reader)
        self._connection.execute(f"CREATE TABLE {_SOURCE} AS FROM watchkeeper_stream")
        self._connection.unregister("watchkeeper_stream")

    def _read(self, data: object) -> None:
        """Read as everything else in Watchkeeper is read, misfits kept beside."""
        source = open_table(data, bad_cells="misfit")
        names = list(source.schema.names)
        self._keep()
        self._insert(source.schema.empty_table(), create=True)
        try:
            for table in source.batches():
                for name in table.column_names:
                    if name not in names:
                        names.append(name)
                        added = f"ALTER TABLE {_SOURCE} ADD COLUMN {identifier(name)} VARCHAR"
                        self._connection.execute(added)
                self._insert(table, create=False)
        except DataError:
            # A table with columns and no rows is for the checks to judge.
            if source.rejected:
                raise
        self._names = names

    def _insert(self, table: pa.Table, *, create: bool) -> None:
        self._connection.register("watchkeeper_batch", table)
        verb = f"CREATE TABLE {_SOURCE} AS" if create else f"INSERT INTO {_SOURCE} BY NAME"
        self._connection.execute(f"{verb} FROM watchkeeper_batch")
        self._connection.unregister("watchkeeper_batch")


def _reader(relation: duckdb.DuckDBPyRelation) -> pa.RecordBatchReader:
    if hasattr(relation, "to_arrow_reader"):
        return relation.to_arrow_reader(65_536)
    return relation.fetch_record_batch(65_536)  # its name before DuckDB 1.5


def _plain(quoted: str, kind: str) -> str:
    if kind in {"FLOAT", "DOUBLE"}:
        return f"nullif({quoted}, CAST('nan' AS {kind}))"
    return f"CAST({quoted} AS VARCHAR)" if kind.startswith("ENUM") else quoted


def _shown(data: object) -> str:
    return str(data) if isinstance(data, str | Path) else f"<{type(data).__name__}>"
