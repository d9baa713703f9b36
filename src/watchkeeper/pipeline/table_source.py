"""Data as a stream of Arrow tables, with what was wrong with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa

from watchkeeper.errors import DataError, nearest
from watchkeeper.pipeline.clock import UTC_TIME, is_skipped
from watchkeeper.pipeline.column_types import TEXT, UNKNOWN, as_text
from watchkeeper.pipeline.parquet_file import ParquetFile
from watchkeeper.pipeline.parts import BadCell, Batch, Part
from watchkeeper.pipeline.rejections import Rejection, shorten

BadCells: TypeAlias = Literal["reject_row", "null", "misfit"]

_KEPT_REJECTIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a reading has come; totals are ``None`` when unknown."""

    rows: int
    total_rows: int | None
    read_bytes: int
    total_bytes: int


OnProgress: TypeAlias = Callable[[Progress], None]
OnRejection: TypeAlias = Callable[[Rejection], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedRows:
    """Rows of one file and their numbers in it.

    Attributes
    ----------
    table
        The rows.
    file
        Path of the file, or what kind of data frame it was.
    part
        Place of the file in the source, from 0.
    rows
        Number of each row, from 1; shape ``(table.num_rows,)``.
    raw
        Gives the text of the rows of the batch that these were in, and ``places`` where they
        stood in it; ``None`` where only the table tells.
    """

    table: pa.Table
    file: str
    part: int
    rows: np.ndarray
    raw: Callable[[], list[str]] | None = None
    places: np.ndarray | None = None

    def shown(self, position: int) -> str:
        """Return a row as text, to be set aside with; ``position`` counts from 0."""
        place = position if self.places is None else int(self.places[position])
        return _raw(self.raw, place) or _written(self.table, position, {})


@dataclass(slots=True, kw_only=True)
class TableSource:
    """Data that can be read from its beginning, any number of times (a stream: once).

    Attributes
    ----------
    name
        What reports call the data.
    schema
        Columns in the types of ``column_types``, the same in every table; where misfits are
        kept, a table with some has a text column ``misfit:<name>`` besides.
    rows
        Number of rows, ``None`` when counting would mean reading.
    rejections
        What the last reading set aside, at most 10,000 of them.
    rejected
        How many it set aside in all.
    is_discreet
        Whether what stood in a row that is set aside is left out of what is told of it.
    """

    name: str
    schema: pa.Schema
    rows: int | None
    rejections: list[Rejection] = field(default_factory=list)
    rejected: int = 0
    is_discreet: bool = False
    _parts: list[Part]
    _timezone: str | None
    _bad_cells: BadCells

    def batches(
        self, batch_rows: int = 65_536, on_progress: OnProgress | None = None
    ) -> Iterator[pa.Table]:
        """Yield tables of ``batch_rows`` rows (the last may have fewer), in the source's order.

        Parameters
        ----------
        batch_rows
            Rows per table, 1 or more.
        on_progress
            Called after each piece that was read.

        Raises
        ------
        DataError
            No row is left.
        """
        waiting: list[pa.Table] = []
        count = 0
        for numbered in self.numbered(on_progress=on_progress):
            waiting.append(numbered.table)
            count += numbered.table.num_rows
            if count < batch_rows:
                continue
            table = pa.concat_tables(waiting, promote_options="default")
            for start in range(0, count - batch_rows + 1, batch_rows):
                yield table.slice(start, batch_rows).combine_chunks()
            rest = table.slice(count - count % batch_rows)
            waiting, count = [rest], rest.num_rows
        if count:
            yield pa.concat_tables(waiting, promote_options="default").combine_chunks()

    def numbered(
        self, *, on_progress: OnProgress | None = None, on_rejection: OnRejection | None = None
    ) -> Iterator[NumberedRows]:
        """Yield rows as they are read, with their numbers, file by file.

        Parameters
        ----------
        on_progress
            Called after each piece that was read.
        on_rejection
            Called with every rejection, also those that ``rejections`` has no place for.
        """
        self.rejections, self.rejected = [], 0
        rows, done_bytes = 0, 0
        total_bytes = sum(part.size_bytes for part in self._parts)
        for at, part in enumerate(self._parts):
            for batch in part.read(self.schema, timezone=self._timezone):
                settled = self._settle(part.name, at, batch, on_rejection)
                rows += len(settled.rows)
                if len(settled.rows):
                    yield settled
                if on_progress is not None:
                    on_progress(
                        Progress(
                            rows=rows,
                            total_rows=self.rows,
                            read_bytes=done_bytes + batch.read_bytes,
                            total_bytes=total_bytes,
                        )
                    )
            done_bytes += part.size_bytes
        if rows == 0:
            raise DataError(_nothing_left(self))

    def parquet_files(self) -> list[ParquetFile]:
        """Return the files that are read, if all are Parquet; else none."""
        files = [part for part in self._parts if isinstance(part, ParquetFile)]
        return files if len(files) == len(self._parts) else []

    def set_aside(self, rejection: Rejection, on_rejection: OnRejection | None = None) -> None:
        """Count one more rejection."""
        if self.is_discreet:
            rejection = rejection.without_values()
        self.rejected += 1
        if len(self.rejections) < _KEPT_REJECTIONS:
            self.rejections.append(rejection)
        if on_rejection is not None:
            on_rejection(rejection)

    def select(
        self,
        columns: Sequence[str],
        *,
        types: Mapping[str, pa.DataType] | None = None,
        is_discreet: bool = False,
    ) -> TableSource:
        """Return the same data with some of its columns, in that order.

        Parameters
        ----------
        columns
            Their names.
        types
            Types of columns that must not be found out from the values.
        is_discreet
            Whether no value may be told of rows that are set aside.

        Raises
        ------
        DataError
            A column does not exist; the message names the nearest.
        """
        for name in columns:
            if name not in self.schema.names:
                raise DataError(
                    f"{self.name} has no column {name!r}.{nearest(name, self.schema.names)}"
                )
        chosen = [self.schema.field(name) for name in dict.fromkeys(columns)]
        schema = pa.schema([(one.name, (types or {}).get(one.name, one.type)) for one in chosen])
        return dataclasses.replace(
            self, schema=schema, rejections=[], rejected=0, is_discreet=is_discreet
        )

    def _settle(
        self, file: str, part: int, batch: Batch, on_rejection: OnRejection | None
    ) -> NumberedRows:
        """Complete the columns and do with bad cells as was asked."""
        for rejection in batch.rejections:
            self.set_aside(rejection, on_rejection)
        table = self._complete(batch)
        for bad in self._by_row(batch.bad_cells):
            self.set_aside(self._rejection(file, batch, bad, table), on_rejection)
        if self._bad_cells != "reject_row" or not batch.bad_cells:
            return NumberedRows(table=table, file=file, part=part, rows=batch.rows, raw=batch.raw)
        keep = np.ones(len(batch.rows), bool)
        keep[[bad.position for bad in batch.bad_cells]] = False
        return NumberedRows(
            table=table.filter(pa.array(keep)),
            file=file,
            part=part,
            rows=batch.rows[keep],
            raw=batch.raw,
            places=np.flatnonzero(keep),
        )

    def _by_row(self, bad_cells: list[BadCell]) -> Iterator[list[BadCell]]:
        """Group cells of one rejection: all of a row, if the row is what is rejected."""
        if self._bad_cells != "reject_row":
            yield from ([bad] for bad in bad_cells)
            return
        rows: dict[int, list[BadCell]] = {}
        for bad in bad_cells:
            rows.setdefault(bad.position, []).append(bad)
        yield from (rows[position] for position in sorted(rows))

    def _complete(self, batch: Batch) -> pa.Table:
        misfits: dict[str, list[str | None]] = {}
        if self._bad_cells == "misfit":
            for bad in batch.bad_cells:
                column = misfits.setdefault(f"misfit:{bad.column}", [None] * len(batch.rows))
                column[bad.position] = bad.value
        columns = []
        for one in self.schema:
            if one.name in batch.table.column_names:
                columns.append(batch.table.column(one.name))
            else:
                columns.append(pa.chunked_array([pa.nulls(len(batch.rows), one.type)]))
        table = pa.table(columns, schema=self.schema)
        for name, values in misfits.items():
            if name not in self.schema.names:
                table = table.append_column(name, pa.array(values, TEXT))
        return table

    def _rejection(self, file: str, batch: Batch, bad: list[BadCell], table: pa.Table) -> Rejection:
        reasons = [self._reason(one) for one in bad]
        others = [f"column {one.column!r}: {why}" for one, why in zip(bad, reasons, strict=True)]
        position = bad[0].position
        values = {one.column: one.value for one in bad}
        return Rejection(
            file=file,
            row=int(batch.rows[position]),
            column=bad[0].column,
            reason="; ".join([reasons[0], *others[1:]]),
            raw=(_raw(batch.raw, position) or _written(table, position, values))[:10_000],
        )

    def _reason(self, bad: BadCell) -> str:
        kind = self.schema.field(bad.column).type
        if kind == UTC_TIME and self._timezone and is_skipped(bad.value, self._timezone):
            return f"{bad.value} does not exist in {self._timezone}: clocks went forward over it"
        return f"{_describe(kind)} was expected, {shorten(bad.value)!r} came"


def _raw(raw: Callable[[], list[str]] | None, place: int) -> str:
    return raw()[place] if raw is not None else ""


def _written(table: pa.Table, position: int, values: Mapping[str, str]) -> str:
    row: dict[str, object] = table.slice(position, 1).to_pylist()[0]
    return as_text({**row, **values})


def _describe(kind: pa.DataType) -> str:
    if kind == UTC_TIME:
        return "a time"
    names = {pa.int64(): "a whole number", pa.float64(): "a number", pa.bool_(): "true or false"}
    names |= {TEXT: "text in UTF-8", UNKNOWN: "nothing"}
    return names.get(kind, f"a {kind}")


def _nothing_left(source: TableSource) -> str:
    first = source.rejections[0] if source.rejections else None
    if first is None:
        return f"{source.name} has no rows."
    where = f"row {first.row}" + (f", column {first.column!r}" if first.column else "")
    return (
        f"{source.name}: every row was set aside ({source.rejected} reasons). The first, in "
        f"{first.file}, {where}: {first.reason}."
    )
