"""From a table to the columns that are profiled: plain numbers, and categories to be counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import Schema
from watchkeeper.profiles.categories import Counted, as_booleans, count_values
from watchkeeper.profiles.derived import AGE, HOUR, derived_name
from watchkeeper.profiles.numbers import Numbers, flat, read_numbers
from watchkeeper.profiles.texts import measure_texts
from watchkeeper.profiles.times import read_times

_HOURS = pa.array([str(hour) for hour in range(24)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A column read as a category, not counted yet.

    Attributes
    ----------
    column
        Its values, of any Arrow type.
    boolean
        Whether only true and false fit.
    misfits
        True where a value of another type came; the column itself is null there.
    """

    column: pa.ChunkedArray
    boolean: bool = False
    misfits: NDArray[np.bool_] | None = None

    def count(self) -> Counted:
        """Count its values."""
        counted = count_values(self.column)
        if self.boolean:
            counted = as_booleans(counted)
        if self.misfits is None:
            return counted
        odd = int(self.misfits.sum())
        return Counted(
            counts=counted.counts, nulls=counted.nulls - odd, misfits=counted.misfits + odd
        )

    def take(self, rows: NDArray[np.int64]) -> Category:
        """Return the rows at these places."""
        return Category(
            column=self.column.take(pa.array(rows)),
            boolean=self.boolean,
            misfits=None if self.misfits is None else self.misfits[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """The profiled columns of a table, by the names of the derived schema."""

    rows: int
    numbers: dict[str, Numbers]
    categories: dict[str, Category]

    def take(self, rows: NDArray[np.int64]) -> Extract:
        """Return the rows at these places."""
        return Extract(
            rows=rows.size,
            numbers={name: column.take(rows) for name, column in self.numbers.items()},
            categories={name: column.take(rows) for name, column in self.categories.items()},
        )


def extract(table: pa.Table, schema: Schema, time_column: str | None = None) -> Extract:
    """Read every watched column of a table; a column that the table lacks is null in every row.

    A column ``misfit:<name>``, where the store keeps values that were of another type than their
    column's, marks those rows as misfits.
    """
    present = dict(zip(table.column_names, table.columns, strict=True))
    lacking = pa.chunked_array([pa.nulls(table.num_rows)])
    marked = any(name.startswith("misfit:") for name in present)
    numbers: dict[str, Numbers] = {}
    categories: dict[str, Category] = {}
    for name in schema.watched():
        if name == time_column:
            continue
        column = present.get(name, lacking)
        misfits = _marked_misfits(present, name) if marked else None
        kind = schema.columns[name].type
        if kind == "number":
            numbers[name] = _mark(read_numbers(column), misfits)
        elif kind == "text":
            for part, values in measure_texts(column).items():
                numbers[derived_name(schema, name, part)] = _mark(Numbers(values=values), misfits)
        elif kind == "datetime":
            times = _mark(read_times(column), misfits)
            if time_column is None:
                categories[derived_name(schema, name, HOUR)] = _hours(times)
            else:
                now = read_times(present.get(time_column, lacking)).values
                numbers[derived_name(schema, name, AGE)] = Numbers(
                    values=now - times.values, misfits=times.misfits
                )
        else:
            categories[name] = Category(
                column=_plain(column), boolean=kind == "boolean", misfits=misfits
            )
    return Extract(rows=table.num_rows, numbers=numbers, categories=categories)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of a type whose rows can be taken."""
    chunks = column.chunks
    plain = [flat(chunk) for chunk in chunks]
    if all(new is old for new, old in zip(plain, chunks, strict=True)):
        return column
    return pa.chunked_array(plain)


def _marked_misfits(present: dict[str, pa.ChunkedArray], name: str) -> NDArray[np.bool_] | None:
    column = present.get(f"misfit:{name.removeprefix('feature:')}")
    if column is None or column.null_count == len(column):
        return None
    misfits: NDArray[np.bool_] = column.is_valid().to_numpy()
    kept = present.get(name)
    return misfits if kept is None else misfits & kept.is_null().to_numpy()


def _mark(numbers: Numbers, misfits: NDArray[np.bool_] | None) -> Numbers:
    if misfits is None:
        return numbers
    both = misfits if numbers.misfits is None else numbers.misfits | misfits
    return Numbers(values=numbers.values, misfits=both)


def _hours(times: Numbers) -> Category:
    null = ~np.isfinite(times.values)
    hours = np.floor(np.where(null, 0.0, times.values) / 3600.0) % 24
    places = pa.array(hours.astype(np.int8), mask=null)
    return Category(
        column=pa.chunked_array([pa.DictionaryArray.from_arrays(places, _HOURS)]),
        misfits=times.misfits,
    )
