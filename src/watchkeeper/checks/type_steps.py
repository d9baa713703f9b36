"""Checks of types and of the columns that there are, in SQL."""

from __future__ import annotations

from collections.abc import Mapping

from watchkeeper.checks.row_checks import Type, ValueType
from watchkeeper.checks.steps import (
    Judgement,
    Setting,
    Step,
    Values,
    failed,
    ratio,
    shown,
)
from watchkeeper.checks.table_checks import TableSchema
from watchkeeper.checks.table_columns import Kind, TableColumn
from watchkeeper.errors import nearest

_FITTING: Mapping[ValueType, set[Kind]] = {
    "number": {"number", "integer"},
    "integer": {"integer"},
    "text": {"text"},
    "category": {"text", "integer", "boolean"},
    "boolean": {"boolean"},
    "datetime": {"datetime"},
    "list": {"list"},
}
_READ_AS = {"number": "DOUBLE", "integer": "HUGEINT", "boolean": "BOOLEAN", "datetime": "TIMESTAMP"}
_SHOWN_NAMES = 5


def type_(setting: Setting, check: Type, column: TableColumn) -> Step:
    """Values are of a type."""
    strange = _strange(column, check.type)
    if strange is None:
        said = f"{shown(column.name)} is {column.type}, as expected."

        def fine(values: Values, _reference: Values | None) -> Judgement:
            return Judgement(passed=True, message=said, rows=values[0], failed_rows=0)

        return Step(aggregates=(setting.rows,), judge=fine)
    is_wrong_anyway = not _may_fit(column, check.type)

    def judge(values: Values, _reference: Values | None) -> Judgement:
        rows, failing = values
        count = f"{failing:,} of {rows:,} rows"
        share = f" ({ratio(failing / rows)})" if failing else ""
        said = f"{shown(column.name)} is {column.type}, {check.type} was expected"
        if is_wrong_anyway:
            said += f"; {count}{share} cannot be read as that" if failing else ""
            return Judgement(passed=False, message=f"{said}.", rows=rows, failed_rows=failing)
        said = f"{count}{share} have {shown(column.name)} that is no {check.type}."
        passed = None if rows == 0 else failing == 0
        return Judgement(passed=passed, message=said, rows=rows, failed_rows=failing)

    breaking = strange if setting.where == "true" else f"{setting.where} AND {strange}"
    return Step(aggregates=(setting.rows, setting.count(strange)), judge=judge, breaking=breaking)


def schema(setting: Setting, check: TableSchema) -> Step:
    """Return the step of the columns that there must be."""
    present = setting.table.names
    wrong = [
        f"{shown(name)} is missing.{nearest(name, set(present) - set(check.columns))}"
        for name in check.columns
        if name not in present and name not in check.optional
    ]
    if not check.others:
        others = [name for name in present if name not in check.columns]
        wrong += [f"{_listed(others)} not expected."] if others else []
    declared = [name for name in check.columns if name in present]
    if check.ordered and [name for name in present if name in check.columns] != declared:
        wrong.append(f"The order of columns is not {', '.join(map(shown, declared[:10]))}.")
    typed: list[tuple[TableColumn, ValueType, str]] = []
    for name, kind in check.columns.items():
        column = setting.table.find(name)
        if column is None or kind is None:
            continue
        strange = _strange(column, kind)
        if strange is None:
            continue
        if _may_fit(column, kind):
            typed.append((column, kind, strange))
        else:
            wrong.append(f"{shown(name)} is {column.type}, not {kind}.")
    if wrong and not typed:
        return failed(" ".join(wrong))

    def judge(values: Values, _reference: Values | None) -> Judgement:
        rows, *counts = values
        misfits = [
            f"{shown(column.name)} is no {kind} in {failing:,} of {rows:,} rows."
            for (column, kind, _), failing in zip(typed, counts, strict=True)
            if failing
        ]
        said = [*wrong, *misfits] or [f"All {len(check.columns)} columns are as declared."]
        return Judgement(passed=not (wrong or misfits), message=" ".join(said), rows=rows)

    conditions = [strange for _, _, strange in typed]
    return Step(
        aggregates=(setting.rows, *map(setting.count, conditions)),
        judge=judge,
        breaking=" OR ".join(conditions) or None,
    )


def _listed(names: list[str]) -> str:
    listed = ", ".join(map(shown, names[:_SHOWN_NAMES]))
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return f"{listed}{more} {'is' if len(names) == 1 else 'are'}"


def _strange(column: TableColumn, expected: ValueType) -> str | None:
    """Return the condition of values that are not of a type; ``None`` if all are, by their type."""
    if column.kind == "null":
        return None
    if column.misfit is not None and _may_fit(column, expected):
        misfit = f"{column.misfit} IS NOT NULL"
        own = None if column.kind in _FITTING[expected] else _strange_value(column, expected)
        return misfit if own is None else f"({misfit} OR {own})"
    if column.kind in _FITTING[expected]:
        return None
    return _strange_value(column, expected)


def _strange_value(column: TableColumn, expected: ValueType) -> str:
    value = column.sql
    if expected == "integer" and column.kind == "number":
        return f"(isinf(CAST({value} AS DOUBLE)) OR {value} <> floor({value}))"
    if expected == "boolean" and column.kind in {"integer", "number"}:
        return f"{value} NOT IN (0, 1)"
    if expected in _READ_AS and column.kind == "text":
        return f"({value} IS NOT NULL AND TRY_CAST({value} AS {_READ_AS[expected]}) IS NULL)"
    return f"{value} IS NOT NULL"


def _may_fit(column: TableColumn, expected: ValueType) -> bool:
    """Whether a column of this type may hold nothing but values of the type expected."""
    if column.kind in _FITTING[expected]:
        return True
    if expected == "integer":
        return column.kind == "number"
    return expected == "boolean" and column.kind in {"integer", "number"}
