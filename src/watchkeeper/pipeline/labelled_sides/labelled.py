"""The labelled rows of both sides in one table, and the inputs of some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from numpy.typing import NDArray

from watchkeeper.events.calendar_columns import EventTimes
from watchkeeper.pipeline.column_reader import ColumnReader
from watchkeeper.pipeline.explaining.sides import MOST_ROWS, ComparedRows
from watchkeeper.pipeline.labelled_sides.named import NamedColumns
from watchkeeper.pipeline.quality.scoring import entity_codes

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_SEED = 20_131_231
_FEATURE = "feature:"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSides:
    """Rows with a label, the reference's first.

    Parameters
    ----------
    named
        Which columns were read.
    readers
        Of the reference and the current side; no reference where it has no labels.
    table
        ``label``, ``output`` or ``output:<class>``, perhaps ``entity``, and further columns.
    is_current, places
        The side of each row, and where it is there; shape (rows,).
    """

    named: NamedColumns
    readers: tuple[ColumnReader | None, ColumnReader]
    table: pa.Table
    is_current: Flags
    places: Ints

    @classmethod
    def read(
        cls,
        named: NamedColumns,
        reference: ColumnReader | None,
        current: ColumnReader,
        further: Sequence[str] = (),
    ) -> LabelledSides:
        """Read both sides; a reference without the label's column has no labelled rows."""
        after = named.read(current, further)
        if reference is not None and named.label not in reference.names:
            reference = None
        before = after.slice(0, 0) if reference is None else named.read(reference, further)
        known = [side.column("label").is_valid().to_numpy() for side in (before, after)]
        parts = [
            side.filter(pa.array(flags)) for side, flags in zip((before, after), known, strict=True)
        ]
        table = joined(parts)
        return cls(
            named=named,
            readers=(reference, current),
            table=table,
            is_current=np.arange(table.num_rows) >= parts[0].num_rows,
            places=np.concatenate([np.flatnonzero(flags) for flags in known]),
        )

    def compared(self, kept: Ints, leave_out: Sequence[str] = ()) -> tuple[ComparedRows, set[str]]:
        """Return some rows with their inputs, and which of these only repeat a time.

        Parameters
        ----------
        kept
            Rows to choose from, at most 100,000 of each side.
        leave_out
            Columns that are no inputs.
        """
        rows = _drawn(kept, self.is_current[kept])
        columns = dict(zip(self.table.column_names, self.table.take(rows).columns, strict=True))
        reference, current = self.readers
        sides = [] if reference is None else [(reference, ~self.is_current[rows])]
        sides.append((current, self.is_current[rows]))
        left_out = {*leave_out}.union(*(self.named.taken(reader) for reader, _ in sides))
        names = [
            name
            for name in current.names
            if name not in left_out and all(name in reader.names for reader, _ in sides)
        ]
        times: list[EventTimes] = []
        inputs: dict[str, pa.ChunkedArray] = {}
        for name in names:
            parts = [
                reader.columns([name]).select([name]).take(pa.array(self.places[rows][chosen]))
                for reader, chosen in sides
            ]
            column = joined(parts).column(name)
            if pt.is_temporal(column.type) and not pt.is_duration(column.type):
                times.append(EventTimes(column))
            else:
                inputs[name] = column
        columns.update((_FEATURE + name, column) for name, column in inputs.items())
        table = pa.table(columns)
        found = ComparedRows(
            table=table, is_current=self.is_current[rows], clusters=entity_codes(table)
        )
        return found, {
            name
            for name, column in inputs.items()
            if any(one.part_repeated_by(name, column) for one in times)
        }


def joined(parts: Sequence[pa.Table]) -> pa.Table:
    """Return tables of the same columns as one; what is of two types becomes text."""
    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        kinds = [part.schema for part in parts]
        texts = {
            name: pa.string()
            for name in parts[0].column_names
            if len({kind.field(name).type for kind in kinds}) > 1
        }
        return pa.concat_tables([_as_texts(part, texts) for part in parts])


def _as_texts(part: pa.Table, texts: dict[str, pa.DataType]) -> pa.Table:
    kinds = [(name, texts.get(name, part.schema.field(name).type)) for name in part.column_names]
    return part.cast(pa.schema(kinds))


def _drawn(kept: Ints, is_current: Flags) -> Ints:
    rng = np.random.default_rng(_SEED)
    sides = [kept[~is_current], kept[is_current]]
    drawn: Ints = np.concatenate(
        [
            side if len(side) <= MOST_ROWS else np.sort(rng.choice(side, MOST_ROWS, replace=False))
            for side in sides
        ]
    )
    return drawn
