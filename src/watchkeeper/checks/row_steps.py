"""Checks of rows in SQL: the condition of the rows that break each."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.checks.row_checks import (
    Categories,
    Expression,
    Length,
    Limit,
    Matches,
    NotNull,
    Range,
    Unique,
)
from watchkeeper.checks.sql import number_literal, text_literal, time_literal
from watchkeeper.checks.steps import (
    TABLE,
    Judgement,
    Setting,
    Step,
    Values,
    ratio,
    shown,
    undecided,
)
from watchkeeper.checks.table_columns import TableColumn
from watchkeeper.errors import SettingsError

_SHOWN_VALUES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Condition of the rows that break a check, and what to say of them, after 'rows'."""

    breaking: str
    said: str


def not_null(setting: Setting, check: NotNull, column: TableColumn) -> Step:
    """Every row has a value."""
    rule = _Rule(breaking=f"NOT {column.present}", said=f"have no value in {shown(column.name)}")
    return _step(setting, rule, check.mostly, of=None)


def range_(setting: Setting, check: Range, column: TableColumn) -> Step:
    """Values lie between limits."""
    limits = {
        "<": check.minimum,
        "<=": check.above,
        ">": check.maximum,
        ">=": check.below,
    }
    given = {sign: limit for sign, limit in limits.items() if limit is not None}
    literals = {sign: _limit(limit, column) for sign, limit in given.items()}
    if None in literals.values():
        wanted = "text" if any(isinstance(limit, str) for limit in given.values()) else "numbers"
        return undecided(
            f"The limits of {shown(column.name)} are {wanted}, but its values are {column.type}:"
            " they cannot be compared."
        )
    value, parts = column.sql, []
    if column.kind == "text" and not any(isinstance(limit, str) for limit in given.values()):
        value = f"TRY_CAST({column.sql} AS DOUBLE)"
        parts.append(f"({column.sql} IS NOT NULL AND {value} IS NULL)")
    elif column.kind == "boolean":
        value = column.number
    parts += [f"{value} {sign} {literal}" for sign, literal in literals.items()]
    words = {"<": "at least", "<=": "above", ">": "at most", ">=": "below"}
    bounds = " and ".join(f"{words[sign]} {limit}" for sign, limit in given.items())
    rule = _Rule(
        breaking=f"({' OR '.join(parts)})", said=f"have {shown(column.name)} that is not {bounds}"
    )
    return _step(setting, rule, check.mostly, of=column)


def categories(setting: Setting, check: Categories, column: TableColumn) -> Step:
    """Values are among those named."""
    literals: list[str] = []
    value = column.sql
    if column.kind in {"number", "integer"}:
        literals = [number_literal(n, column) for n in map(_number, check.values) if n is not None]
    else:
        if column.kind != "text":
            value = f"CAST({column.sql} AS VARCHAR)"
        texts = [str(v).lower() if isinstance(v, bool) else str(v) for v in check.values]
        literals = [text_literal(text) for text in texts]
    allowed = ", ".join(dict.fromkeys(literals))
    among = f"{value} NOT IN ({allowed})" if allowed else f"{value} IS NOT NULL"
    few = ", ".join(map(repr, check.values[:_SHOWN_VALUES]))
    more = f" and {len(check.values) - _SHOWN_VALUES:,} more"
    said = f"have {shown(column.name)} not among {few}" + more * (len(check.values) > _SHOWN_VALUES)
    return _step(
        setting,
        _Rule(breaking=among, said=said),
        check.mostly,
        of=column,
        counted=_by_value(setting, value, among) if column.kind == "text" else None,
    )


def _by_value(setting: Setting, value: str, breaking: str) -> str:
    """Return the aggregate for rows that break a rule, judged once for each different value."""
    alike = f"FROM {TABLE} SELECT {value}, count(*) AS rows_alike WHERE {setting.where} GROUP BY 1"
    return f"(FROM ({alike}) SELECT coalesce(sum(rows_alike) FILTER (WHERE {breaking}), 0))"


def matches(setting: Setting, check: Matches, column: TableColumn) -> Step:
    """Texts match a regular expression."""
    value = column.sql if column.kind == "text" else f"CAST({column.sql} AS VARCHAR)"
    rule = _Rule(
        breaking=f"NOT regexp_matches({value}, {text_literal(check.pattern)})",
        said=f"have {shown(column.name)} that does not match {shown(check.pattern)}",
    )
    return _step(setting, rule, check.mostly, of=column)


