"""What outputs and labels of a model were seen to be, which tells its task."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

ValueKind: TypeAlias = Literal["number", "boolean", "text", "texts"]

PROBABILITY = "output:"
_MOST_CLASSES = 1_000


class Values(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of outputs, or of labels.

    Attributes
    ----------
    kind
        ``None`` as long as none came.
    low, high
        Of numbers.
    is_flag
        Whether all numbers were 0 or 1.
    classes
        Different texts, or whole numbers as texts, sorted, the first 1,000.
    """

    kind: ValueKind | None = None
    low: float = 0.0
    high: float = 0.0
    is_flag: bool = True
    classes: tuple[str, ...] = ()

    def merged(self, other: Values) -> Values:
        """Return what both saw; of two kinds the first."""
        if self.kind is None:
            return other
        if other.kind != self.kind:
            return self
        return Values(
            kind=self.kind,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
            is_flag=self.is_flag and other.is_flag,
            classes=tuple(sorted({*self.classes, *other.classes})[:_MOST_CLASSES]),
        )

    @property
    def is_probability(self) -> bool:
        """Whether all were numbers from 0 to 1."""
        return self.kind == "number" and self.low >= 0 and self.high <= 1


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a model's labelled predictions.

    Attributes
    ----------
    output, label
        Plain outputs, and labels.
    probabilities
        Classes that probabilities were given for, sorted.
    """

    output: Values = Values()
    label: Values = Values()
    probabilities: tuple[str, ...] = ()

    def merged(self, other: Seen) -> Seen:
        """Return what both saw."""
        return Seen(
            output=self.output.merged(other.output),
            label=self.label.merged(other.label),
            probabilities=tuple(sorted({*self.probabilities, *other.probabilities})),
        )


def seen_in(table: pa.Table) -> Seen:
    """Return what is seen in labelled predictions, with their columns named as in the store."""
    names = table.column_names
    return Seen(
        output=_values(table.column("output")) if "output" in names else Values(),
        label=_values(table.column("label")) if "label" in names else Values(),
        probabilities=tuple(
            sorted(
                name.removeprefix(PROBABILITY)
                for name in names
                if name.startswith(PROBABILITY) and table.column(name).null_count < len(table)
            )
        ),
    )


def _values(column: pa.ChunkedArray) -> Values:
    column = column.drop_null()
    kind = _kind(column.type)
    if kind is None or not len(column):
        return Values()
    if kind == "boolean":
        return Values(kind=kind)
    if kind == "number":
        column = column.filter(pc.is_finite(column))
        if not len(column):
            return Values()
        ends = pc.min_max(column)
        is_flag = pc.all(pc.or_(pc.equal(column, 0), pc.equal(column, 1))).as_py()
        return Values(
            kind=kind,
            low=ends["min"].as_py(),
            high=ends["max"].as_py(),
            is_flag=bool(is_flag),
            classes=_whole_numbers(column),
        )
    if kind == "texts":
        return Values(kind=kind)
    return Values(kind=kind, classes=tuple(sorted(column.unique().to_pylist())[:_MOST_CLASSES]))


def _kind(arrow: pa.DataType) -> ValueKind | None:
    if pt.is_boolean(arrow):
        return "boolean"
    if pt.is_floating(arrow) or pt.is_integer(arrow):
        return "number"
    if pt.is_string(arrow) or pt.is_large_string(arrow):
        return "text"
    return "texts" if pt.is_list(arrow) and pt.is_string(arrow.value_type) else None


def _whole_numbers(column: pa.ChunkedArray) -> tuple[str, ...]:
    """Return different numbers as texts if all are whole, as those that stand for classes are."""
    if not pc.all(pc.equal(column, pc.floor(column))).as_py():
        return ()
    return tuple(sorted(f"{number:g}" for number in column.unique().to_pylist()))[:_MOST_CLASSES]
