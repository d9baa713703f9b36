"""Columns that name a row or who it is about; their values say nothing about the data."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.events.apparent_types import is_text
from watchkeeper.events.schema import ColumnRole, ColumnType

_ID_NAMES = re.compile(
    r"(^|[_\W])(id|uuid|guid|row_?(no|num|number|index))$|[a-z](Id|ID|Uuid|UUID)$"
    r"|^(index|key|pk|unnamed: 0)$",
    re.ASCII,
)
_COUNTER_NAMES = re.compile(r"(^|_)(no|nr|num|number|seq|sequence|offset|row|rows)$", re.I)
_ENTITY_NAMES = re.compile(
    r"^(user|customer|account|client|member|visitor|patient|subscriber)(_?id)?$", re.I
)
_UUID = r"^\{?[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?$"
_LEAST_ROWS = 20
_MOST_CATEGORIES = 100_000
_UNIQUE = 0.999
_MOSTLY = 0.9


def identity_of(
    name: str, column: pa.ChunkedArray, kind: ColumnType
) -> tuple[ColumnRole, str] | None:
    """Return the role of a column that identifies, and why; ``None`` when it may be watched.

    A number is an id when it is all different and named like one, or counts up row by row. Text
    that is all different is an id when it is named or looks like one. Text of which new values
    keep coming is left alone: its categories are estimated by Chao1 (Chao, 1984, Nonparametric
    estimation of the number of classes in a population), and more than 100,000 are too many.

    Parameters
    ----------
    name, column
        The column; nulls are passed over.
    kind
        What type it seems to be.
    """
    values = column.drop_null()
    if len(values) < 2:
        return None
    if kind in {"number", "boolean"}:
        return _of_numbers(name, values)
    if kind in {"category", "text"} and is_text(column.type):
        return _of_texts(name, values, kind)
    return None


def is_id_name(name: str) -> bool:
    """Return whether a column is named like an id."""
    return _ID_NAMES.search(name) is not None


def _of_numbers(name: str, values: pa.ChunkedArray) -> tuple[ColumnRole, str] | None:
    is_id, is_entity = is_id_name(name), _ENTITY_NAMES.match(name) is not None
    number = _whole(values)
    if number is None:
        return None
    if (is_id or is_entity) and len(np.unique(number)) == len(number):
        return "id", "it is named like an id and different in every row"
    if is_entity:
        return "entity", "it names who the row is about"
    if len(number) < _LEAST_ROWS or not (number[1:] > number[:-1]).all():
        return None
    steps, counts = np.unique(np.diff(number), return_counts=True)
    is_even = counts.max() >= _MOSTLY * (len(number) - 1) and steps[counts.argmax()] > 0
    if is_even or _COUNTER_NAMES.search(name):
        return "id", "it counts the rows"
    return None


def _whole(values: pa.ChunkedArray) -> np.ndarray | None:
    """Return whole numbers as such; ``None`` for others and those too large to compare."""
    kind = values.type
    if pt.is_integer(kind):
        return values.to_numpy() if pt.is_signed_integer(kind) else _unsigned(values)
    if not pt.is_floating(kind):
        return None
    number: np.ndarray = values.to_numpy()
    whole = (np.abs(number) < 2**53) & (number == np.floor(number))
    return number.astype(np.int64) if whole.all() else None


def _unsigned(values: pa.ChunkedArray) -> np.ndarray | None:
    number: np.ndarray = values.to_numpy()
    return number.astype(np.int64) if number.max() < 2**63 else None


def _of_texts(
    name: str, values: pa.ChunkedArray, kind: ColumnType
) -> tuple[ColumnRole, str] | None:
    counts = pc.value_counts(values).field("counts").to_numpy()
    is_unique = len(counts) >= _UNIQUE * len(values)
    if _ENTITY_NAMES.match(name) and not is_unique:
        return "entity", "it names who the row is about"
    if is_unique and (is_id_name(name) or _ENTITY_NAMES.match(name)):
        return "id", "it is named like an id and different in every row"
    if kind == "text" or len(values) < _LEAST_ROWS:
        return None
    uuids = pc.match_substring_regex(values.slice(0, 100).cast(pa.large_string()), _UUID)
    looks_like = pc.all(uuids).as_py()
    if is_unique and looks_like:
        return "id", "it is a UUID, different in every row"
    if is_unique:
        return "ignored", "it is different in every row, so there is nothing to compare"
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    estimated = len(counts) + once * (once - 1) / (2 * (twice + 1))
    if estimated > _MOST_CATEGORIES:
        share = once / len(counts)
        like = " (UUIDs)" if looks_like else ""
        return "ignored", f"{share:.0%} of its values{like} occur once: new ones keep coming"
    return None
