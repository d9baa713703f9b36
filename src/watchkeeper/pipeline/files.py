"""Files, folders, patterns and data frames, opened for reading."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from watchkeeper.pipeline.clock import UTC_TIME, check_timezone
from watchkeeper.pipeline.column_types import UNKNOWN, widen
from watchkeeper.pipeline.csv_file import CsvFile
from watchkeeper.pipeline.jsonl_file import JsonlFile
from watchkeeper.pipeline.parquet_file import ParquetFile
from watchkeeper.pipeline.parts import Part
from watchkeeper.pipeline.paths import find, format_of
from watchkeeper.pipeline.table_source import BadCells, OnProgress, TableSource

__all__ = ["OnProgress", "TableSource", "open_table"]


def open_table(
    source: object,
    *,
    columns: Sequence[str] | None = None,
    time_column: str | None = None,
    timezone: str | None = None,
    types: Mapping[str, pa.DataType] | None = None,
    bad_cells: BadCells = "reject_row",
) -> TableSource:
    """Open files or a data frame for reading in batches of bounded memory.

    Parameters
    ----------
    source
        A path, a folder, a pattern such as ``data/*.parquet``, a list of these (Parquet, CSV or
        JSONL; text also ``.gz`` or ``.zst``), or a data frame (see ``Frame``). Files of different
        columns are joined by name: a column that one lacks is null there, and one of different
        types gets the narrowest that holds them all.
    columns
        Names to read; ``None`` for all.
    time_column
        Column to read as time, also when it holds numbers (see ``clock.to_utc``).
    timezone
        Zone of times that name none; ``None`` means UTC.
    types
        Types of columns that must not be found out from the values.
    bad_cells
        What happens to a row with a cell that is not of its column's type: ``reject_row`` sets it
        aside, ``null`` keeps it with a null, ``misfit`` also keeps what stood there in a text
        column ``misfit:<name>``. In each case ``rejections`` tells.

    Raises
    ------
    DataError
        A file is missing, empty or unreadable, or a column does not exist.
    SettingsError
        The time zone is unknown.
    """
    if timezone is not None:
        check_timezone(timezone)
    parts = _open_parts(source)
    counts = [part.rows for part in parts]
    known = [count for count in counts if count is not None]
    source_of_all = TableSource(
        name=parts[0].name if len(parts) == 1 else f"{parts[0].name} and {len(parts) - 1} more",
        schema=_union(parts),
        rows=sum(known) if len(known) == len(counts) else None,
        _parts=parts,
        _timezone=timezone,
        _bad_cells=bad_cells,
    )
    chosen = source_of_all.schema.names if columns is None else columns
    if time_column is not None:
        types = {**(types or {}), time_column: UTC_TIME}
        chosen = [*chosen, time_column]
    return source_of_all.select(chosen, types=types)


def _open_parts(source: object) -> list[Part]:
    if isinstance(source, str | Path):
        source = [source]
    if (
        isinstance(source, list | tuple)
        and source
        and all(isinstance(one, str | Path) for one in source)
    ):
        return [_open_file(path) for path in find(source)]
    # DuckDB and Narwhals, which only frames need, take longer to load than small files to read.
    from watchkeeper.pipeline.frames import Frame

    return [Frame(source)]


def _open_file(path: Path) -> Part:
    kind = format_of(path)
    if kind == "parquet":
        return ParquetFile(path)
    return CsvFile(path) if kind == "csv" else JsonlFile(path)


def _union(parts: Collection[Part]) -> pa.Schema:
    types: dict[str, pa.DataType] = {}
    for part in parts:
        for one in part.schema:
            types[one.name] = widen(types.get(one.name, UNKNOWN), one.type)
    return pa.schema(list(types.items()))
