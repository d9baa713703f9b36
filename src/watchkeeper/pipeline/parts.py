"""What every kind of file gives: batches of rows with their numbers, and what was wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

from watchkeeper.pipeline.rejections import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCell:
    """One value that its column's type cannot hold.

    Attributes
    ----------
    position
        Row of the batch, from 0.
    value
        What stood there, as text.
    """

    position: int
    column: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some rows of one file, in its order.

    Attributes
    ----------
    table
        The rows that could be read; null in the bad cells.
    rows
        Number of each row in its file, from 1; shape ``(table.num_rows,)``.
    bad_cells
        Values that do not fit their columns.
    rejections
        Rows that could not be read at all.
    raw
        Gives the text of the rows as they stood in the file; ``None`` where only the table
        tells.
    read_bytes
        How much of the file was read so far.
    """

    table: pa.Table
    rows: np.ndarray
    bad_cells: list[BadCell] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    raw: Callable[[], list[str]] | None = None
    read_bytes: int = 0


class Part(Protocol):
    """One file, or one data frame, of a source."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def schema(self) -> pa.Schema:
        """Its columns in the types of ``column_types``."""

    @property
    def rows(self) -> int | None:
        """Number of rows, ``None`` when counting would mean reading."""

    @property
    def size_bytes(self) -> int:
        """How much there is to read; 0 for what is in memory."""

    def read(self, target: pa.Schema, *, timezone: str | None) -> Iterator[Batch]:
        """Yield the columns of ``target`` that it has, in those types."""
