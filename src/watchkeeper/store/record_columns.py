"""Records as columns: a value that does not suit its column's type becomes a misfit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import Any, TypeAlias

import pyarrow as pa

from watchkeeper.events import Record
from watchkeeper.store.columns import (
    ARROW,
    OUTLIER_COLUMNS,
    OUTLIER_SCORE,
    ColumnKind,
    Kind,
    as_json,
    fixed_columns,
    kind_of,
    misfit_column,
)

_CLASSES: Mapping[ColumnKind, set[type]] = {
    "number": {int, float},
    "text": {str},
    "boolean": {bool},
    "time": {datetime},
    "vector": {list},
    "texts": {list},
}
_NULL = type(None)
_AddMixed: TypeAlias = Callable[[dict[str, pa.Array], str, Sequence[Any], ColumnKind], None]


def table_of_records(
    kind: Kind, records: list[dict[str, Any]], types: dict[str, ColumnKind]
) -> pa.Table:
    """Return decoded records as a table.

    Parameters
    ----------
    records
        As `from_msgpack` gives them.
    types
        Kinds of the model's open columns so far; new ones are added.
    """

    def values(name: str, default: Any = None) -> list[Any]:
        return [record.get(name, default) for record in records]

    table = _table(kind, values, types, _add_mixed)
    if kind != "prediction" or not any(OUTLIER_SCORE in record for record in records):
        return table
    return with_outliers(table, values(OUTLIER_SCORE), values(OUTLIER_COLUMNS))


def with_outliers(
    table: pa.Table, scores: Sequence[float | None], told: Sequence[list[str] | None]
) -> pa.Table:
    """Return predictions with how odd each is, and the columns that make it so, null for none."""
    kind = pa.list_(pa.string())
    is_any = any(told)  # mostly there is none, and nulls are made much sooner
    names = pa.array([n or None for n in told], kind) if is_any else pa.nulls(len(told), kind)
    table = table.append_column(OUTLIER_SCORE, pa.array(scores, pa.float64()))
    return table.append_column(OUTLIER_COLUMNS, names)


def table_of_uniform(kind: Kind, records: Sequence[Record]) -> pa.Table | None:
    """Return records as a canonical table, ``None`` if not all values of a column are of one kind.

    It says the same as the records do, whatever the model's columns are like, and takes a fraction
    of the time to seal. Where there could be any doubt, for example about the zone of a time among
    the features, ``None`` is returned.
    """
    if any(record.time.tzinfo is None for record in records):
        return None
    types: dict[str, ColumnKind] = {}
    try:
        table = _table(
            kind, lambda name, _=None: list(map(attrgetter(name), records)), types, _give_up
        )
    except (_NotUniformError, pa.ArrowException, TypeError, ValueError, OverflowError):
        return None
    return None if "time" in types.values() else table


class _NotUniformError(Exception):
    """Some column has values of several kinds."""


def _give_up(*_: object) -> None:
    raise _NotUniformError


def _table(
    kind: Kind,
    values: Callable[..., list[Any]],
    types: dict[str, ColumnKind],
    add_mixed: _AddMixed,
) -> pa.Table:
    columns: dict[str, pa.Array] = {
        name: pa.array(values(name), type=arrow) for name, arrow in fixed_columns(kind).items()
    }
    if kind == "outcome":
        _add(columns, "label", values("label"), types, add_mixed)
    if kind == "prediction":
        for name, given in _columns_of(values("features", {})):
            _add(columns, f"feature:{name}", given, types, add_mixed)
        _add_outputs(columns, values("output"), types, add_mixed)
        for tag, texts in _columns_of(values("tags", {})):
            columns[f"tag:{tag}"] = pa.array(texts, type=pa.string())
        explanations = values("explanation")
        if any(explanations):
            for name, given in _columns_of([one or {} for one in explanations]):
                types.setdefault(f"explanation:{name}", "number")
                _add(columns, f"explanation:{name}", given, types, add_mixed)
    return pa.table(columns)


def _columns_of(maps: list[dict[str, Any]]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield each name with its values, ``None`` where a map lacks it."""
    layouts = set(map(tuple, maps))
    if len(layouts) == 1:  # as most are: then the columns are the rows turned
        yield from zip(layouts.pop(), zip(*map(dict.values, maps), strict=True), strict=True)
        return
    for name in dict.fromkeys(chain.from_iterable(maps)):
        yield name, [given.get(name) for given in maps]


def _add_outputs(
    columns: dict[str, pa.Array],
    outputs: list[Any],
    types: dict[str, ColumnKind],
    add_mixed: _AddMixed,
) -> None:
    if any(isinstance(output, dict) for output in outputs):
        maps = [output if isinstance(output, dict) else {} for output in outputs]
        for label, shares in _columns_of(maps):
            _add(columns, f"output:{label}", shares, types, add_mixed)
        outputs = [None if isinstance(output, dict) else output for output in outputs]
    _add(columns, "output", outputs, types, add_mixed)


def _add(
    columns: dict[str, pa.Array],
    name: str,
    values: Sequence[Any],
    types: dict[str, ColumnKind],
    add_mixed: _AddMixed,
) -> None:
    classes = set(map(type, values)) - {_NULL}
    kind = types.get(name)
    if kind is None:
        first = next((v for v in values if v is not None and not _is_nan(v)), None)
        if first is None:
            return
        kind = types[name] = kind_of(name, first)
    if not classes:
        return
    if classes <= _CLASSES[kind]:
        array = _converted(values, kind)
        if array is not None:
            columns[name] = array
            return
    add_mixed(columns, name, values, kind)


def _converted(values: Sequence[Any], kind: ColumnKind) -> pa.Array | None:
    """Return values of the right classes as an array, ``None`` if one has no place there."""
    try:
        return pa.array(values, type=ARROW[kind])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        if kind != "number":
            return None
        # Arrow refuses integers that a double cannot hold exactly; the nearest double will do.
        return pa.array([None if v is None else _as_float(v) for v in values], type=pa.float64())


def _as_float(value: float) -> float:
    if type(value) is int and not -(2**63) <= value < 2**64:
        raise OverflowError("no record can hold an integer of more than 64 bits")
    return float(value)


def _add_mixed(
    columns: dict[str, pa.Array], name: str, values: Sequence[Any], kind: ColumnKind
) -> None:
    fitting: list[Any] = []
    misfits: list[str | None] = []
    for given in values:
        value = _as_label(given, kind) if name == "label" else given
        fits = type(value) in _CLASSES[kind] and (
            type(value) is not list or _converted([value], kind) is not None
        )
        fitting.append(value if fits else None)
        odd = not fits and value is not None and not _is_nan(value)
        misfits.append(as_json(value) if odd else None)
    columns[name] = _converted(fitting, kind)
    if any(misfit is not None for misfit in misfits):
        columns[misfit_column(name)] = pa.array(misfits, type=pa.string())


def _as_label(value: Any, kind: ColumnKind) -> Any:
    """Return 0 and 1 for false and true where labels are numbers, and the other way round.

    Among lists of labels a text is a list of one.
    """
    if kind == "texts" and isinstance(value, str):
        return [value]
    if kind == "number" and isinstance(value, bool):
        return float(value)
    if kind == "boolean" and isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    return value


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