def length(setting: Setting, check: Length, column: TableColumn) -> Step:
    """Texts have a number of characters, lists of elements."""
    counted = column.kind in {"text", "list"}
    value = f"length({column.sql})" if counted else f"length(CAST({column.sql} AS VARCHAR))"
    limits = {"<": check.minimum, ">": check.maximum}
    parts = [f"{value} {sign} {limit}" for sign, limit in limits.items() if limit is not None]
    words = {"<": "at least", ">": "at most"}
    bounds = " and ".join(f"{words[s]} {limit}" for s, limit in limits.items() if limit is not None)
    rule = _Rule(
        breaking=f"({' OR '.join(parts)})",
        said=f"have {shown(column.name)} of a length not {bounds}",
    )
    return _step(setting, rule, check.mostly, of=column)


def expression(setting: Setting, check: Expression) -> Step:
    """Return the step of a condition in SQL."""
    holds = f"({check.sql}\n)"
    breaking = f"NOT {holds}" if check.nulls == "pass" else f"({holds} IS NOT TRUE)"
    rule = _Rule(breaking=breaking, said=f"break {shown(' '.join(check.sql.split()))}")
    return _step(setting, rule, check.mostly, of=None)


def unique(setting: Setting, check: Unique) -> Step:
    """No value comes twice."""
    columns = [column for name in check.columns if (column := setting.table.find(name))]
    keys = [column.sql for column in columns]
    full = " AND ".join([f"{key} IS NOT NULL" for key in keys] + [setting.where])
    listed = ", ".join(keys)
    groups = f"FROM {TABLE} WHERE {full} GROUP BY {listed} HAVING count(*) > 1"
    alike = f"SELECT count(*) AS rows_alike {groups}"
    total = "coalesce(sum(rows_alike), 0)"
    shared = f"(FROM ({alike}) SELECT {total})"
    key = listed if len(keys) == 1 else f"row({listed})"
    rule = _Rule(
        breaking=f"{full} AND {key} IN (SELECT {key} {groups})",
        said=f"have the same {', '.join(map(shown, check.columns))} as another row",
    )

    def judge(values: Values, _reference: Values | None) -> Judgement:
        return _judgement(rule, rows=values[0], failing=int(values[1]), of=values[0], mostly=1.0)

    return Step(aggregates=(setting.rows, shared), judge=judge, breaking=rule.breaking)


def _step(
    setting: Setting,
    rule: _Rule,
    mostly: float,
    *,
    of: TableColumn | None,
    counted: str | None = None,
) -> Step:
    """Return the step of a rule.

    Parameters
    ----------
    mostly
        Part of the values of a column, or of rows where ``of`` is None.
    counted
        Aggregate for how many break it, where there is a faster one.
    """
    all_of = setting.rows if of is None else setting.count(f"{of.sql} IS NOT NULL")

    def judge(values: Values, _reference: Values | None) -> Judgement:
        rows, failing, of_how_many = values
        return _judgement(rule, rows=rows, failing=int(failing), of=of_how_many, mostly=mostly)

    breaking = rule.breaking if setting.where == "true" else f"{setting.where} AND {rule.breaking}"
    aggregates = (setting.rows, counted or setting.count(rule.breaking), all_of)
    return Step(aggregates=aggregates, judge=judge, breaking=breaking)


def _judgement(rule: _Rule, *, rows: int, failing: int, of: int, mostly: float) -> Judgement:
    if rows == 0:
        return Judgement(passed=None, message="There are no rows to look at.", failed_rows=0)
    # A part such as 0.9 of 10 is 9 rows, whatever binary fractions make of it.
    passed = failing <= (1 - mostly) * of * (1 + 1e-12)
    count = "None" if failing == 0 else f"{failing:,}"
    share = f" ({ratio(failing / rows)})" if failing else ""
    may = f"; {ratio(1 - mostly)} may" if mostly < 1 else ""
    return Judgement(
        passed=passed,
        message=f"{count} of {rows:,} rows{share} {rule.said}{may}.",
        rows=rows,
        failed_rows=failing,
    )


def _limit(limit: Limit, column: TableColumn) -> str | None:
    if isinstance(limit, str):
        if column.kind == "text":
            return text_literal(limit)
        if column.kind != "datetime":
            return None
        literal = time_literal(limit, column)
        if literal is None:
            raise SettingsError(
                f"{limit!r}, a limit of {shown(column.name)}, is no date or time; write it as"
                " 2013-04-01 or 2013-04-01T12:00:00Z"
            )
        return literal
    return number_literal(limit, column) if column.is_numeric or column.kind == "text" else None


def _number(value: float | str) -> float | int | None:
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        return value
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return None
