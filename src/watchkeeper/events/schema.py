"""What a model's columns are: names, types, roles and declared limits."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

ColumnType: TypeAlias = Literal["number", "category", "boolean", "text", "datetime"]
ColumnRole: TypeAlias = Literal[
    "feature",
    "time",
    "id",
    "entity",
    "prediction",
    "label",
    "segment",
    "explanation",
    "calendar",
    "ignored",
]
WATCHED_ROLES: Final[frozenset[ColumnRole]] = frozenset(
    ("feature", "prediction", "label", "segment", "explanation")
)
"""Roles of columns whose profiles are watched."""
EXPLANATION: Final = "explanation:"
"""Before the names of what features contributed to an output."""


class Column(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One column of a monitored table.

    Attributes
    ----------
    type
        How it is profiled.
    role
        What it is for. Only ``feature``, ``prediction``, ``label``, ``segment`` and
        ``explanation`` columns are watched; an ``explanation`` column holds what a feature
        contributed to the output; ``calendar`` columns repeat the time (year, month, hour, ...)
        and would drift by definition.
    nullable
        Whether nulls are allowed.
    minimum, maximum
        Declared range of a number, both ends allowed; ``None`` for no limit.
    categories
        Declared values of a category; ``None`` when any is allowed.
    """

    type: ColumnType
    role: ColumnRole = "feature"
    nullable: bool = True
    minimum: float | None = None
    maximum: float | None = None
    categories: list[str] | None = None


class Schema(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The columns of a monitored table, in their order."""

    columns: dict[str, Column]

    def watched(self) -> list[str]:
        """Names of the columns whose profiles are watched."""
        return [name for name, column in self.columns.items() if column.role in WATCHED_ROLES]

    def explanations(self) -> list[str]:
        """Names of the columns that hold what features contributed to the output."""
        return [name for name, column in self.columns.items() if column.role == "explanation"]

    def first(self, role: ColumnRole) -> str | None:
        """Name of the first column in a role, or ``None``."""
        return next((name for name, column in self.columns.items() if column.role == role), None)
