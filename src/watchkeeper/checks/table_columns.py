"""The columns of the table that is checked, as DuckDB knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from watchkeeper.errors import nearest

Kind: TypeAlias = Literal[
    "number", "integer", "text", "boolean", "datetime", "list", "null", "other"
]

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_KINDS: dict[str, Kind] = {
    **{name: "integer" for one in _WHOLE for name in (one, f"U{one}")},
    "FLOAT": "number",
    "DOUBLE": "number",
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "DATE": "datetime",
    "NULL": "null",
    '"NULL"': "null",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column.

    Attributes
    ----------
    name
        As the data calls it.
    sql
        Expression for its value in the rows that are checked: NaN is null there.
    type
        DuckDB's name of its type.
    misfit
        Expression for the text of values that are not of its type; ``None`` if there are none.
    """

    name: str
    sql: str
    type: str
    misfit: str | None = None

    @property
    def kind(self) -> Kind:
        """What its values are."""
        if self.type.startswith("TIMESTAMP"):
            return "datetime"
        if self.type.startswith("DECIMAL"):
            return "number"
        if self.type.startswith("ENUM"):
            return "text"
        return "list" if self.type.endswith("]") else _KINDS.get(self.type, "other")

    @property
    def has_zone(self) -> bool:
        """Whether it holds times with a zone."""
        return self.type == "TIMESTAMP WITH TIME ZONE"

    @property
    def is_numeric(self) -> bool:
        """Whether one can calculate with its values; those of booleans are 0 and 1."""
        return self.kind in {"number", "integer", "boolean"}

    @property
    def number(self) -> str:
        """Expression for its value as a number."""
        return f"CAST({self.sql} AS INTEGER)" if self.kind == "boolean" else self.sql

    @property
    def finite(self) -> str:
        """Expression for its value as a number of 64 bits, null where it is infinite."""
        if self.type in {"FLOAT", "DOUBLE"}:
            return f"CASE WHEN isfinite({self.sql}) THEN CAST({self.sql} AS DOUBLE) END"
        return f"CAST({self.number} AS DOUBLE)"

    @property
    def present(self) -> str:
        """Condition that there is a value, of whatever type."""
        own = f"{self.sql} IS NOT NULL"
        return own if self.misfit is None else f"({own} OR {self.misfit} IS NOT NULL)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The columns of the rows that are checked, in their order."""

    columns: tuple[TableColumn, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self.columns]

    def find(self, name: str) -> TableColumn | None:
        """Return a column; ``None`` if there is none of this name."""
        return next((column for column in self.columns if column.name == name), None)

    def missing(self, names: Sequence[str]) -> str | None:
        """Return what to say of the first name that there is no column of."""
        for name in names:
            if self.find(name) is None:
                return f"The data has no column {name!r}.{nearest(name, self.names)}"
        return None
