"""In which bin each row's value lies."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import Schema
from watchkeeper.profiles.bins import FIRST, MISFIT, NULL, Bins, CategoryBins, NumberBins
from watchkeeper.profiles.categories import truth_of
from watchkeeper.profiles.extract import Category, extract
from watchkeeper.profiles.numbers import Numbers
from watchkeeper.profiles.rows import category_texts
from watchkeeper.profiles.tally import CategoryLookup, edge_array, unseen_bins

Ints = NDArray[np.intp]


def place_rows(
    table: pa.Table,
    schema: Schema,
    bins: Mapping[str, Bins],
    names: Collection[str],
    *,
    time_column: str | None = None,
) -> dict[str, Ints]:
    """Return the place of each row in the counts of some profiled columns.

    Counting the places of a column gives the counts of its profile.

    Parameters
    ----------
    names
        Profiled columns; those without bins are left out.
    """
    data = extract(table, schema, time_column)
    places: dict[str, Ints] = {}
    for name in names:
        known = bins.get(name)
        if isinstance(known, NumberBins) and name in data.numbers:
            places[name] = _of_numbers(data.numbers[name], known)
        elif isinstance(known, CategoryBins) and name in data.categories:
            places[name] = _of_category(data.categories[name], known)
    return places


def _of_numbers(numbers: Numbers, bins: NumberBins) -> Ints:
    place = FIRST + np.searchsorted(edge_array(bins), numbers.values, side="right")
    place = np.where(np.isnan(numbers.values), NULL, place)
    if numbers.misfits is not None:
        place = np.where(numbers.misfits, MISFIT, place)
    return place.astype(np.intp)


def _of_category(category: Category, bins: CategoryBins) -> Ints:
    encoded = category_texts(category).combine_chunks().dictionary_encode()
    names: list[str] = encoded.dictionary.to_pylist()
    if category.boolean:
        names = [truth_of(name) or "" for name in names]
    known = CategoryLookup.of(bins).known
    unseen = sorted({name for name in names if name not in known})
    place = {name: FIRST + bin_ for name, (_, bin_) in known.items()}
    place |= {n: FIRST + b for n, b in zip(unseen, unseen_bins(bins, unseen), strict=True)}
    if category.boolean:
        place[""] = MISFIT
    place_of = np.array([*(place[name] for name in names), NULL], dtype=np.intp)
    codes = encoded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    places: Ints = place_of[codes.astype(np.intp)]
    return places if category.misfits is None else np.where(category.misfits, MISFIT, places)
