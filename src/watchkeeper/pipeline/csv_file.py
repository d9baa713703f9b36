"""CSV and its relatives: typed by looking at every row, read without losing one for another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from watchkeeper.errors import DataError
from watchkeeper.pipeline import text_cells
from watchkeeper.pipeline.clock import UTC_TIME
from watchkeeper.pipeline.column_types import INTEGER, NUMBER, TEXT
from watchkeeper.pipeline.csv_rows import grammar, sort_out
from watchkeeper.pipeline.lines import Block, blocks, head
from watchkeeper.pipeline.parts import BadCell, Batch
from watchkeeper.pipeline.rejections import Rejection, shorten

_DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """Rows of one block, all columns as text."""

    table: pa.Table
    rows: np.ndarray
    rejections: list[Rejection]
    raw: Callable[[], list[str]]
    read_bytes: int


class CsvFile:
    """A delimited text file with a header: comma, tab, semicolon or bar; UTF-8.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    DataError
        No header, a column name that comes twice, or no row that can be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)
        self.size_bytes = path.stat().st_size
        self._header_bytes, header = _read_header(path)
        self._delimiter = _delimiter(header)
        self._columns = _names(path, header, self._delimiter)
        self._grammar = grammar(self._delimiter)
        self._scan()

    @cached_property
    def schema(self) -> pa.Schema:
        """Types that hold (nearly) all values of each column."""
        pairs = zip(self._columns, self._kinds, strict=True)
        return pa.schema([pa.field(name, kinds.kind()) for name, kinds in pairs])

    @property
    def rows(self) -> int | None:
        """Rows that could be read."""
        return self._rows

    def read(self, target: pa.Schema, *, timezone: str | None) -> Iterator[Batch]:
        """Yield the rows block by block, about 4 MiB of text each."""
        names = [name for name in target.names if name in self._columns]
        for chunk in self._chunks(names):
            columns, bad_cells = [], []
            for name in names:
                text = chunk.table.column(name).combine_chunks()
                values, bad = text_cells.read(text, target.field(name).type, timezone=timezone)
                columns.append(values)
                bad_cells += [
                    BadCell(position=at, column=name, value=str(text[at].as_py())) for at in bad
                ]
            table = pa.table(columns, names=names) if names else chunk.table
            yield Batch(
                table=table,
                rows=chunk.rows,
                bad_cells=bad_cells,
                rejections=chunk.rejections,
                raw=chunk.raw,
                read_bytes=chunk.read_bytes,
            )

    def _scan(self) -> None:
        """Read the whole file once to see the types."""
        self._kinds = [text_cells.TextKinds() for _ in self._columns]
        self._rows = 0
        first_rows: pa.Table | None = None
        rejected: list[Rejection] = []
        for chunk in self._chunks(self._columns):
            self._rows += chunk.table.num_rows
            rejected = rejected or chunk.rejections[:1]
            if first_rows is None and chunk.table.num_rows:
                first_rows = chunk.table.slice(0, 100)
                _require_header(self._path, self._columns, first_rows)
            for kinds, values in zip(self._kinds, chunk.table.columns, strict=True):
                for piece in values.chunks:
                    kinds.add(piece)
        if self._rows == 0:
            why = f" Row {rejected[0].row}: {rejected[0].reason}" if rejected else ""
            raise DataError(
                f"{self._path} has a header ({shorten(', '.join(self._columns))}) but no row of "
                f"data that can be read.{why}"
            )

    def _chunks(self, names: list[str]) -> Iterator[_Chunk]:
        """Yield blocks as text columns; what cannot be a row is a rejection."""
        before = 0
        rest, rest_offset = b"", 0
        for block in blocks(self._path, quoted=True):
            data, offset = rest + block.data, rest_offset if rest else block.offset
            rest = b""
            if offset + len(data) <= self._header_bytes:
                continue
            if offset < self._header_bytes:
                data, offset = data[self._header_bytes - offset :], self._header_bytes
            rejections: list[Rejection] = []
            table = self._parse(data, names)
            if table is not None:
                rows, seen = np.arange(table.num_rows), table.num_rows
                raw = cache(partial(self._rows_of, data))
            else:
                sorted_out = sort_out(
                    data,
                    grammar=self._grammar,
                    columns=len(self._columns),
                    offset=offset,
                    last=block.last,
                )
                table = self._parse(b"".join(sorted_out.lines), names)
                if table is None or table.num_rows != len(sorted_out.lines):
                    raise DataError(f"{self._path} cannot be read as CSV near byte {offset}.")
                rows, seen = sorted_out.rows, sorted_out.seen
                raw = cache(partial(self._rows_of, b"".join(sorted_out.lines)))
                rest = sorted_out.rest
                rest_offset = offset + len(data) - len(rest)
                rejections = [
                    Rejection(
                        file=self.name,
                        row=before + bad.row + 1,
                        column=None,
                        reason=bad.reason,
                        raw=bad.line.decode(errors="replace").rstrip("\r\n")[:10_000],
                    )
                    for bad in sorted_out.bad
                ]
            yield _Chunk(
                table=table,
                rows=rows + before + 1,
                rejections=rejections + self._breaks(block, before + seen),
                raw=raw,
                read_bytes=block.read_bytes,
            )
            before += seen

    def _breaks(self, block: Block, before: int) -> list[Rejection]:
        if block.broken is None:
            return []
        reason = f"{block.broken}; the rows after row {before} are lost"
        return [Rejection(file=self.name, row=before + 1, column=None, reason=reason)]

    def _parse(self, data: bytes, names: list[str]) -> pa.Table | None:
        """All rows at once, or ``None`` if any is not plainly right."""
        if b"\0" in data:
            return None
        try:
            if not data.strip():
                return pa.table({name: pa.array([], TEXT) for name in names})
            table = csv.read_csv(
                pa.BufferReader(data),
                read_options=csv.ReadOptions(
                    column_names=self._columns, block_size=max(len(data) + 1, 64)
                ),
                parse_options=csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(self._columns, TEXT),
                    include_columns=names or self._columns[:1],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                    null_values=list(text_cells.NULLS),
                ),
            )
        except (pa.ArrowException, UnicodeError):
            return None
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        if table.num_rows != lines and not self._is_well_formed(data):
            return None
        return table

    def _rows_of(self, data: bytes) -> list[str]:
        """Text of well-formed rows."""
        found = (match[0].rstrip(b"\r\n") for match in self._grammar.row.finditer(data))
        return [row.decode() for row in found if row]

    def _is_well_formed(self, data: bytes) -> bool:
        """Whether every quotation mark is where it may be; true for rows over several lines."""
        at = 0
        for match in self._grammar.row.finditer(data):
            if match.start() != at:
                return False
            at = match.end()
        return at == len(data)


