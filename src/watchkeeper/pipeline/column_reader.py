"""A table read column by column, so that memory holds a few columns and never all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from watchkeeper.pipeline.table_source import Progress, TableSource

OnProgress = Callable[[Progress], None]


class ColumnReader:
    """Columns of a source, each as one table.

    Parquet is read anew for each; anything else is read once and kept, since it has no columns of
    its own to read.

    Parameters
    ----------
    source
        Opened with ``bad_cells="misfit"``.
    on_progress
        Called while a source that must be kept is read.

    Raises
    ------
    DataError
        When there are no rows.
    """

    def __init__(self, source: TableSource, on_progress: OnProgress | None = None) -> None:
        self.source = source
        self.names = [name for name in source.schema.names if not name.startswith("misfit:")]
        self._whole: pa.Table | None = None
        self._files = source.parquet_files()
        if not self._files:
            self._whole = _joined(source, on_progress)
            self.rows = self._whole.num_rows
        else:
            self.rows = source.rows or 0

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Return columns with all their rows; where values misfit, ``misfit:<name>`` beside."""
        if self._whole is None:
            return self._read(names)
        present = set(self._whole.column_names)
        marks = [f"misfit:{name}" for name in names if f"misfit:{name}" in present]
        return self._whole.select([*names, *marks])

    def kept(self, given: object) -> object:
        """Return the rows if they are kept here, else what they are read from."""
        return given if self._whole is None else self._whole.select(self.names)

    def batches(self, name: str) -> Iterator[pa.ChunkedArray]:
        """Yield a column piece by piece, for what is too large to hold."""
        if self._whole is not None:
            yield self._whole.column(name)
            return
        for numbered in self.source.select([name]).numbered():
            yield numbered.table.column(name)

    def _read(self, names: Sequence[str]) -> pa.Table:
        wanted = self.source.select(names)
        whole = [file.read_whole(wanted.schema) for file in self._files]
        if any(table is None for table in whole):
            # Damaged row groups, and types that must be made to fit, are for the careful way.
            return _joined(wanted)
        return pa.concat_tables([t for t in whole if t is not None], promote_options="permissive")

    def head(self) -> pa.Table:
        """Return rows from the beginning, a batch of them."""
        if self._whole is not None:
            return self._whole.slice(0, _HEAD_ROWS)
        taken, rows = [], 0
        for numbered in self.source.numbered():
            taken.append(numbered.table)
            rows += numbered.table.num_rows
            if rows >= _HEAD_ROWS:
                break
        return pa.concat_tables(taken, promote_options="default").slice(0, _HEAD_ROWS)


_HEAD_ROWS = 100_000


def _joined(source: TableSource, on_progress: OnProgress | None = None) -> pa.Table:
    tables = [numbered.table for numbered in source.numbered(on_progress=on_progress)]
    return pa.concat_tables(tables, promote_options="default")
