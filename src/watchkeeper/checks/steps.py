"""What is asked of the rows for one check, and what the answer means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from watchkeeper.checks.declared import Check
from watchkeeper.checks.table_columns import Table

TABLE = "data"
"""What the rows are called in SQL."""

Values: TypeAlias = Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a check says of the rows; as of ``CheckResult``."""

    passed: bool | None
    message: str
    rows: int = 0
    failed_rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One check in SQL.

    Attributes
    ----------
    aggregates
        Expressions over all rows, to be calculated together with those of the other checks.
    judge
        Tells, from their values, and those of the reference's rows if ``on_reference`` and there
        are any, what the check says.
    breaking
        Condition of the rows that break it; ``None`` for a check that is not of rows.
    """

    aggregates: tuple[str, ...]
    judge: Callable[[Values, Values | None], Judgement]
    breaking: str | None = None
    on_reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a check is put into SQL."""

    check: Check
    table: Table
    now: datetime

    @property
    def where(self) -> str:
        """Condition of the rows that are looked at."""
        # The new line ends a comment.
        return "true" if self.check.where is None else f"({self.check.where}\n)"

    @property
    def rows(self) -> str:
        """Aggregate for how many there are."""
        return self.count("true")

    def count(self, condition: str) -> str:
        """Return the aggregate for how many of the rows a condition is true."""
        parts = [part for part in (self.where, condition) if part != "true"]
        # count_if of nothing but nulls is null.
        return f"coalesce(count_if({' AND '.join(parts)}), 0)" if parts else "count(*)"

    def of(self, aggregate: str) -> str:
        """Return an aggregate over the rows that are looked at."""
        return aggregate if self.where == "true" else f"{aggregate} FILTER (WHERE {self.where})"


def undecided(message: str) -> Step:
    """Return the step of a check that cannot be decided."""
    judgement = Judgement(passed=None, message=message)
    return Step(aggregates=(), judge=lambda _values, _reference: judgement)


def failed(message: str) -> Step:
    """Return the step of a check that fails whatever the rows are."""
    judgement = Judgement(passed=False, message=message)
    return Step(aggregates=(), judge=lambda _values, _reference: judgement)


def shown(name: str) -> str:
    """Return a name of a column for a message."""
    return repr(name if len(name) <= 60 else name[:57] + "...")


def ratio(value: float) -> str:
    """Return a part of a whole for a message.

    Examples
    --------
    >>> ratio(0.1234), ratio(0.00001), ratio(1)
    ('12.3 %', 'under 0.1 %', '100 %')
    """
    if 0 < value < 0.001:
        return "under 0.1 %"
    if 0.999 < value < 1:
        return "over 99.9 %"
    return f"{value:.1%}".replace(".0%", "%").replace("%", " %")
