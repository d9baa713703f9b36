"""Items and their traits, read from a table that people have of their catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.errors import DataError, nearest
from watchkeeper.pipeline.files import open_table

_MOST_ITEMS = 1_000_000


def read_traits(
    source: object, *, item: str, traits: Sequence[str], separator: str | None = None
) -> pa.Table:
    """Return ``item``, a text, and ``traits``, a list of texts, sorted by item.

    A value is one trait, a list of texts has several. Of several columns, traits are told apart by
    the column's name: ``genre=rock``.

    Parameters
    ----------
    source
        Path, pattern, folder, list of these, or a data frame.
    item
        Column of the item's id, as lists and feedback name it.
    traits
        Columns of what an item is made of.
    separator
        What stands between the traits of a text that holds several.

    Raises
    ------
    DataError
        If a column is missing or holds nothing that names a trait, an item stands twice or has no
        name, or there are more than a million.
    """
    names = open_table(source).schema.names
    for name in (item, *traits):
        if name not in names:
            raise DataError(f"There is no column {name!r}.{nearest(name, names)}")
    opened = open_table(source, columns=list(dict.fromkeys((item, *traits))))
    table = pa.concat_tables(opened.batches())
    items = _texts(table.column(item), item)
    _check_items(items, item)
    columns = [_lists(table.column(name), name, separator) for name in traits]
    if len(traits) > 1:
        columns = [_named(lists, name) for lists, name in zip(columns, traits, strict=True)]
    joined = [sorted({one for part in parts for one in part}) for parts in _rows(columns)]
    found = pa.table({"item": items, "traits": pa.array(joined, pa.list_(pa.string()))})
    return found.sort_by("item")


def _check_items(items: pa.Array, column: str) -> None:
    if len(items) > _MOST_ITEMS:
        raise DataError(f"There are {len(items):,} items; at most {_MOST_ITEMS:,} can be kept.")
    if items.null_count:
        raise DataError(f"{items.null_count:,} rows have no {column!r}; every item needs its id.")
    counts = pc.value_counts(items)
    twice = counts.filter(pc.greater(counts.field("counts"), 1))
    if len(twice):
        raise DataError(
            f"Item {twice[0]['values'].as_py()!r} stands {twice[0]['counts'].as_py()} times in"
            f" {column!r}; give each item one row, with a list of its traits."
        )


def _texts(column: pa.ChunkedArray, name: str) -> pa.Array:
    try:
        return column.cast(pa.string()).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"Column {name!r} is of {column.type}; expected texts.") from error


def _lists(column: pa.ChunkedArray, name: str, separator: str | None) -> list[list[str]]:
    if pt.is_list(column.type) and pt.is_string(column.type.value_type):
        values: Iterable[list[str | None] | None] = column.to_pylist()
        return [[one for one in value or [] if one] for value in values]
    texts = _texts(column, name).to_pylist()
    if separator is None:
        return [[] if text is None else [text] for text in texts]
    parts = ([] if text is None else text.split(separator) for text in texts)
    return [[one.strip() for one in some if one.strip()] for some in parts]


def _named(lists: list[list[str]], column: str) -> list[list[str]]:
    return [[f"{column}={one}" for one in some] for some in lists]


def _rows(columns: list[list[list[str]]]) -> Iterable[tuple[list[str], ...]]:
    return zip(*columns, strict=True)
