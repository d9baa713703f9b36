"""JSON Lines: one object per line, nested objects flattened to dotted names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.errors import DataError
from watchkeeper.pipeline.column_types import as_text
from watchkeeper.pipeline.lines import Block, blocks
from watchkeeper.pipeline.object_cells import ObjectKinds, build
from watchkeeper.pipeline.parts import BadCell, Batch
from watchkeeper.pipeline.rejections import Rejection, shorten

_DEEPEST = 8
_DECODER = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """Objects of one block and what was no object."""

    records: list[dict[str, object]]
    lines: list[bytes]
    rows: np.ndarray
    rejections: list[Rejection]
    read_bytes: int


class JsonlFile:
    """A text file of one JSON object per line, in UTF-8.

    A nested object ``{"features": {"age": 3}}`` gives a column ``features.age``. A key that a
    line lacks is null there.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    DataError
        No line is an object.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)
        self.size_bytes = path.stat().st_size
        self._rows = 0
        self._kinds: dict[str, ObjectKinds] = {}
        self._scan()

    @cached_property
    def schema(self) -> pa.Schema:
        """Types that hold (nearly) all values of each key, in the order of first appearance."""
        return pa.schema([pa.field(name, kinds.kind()) for name, kinds in self._kinds.items()])

    @property
    def rows(self) -> int | None:
        """Lines that could be read."""
        return self._rows

    def read(self, target: pa.Schema, *, timezone: str | None) -> Iterator[Batch]:
        """Yield the objects block by block, about 4 MiB of text each."""
        names = [name for name in target.names if name in self._kinds]
        for chunk in self._chunks():
            columns, bad_cells = [], []
            for name in names:
                values = [record.get(name) for record in chunk.records]
                column, bad = build(values, target.field(name).type, timezone=timezone)
                columns.append(column)
                bad_cells += [
                    BadCell(position=at, column=name, value=as_text(values[at])) for at in bad
                ]
            schema = pa.schema([target.field(name) for name in names])
            yield Batch(
                table=pa.table(columns, schema=schema),
                rows=chunk.rows,
                bad_cells=bad_cells,
                rejections=chunk.rejections,
                raw=cache(partial(_texts, chunk.lines)),
                read_bytes=chunk.read_bytes,
            )

    def _scan(self) -> None:
        """Read the whole file once to see the keys and their types."""
        rejected: list[Rejection] = []
        for chunk in self._chunks():
            self._rows += len(chunk.records)
            rejected = rejected or chunk.rejections[:1]
            names: dict[str, None] = {}
            for record in chunk.records:
                names.update(dict.fromkeys(record))
            for name in names:
                kinds = self._kinds.setdefault(name, ObjectKinds())
                kinds.add([record.get(name) for record in chunk.records])
        if self._kinds:
            return
        if self._rows:
            raise DataError(f"{self._path} has no columns: its objects are empty.")
        why = f" Row {rejected[0].row}: {rejected[0].reason}." if rejected else ""
        if rejected and rejected[0].raw.lstrip().startswith("["):
            why += " Is it one JSON array? Convert it with: jq -c '.[]'"
        raise DataError(f"{self._path} holds no JSON object on any line.{why}")

    def _chunks(self) -> Iterator[_Chunk]:
        before = 0
        for block in blocks(self._path, quoted=False):
            numbered = [line for line in block.data.split(b"\n") if line.strip()]
            records: list[dict[str, object]] = []
            lines, rows, rejections = [], [], []
            for at, line in enumerate(numbered, start=before + 1):
                try:
                    records.append(_record(line))
                except (ValueError, RecursionError) as error:
                    raw = line.decode(errors="replace")[:10_000]
                    reason = str(error) or "brackets are nested too deeply"
                    rejections.append(
                        Rejection(file=self.name, row=at, column=None, reason=reason, raw=raw)
                    )
                else:
                    lines.append(line)
                    rows.append(at)
            before += len(numbered)
            yield _Chunk(
                records=records,
                lines=lines,
                rows=np.array(rows, np.int64),
                rejections=rejections + self._breaks(block, before),
                read_bytes=block.read_bytes,
            )

    def _breaks(self, block: Block, before: int) -> list[Rejection]:
        if block.broken is None:
            return []
        reason = f"{block.broken}; the rows after row {before} are lost"
        return [Rejection(file=self.name, row=before + 1, column=None, reason=reason)]


def _texts(lines: list[bytes]) -> list[str]:
    return [line.decode(errors="replace").rstrip("\r") for line in lines]


def _record(line: bytes) -> dict[str, object]:
    """One line as a flat dict; ``ValueError`` says what is wrong with it."""
    value: object
    try:
        value = _DECODER.decode(line)
    except (msgspec.DecodeError, RecursionError):
        value = _decode_slowly(line)  # NaN, Infinity and whole numbers beyond 64 bits
    if not isinstance(value, dict):
        shown = shorten(line.decode(errors="replace"))
        raise ValueError(f"a JSON object was expected, {shown!r} came")
    if line.count(b"{") > 1 and any(isinstance(one, dict) for one in value.values()):
        flat: dict[str, object] = {}
        _flatten("", value, flat, 0)
        return flat
    return value


def _decode_slowly(line: bytes) -> object:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        wrong = line[error.start : error.start + 1]
        raise ValueError(f"byte {error.start} of the line, {wrong!r}, is not UTF-8") from None
    try:
        value: object = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ValueError(f"the line is not JSON: {error.msg} at character {error.colno}") from None
    except UnicodeEncodeError:
        raise ValueError("the line holds half of a surrogate pair, which is no character") from None
    return value


def _flatten(prefix: str, value: dict[str, object], flat: dict[str, object], depth: int) -> None:
    for key, one in value.items():
        name = f"{prefix}{key}"
        if isinstance(one, dict) and one and depth < _DEEPEST:
            _flatten(f"{name}.", one, flat, depth + 1)
        elif name in flat and flat[name] is not None and one is None:
            continue
        else:
            flat[name] = None if one == {} else one
