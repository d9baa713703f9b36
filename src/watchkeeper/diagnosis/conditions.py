"""What the rows of a segment have in common, in words that a person or a program can check."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from watchkeeper.diagnosis.coded_columns import NULL_CODE, CodedColumn

ConditionKind: TypeAlias = Literal["value", "range", "null", "rest"]


class Condition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One column's part in a segment.

    Attributes
    ----------
    kind
        ``value``: the column has this value; ``range``: a number, ``low <= x < high``; ``null``:
        it has none; ``rest``: it has one of the rare values that are counted together.
    low, high
        ``None`` for no limit.
    """

    column: str
    kind: ConditionKind
    value: str | None = None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        """Return the condition as text."""
        if self.kind == "value":
            return f"{self.column} = {self.value}"
        if self.kind == "null":
            return f"{self.column} is null"
        if self.kind == "rest":
            return f"{self.column} is a rare value"
        if self.low is None and self.high is None:
            return f"{self.column} is not null"
        if self.low is None:
            return f"{self.column} < {_shown(self.high)}"
        if self.high is None:
            return f"{self.column} >= {_shown(self.low)}"
        return f"{_shown(self.low)} <= {self.column} < {_shown(self.high)}"


def condition_of(column: CodedColumn, low: int, high: int) -> Condition:
    """Return what the codes ``low`` to ``high`` of a column, both included, mean."""
    name = column.name
    if high == NULL_CODE:
        return Condition(column=name, kind="null")
    if column.edges is None:
        if low > len(column.values):
            return Condition(column=name, kind="rest")
        return Condition(column=name, kind="value", value=column.values[low - 1])
    if column.points is not None and low == high:
        return Condition(column=name, kind="value", value=_shown(float(column.points[low - 1])))
    edges = column.edges
    return Condition(
        column=name,
        kind="range",
        low=_limit(None if low <= 1 else edges[low - 2]),
        high=_limit(None if high - 1 >= len(edges) else edges[high - 1]),
    )


def text_of(conditions: Sequence[Condition]) -> str:
    """Return conditions as one text."""
    return " and ".join(str(one) for one in conditions)


def _limit(edge: float | None) -> float | None:
    return None if edge is None or not math.isfinite(edge) else float(edge)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
