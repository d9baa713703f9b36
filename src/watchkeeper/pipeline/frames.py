"""Any data frame: pandas, Polars, PyArrow, DuckDB, or rows as dicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pyarrow as pa

from watchkeeper.errors import DataError
from watchkeeper.pipeline.column_types import INTEGER, NUMBER, as_text
from watchkeeper.pipeline.object_cells import ObjectKinds, build
from watchkeeper.pipeline.parquet_file import canonical_schema, conform_batch, require_names
from watchkeeper.pipeline.parts import BadCell, Batch

_BATCH_ROWS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """A DuckDB relation, run anew at each reading."""

    relation: duckdb.DuckDBPyRelation

    @property
    def schema(self) -> pa.Schema:
        return self._run(self.relation.limit(0), 1).schema

    def to_batches(self, *, batch_size: int) -> Iterator[pa.RecordBatch]:
        yield from self._run(self.relation, batch_size)

    def _run(self, relation: duckdb.DuckDBPyRelation, batch_rows: int) -> pa.RecordBatchReader:
        if hasattr(relation, "to_arrow_reader"):
            return relation.to_arrow_reader(batch_rows)
        return relation.fetch_record_batch(batch_rows)  # its name before DuckDB 1.5


class Frame:
    """A data frame in memory, or a lazy one that gives batches.

    Parameters
    ----------
    data
        A pandas, Polars (eager or lazy), PyArrow (table, record batch, reader, dataset) or other
        frame that Narwhals knows or that exports an Arrow stream, a DuckDB relation, or a
        sequence of dicts. Columns of Python objects are typed by their values. A pandas index
        that has a name, or holds times, becomes a column.

    Raises
    ------
    DataError
        It is none of these, a column name comes twice, or it has no columns or rows.
    """

    size_bytes = 0

    def __init__(self, data: object) -> None:
        self.name = f"<{type(data).__module__.split('.')[0]} {type(data).__name__}>"
        self._objects: dict[str, list[object]] = {}
        self._rows: int | None = None
        self._used = False
        self._frame = self._open(data)

    @cached_property
    def schema(self) -> pa.Schema:
        """Types of the columns; those of Python objects by their values."""
        fields = list(canonical_schema(self._frame.schema))
        for at, field in enumerate(fields):
            if field.name in self._objects:
                kinds = ObjectKinds()
                kinds.add(self._objects[field.name])
                fields[at] = pa.field(field.name, kinds.kind())
        return pa.schema(fields)

    @property
    def rows(self) -> int | None:
        """Number of rows, ``None`` for a lazy frame."""
        return self._rows

    def read(self, target: pa.Schema, *, timezone: str | None) -> Iterator[Batch]:
        """Yield up to 65,536 rows at a time."""
        names = [name for name in target.names if name in self.schema.names]
        plain = [name for name in names if name not in self._objects]
        before = 0
        for piece in self._pieces():
            rows = np.arange(piece.num_rows) + before + 1
            batch = conform_batch(piece, rows, target, timezone=timezone, names=plain)
            if self._objects:
                batch = self._with_objects(batch, names, target, timezone, before)
            yield batch
            before += piece.num_rows
        if before == 0:
            raise DataError(f"{self.name} has columns but no rows.")

    def _with_objects(
        self, batch: Batch, names: list[str], target: pa.Schema, timezone: str | None, before: int
    ) -> Batch:
        columns = []
        bad_cells = list(batch.bad_cells)
        for name in names:
            if name not in self._objects:
                columns.append(batch.table.column(name))
                continue
            values = self._objects[name][before : before + len(batch.rows)]
            column, bad = build(values, target.field(name).type, timezone=timezone)
            columns.append(column)
            bad_cells += [
                BadCell(position=at, column=name, value=as_text(values[at])) for at in bad
            ]
        schema = pa.schema([target.field(name) for name in names])
        return Batch(table=pa.table(columns, schema=schema), rows=batch.rows, bad_cells=bad_cells)

    def _pieces(self) -> Iterator[pa.RecordBatch]:
        """Yield the frame's batches, no larger than a bucket of memory allows."""
        if isinstance(self._frame, pa.RecordBatchReader):
            if self._used:
                raise DataError(
                    f"{self.name} was read already: a stream gives its rows once. Pass it anew."
                )
            self._used = True
            batches: Iterator[pa.RecordBatch] = iter(self._frame)
        elif isinstance(self._frame, pa.Table):
            batches = iter(self._frame.to_batches(max_chunksize=_BATCH_ROWS))
        else:
            batches = iter(self._frame.to_batches(batch_size=_BATCH_ROWS))
        for batch in batches:
            for start in range(0, batch.num_rows, _BATCH_ROWS):
                yield batch.slice(start, _BATCH_ROWS)

    def _open(self, data: object) -> Any:
        """Return a table, a reader or a dataset."""
        if isinstance(data, Sequence) and not isinstance(data, str | bytes):
            opened: Any = self._from_dicts(data)
        else:
            opened = self._from_native(data)
        require_names(self.name, opened.schema.names)
        if isinstance(opened, pa.Table):
            self._rows = opened.num_rows
            if opened.num_rows == 0:
                raise DataError(f"{self.name} has columns but no rows.")
        return opened

    def _from_native(self, data: object) -> Any:
        if isinstance(data, pa.Table | pa.RecordBatchReader):
            return data
        if isinstance(data, pa.RecordBatch):
            return pa.Table.from_batches([data])
        if type(data).__module__.startswith("pyarrow") and hasattr(data, "scanner"):
            return data
        if nw.dependencies.is_pandas_dataframe(data):
            return self._from_pandas(data)
        native: Any = nw.from_native(data, pass_through=True)
        if isinstance(native, nw.DataFrame):
            return native.to_arrow()
        if isinstance(data, duckdb.DuckDBPyRelation):
            return _Query(relation=data)
        if hasattr(data, "__arrow_c_stream__"):
            return pa.RecordBatchReader.from_stream(data)
        if isinstance(native, nw.LazyFrame):
            return native.collect("pyarrow").to_native()
        raise DataError(
            "A path, a pandas, Polars, PyArrow or DuckDB frame or a list of dicts was expected, "
            f"not {type(data).__module__}.{type(data).__qualname__}."
        )

    def _from_pandas(self, frame: Any) -> pa.Table:
        """Columns one by one, so that one of mixed objects does not refuse the whole."""
        index = frame.index
        if index.nlevels > 1 or index.name is not None or index.dtype.kind == "M":
            frame = frame.reset_index()
        names = [str(name) for name in frame.columns]
        require_names(self.name, names)
        columns = []
        for name, (_, series) in zip(names, frame.items(), strict=True):
            if series.dtype == object:
                columns.append(self._of_objects(name, series.tolist()))
                continue
            column = pa.array(series, from_pandas=True)
            columns.append(column.combine_chunks() if hasattr(column, "chunks") else column)
        return pa.table(columns, names=names)

    def _from_dicts(self, data: Sequence[object]) -> pa.Table:
        names: dict[str, None] = {}
        for at, row in enumerate(data, start=1):
            if not isinstance(row, Mapping):
                raise DataError(
                    f"A list of dicts was expected; row {at} is a {type(row).__qualname__}."
                )
            names.update(dict.fromkeys(row))
        self.name = "<list of dicts>"
        if not data:
            raise DataError("The list of dicts is empty; at least one row was expected.")
        require_names(self.name, [str(name) for name in names])
        columns = [
            self._of_objects(str(name), [row.get(name) for row in data if isinstance(row, Mapping)])
            for name in names
        ]
        return pa.table(columns, names=[str(name) for name in names])

    def _of_objects(self, name: str, values: list[object]) -> pa.Array:
        """Keep Python values aside; the table holds nulls in their place."""
        kinds = ObjectKinds()
        kinds.add(values)
        column, bad = build(values, kinds.kind())
        if not bad and kinds.kind() in (INTEGER, NUMBER):
            return column
        self._objects[name] = values
        return pa.nulls(len(values))
