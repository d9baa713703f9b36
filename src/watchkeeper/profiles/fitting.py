"""Where the bins of a baseline come from: one pass over the reference."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from watchkeeper.errors import SettingsError
from watchkeeper.events import Column, Schema
from watchkeeper.profiles.bins import Bins, CategoryBins
from watchkeeper.profiles.category_bins import bins_of_values
from watchkeeper.profiles.derived import derived_schema
from watchkeeper.profiles.extract import extract
from watchkeeper.profiles.number_bins import bins_of_sample
from watchkeeper.profiles.sampling import NumberSample, hash_places

_SAMPLE = 200_000
_SAMPLES = 20_000_000  # numbers held over all columns together: 240 MB with their hashes


def fit_bins(
    schema: Schema,
    tables: Iterable[pa.Table],
    *,
    number_bins: int = 64,
    category_bins: int = 64,
    max_categories: int = 100_000,
    time_column: str | None = None,
) -> dict[str, Bins]:
    """Choose the bins of every profiled column from the reference, in one pass and bounded memory.

    The result depends on the rows and their order, not on how they are cut into tables.

    Parameters
    ----------
    schema
        The columns of the tables; the watched ones get bins.
    tables
        The reference's rows, in order.
    number_bins
        Largest number of bins of a number, the two beyond its extremes included; at least 4.
    category_bins
        Largest number of bins of a category, pools and the unseen one included; at least 4.
    max_categories
        Largest number of values of a category that are remembered one by one.
    time_column
        The event's own time, if the table has one: a datetime column is then watched by its age.

    Returns
    -------
    dict
        Bins by column of `derived_schema`. A number that is null all through has no edges.

    Raises
    ------
    SettingsError
        When a number of bins is below 4.
    """
    for name, bins in (("number_bins", number_bins), ("category_bins", category_bins)):
        if bins < 4:
            raise SettingsError(f"Expected {name} to be 4 or more, got {bins}. Try 64.")
    profiled = derived_schema(schema, time_column).columns
    kinds = {name: column.type for name, column in profiled.items()}
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    size = min(_SAMPLE, max(_SAMPLES // max(len(numbers), 1), 1_000))
    samples = {name: NumberSample(size) for name in numbers}
    values: dict[str, dict[str, int]] = {
        name: {} for name, kind in kinds.items() if kind != "number"
    }
    rows = 0
    for table in tables:
        data = extract(table, schema, time_column)
        places = hash_places(rows, data.rows)
        rows += data.rows
        for name, column in data.numbers.items():
            samples[name].add(column.values, places)
        for name, category in data.categories.items():
            _add(values[name], category.count().counts, bound=2 * max_categories)
    fitted: dict[str, Bins] = {}
    for name, column_ in profiled.items():
        if name in samples:
            sample = samples[name]
            fitted[name] = bins_of_sample(
                sample.sorted(), sample.minimum, sample.maximum, number_bins
            )
        else:
            fitted[name] = _fit_category(column_, values[name], category_bins, max_categories)
    return fitted


def _fit_category(
    column: Column, counts: dict[str, int], category_bins: int, max_categories: int
) -> CategoryBins:
    if column.type == "boolean":
        return CategoryBins(values=("false", "true"), bin_of=(0, 1), bins=3)
    for value in column.categories or ():
        counts.setdefault(value, 0)
    return bins_of_values(counts, category_bins, max_categories)


def _add(counts: dict[str, int], more: dict[str, int], *, bound: int) -> None:
    """Add counts, and forget the rarest values whenever there are more than `bound`."""
    for value, rows in more.items():
        counts[value] = counts.get(value, 0) + rows
    if len(counts) > bound:
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        counts.clear()
        counts.update(ranked[: bound // 2])