def _read_header(path: Path) -> tuple[int, str]:
    """Where the data begins (after a byte-order mark and the header), and the header."""
    data = head(path)
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while data[start : start + 2] == b"\r\n" or data[start : start + 1] == b"\n":
        start = data.index(b"\n", start) + 1
    end = start
    while True:  # a name in quotation marks may hold line ends
        found = data.find(b"\n", end)
        end = len(data) if found < 0 else found + 1
        if found < 0 or data.count(b'"', start, end) % 2 == 0:
            break
    line = data[start:end]
    try:
        return end, line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        at = start + error.start
        raise DataError(
            f"{path} is not UTF-8: byte {at} of the header is {data[at : at + 1]!r}. Save it as "
            "UTF-8 (it may be Latin-1 or Windows-1252)."
        ) from error


def _delimiter(header: str) -> str:
    """Return the candidate that is in the header most often, outside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)


def _names(path: Path, header: str, delimiter: str) -> list[str]:
    fields = [
        field[1:-1].replace('""', '"')
        if field[:1] == field[-1:] == '"' and len(field) > 1
        else field
        for field in re.findall(
            rf'(?:^|(?<={re.escape(delimiter)}))("(?:[^"]|"")*"|[^{re.escape(delimiter)}]*)', header
        )
    ]
    names = [field.strip() or f"column_{at}" for at, field in enumerate(fields, start=1)]
    if not header.strip():
        raise DataError(f"{path} has no columns: its first line is empty. A header was expected.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"{path} has more than one column named {', '.join(map(repr, twice))}. Names must "
            "differ: rename them in the header."
        )
    return names


def _require_header(path: Path, names: list[str], rows: pa.Table) -> None:
    """Refuse a file whose first line looks just like its data."""
    typed = 0
    for name, column in zip(names, rows.columns, strict=True):
        kinds = text_cells.TextKinds()
        kinds.add(column.combine_chunks())
        if kinds.kind() not in (INTEGER, NUMBER, UTC_TIME):
            continue
        typed += 1
        heading = text_cells.TextKinds()
        heading.add(pa.array([name]))
        if heading.kind() not in (INTEGER, NUMBER, UTC_TIME):
            return
    if typed and [name for name in names if name.isdigit()] != [
        str(at) for at in range(len(names))
    ]:
        raise DataError(
            f"{path} has no header: its first line, {shorten(','.join(names))!r}, looks like data. "
            "Put the column names in the first line."
        )
