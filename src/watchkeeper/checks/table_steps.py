"""Checks of counts, times and statistics in SQL."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from watchkeeper.checks.sql import number_literal
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
from watchkeeper.checks.table_checks import Freshness, Statistic, Volume
from watchkeeper.checks.table_columns import TableColumn
from watchkeeper.events import parse_duration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AGGREGATES = {
    "mean": "avg({})",
    "sum": "sum({})",
    "sd": "stddev_samp({})",
    "minimum": "min({})",
    "maximum": "max({})",
}
_WORDS = {
    "null_ratio": "null ratio",
    "distinct": "number of different values",
    "distinct_ratio": "part of different values",
}
_NO_VALUES = "There are no values to look at."


def volume(setting: Setting, check: Volume) -> Step:
    """Return the step of a number of rows."""

    def judge(values: Values, _reference: Values | None) -> Judgement:
        rows = values[0]
        low, high = check.minimum, check.maximum
        passed = (low is None or rows >= low) and (high is None or rows <= high)
        said = f"{rows:,} rows; {_bounds(low, high)} expected."
        return Judgement(passed=passed, message=said, rows=rows)

    return Step(aggregates=(setting.rows,), judge=judge)


def freshness(setting: Setting, check: Freshness, column: TableColumn) -> Step:
    """Return the step of the age of the newest time."""
    value = column.sql
    if column.kind == "text":
        value = f"TRY_CAST({value} AS TIMESTAMP)"
    elif column.kind != "datetime":
        return undecided(f"{shown(column.name)} is {column.type}, which holds no times.")
    elif not column.has_zone:
        value = f"CAST({value} AS TIMESTAMP)"
    newest = setting.of(f"max({value}) ")
    within = parse_duration(check.within)

    def judge(values: Values, _reference: Values | None) -> Judgement:
        rows, micros = values
        if micros is None:
            return Judgement(passed=None, message=_NO_VALUES, rows=rows)
        try:
            time = _EPOCH + timedelta(microseconds=micros)
        except OverflowError:
            return Judgement(
                passed=None, message="The newest time is infinitely far away.", rows=rows
            )
        age = setting.now - time
        old = "from the future" if age < timedelta(0) else f"{_age(age)} old"
        said = f"The newest {shown(column.name)} is {time:%Y-%m-%d %H:%M} UTC, {old}"
        return Judgement(
            passed=age <= within, message=f"{said}; {check.within} is allowed.", rows=rows
        )

    return Step(aggregates=(setting.rows, f"epoch_us({newest})"), judge=judge)


def statistic(setting: Setting, check: Statistic, column: TableColumn) -> Step:
    """Return the step of a statistic between limits."""
    present = setting.count(column.present)
    if check.statistic in {"null_ratio", "distinct", "distinct_ratio"}:
        return _counted(setting, check, column, present)
    if not column.is_numeric:
        return undecided(f"{shown(column.name)} is {column.type}: it has no {check.statistic}.")
    value = column.number
    if check.statistic in {"median", "quantile"}:
        return _quantile(setting, check, column, value)
    if check.statistic in {"mean", "sd"}:
        value = column.finite
    aggregate = setting.of(_AGGREGATES[check.statistic].format(value))
    name = f"{check.statistic} of {shown(column.name)}"
    return _between((setting.rows, aggregate), check, name, lambda values: values[1])


def _counted(setting: Setting, check: Statistic, column: TableColumn, present: str) -> Step:
    name = f"{_WORDS[check.statistic]} of {shown(column.name)}"
    if check.statistic == "null_ratio":
        return _between(
            (setting.rows, present), check, name, lambda v: 1 - v[1] / v[0] if v[0] else None
        )
    condition = f"{column.sql} IS NOT NULL AND {setting.where}"
    values = f"FROM {TABLE} SELECT DISTINCT {column.sql} WHERE {condition}"
    different = f"(FROM ({values}) SELECT count(*))"
    aggregates = (setting.rows, present, different)
    if check.statistic == "distinct":
        return _between(aggregates, check, name, lambda values: values[2])
    return _between(aggregates, check, name, lambda v: v[2] / v[1] if v[1] else None)


def _quantile(setting: Setting, check: Statistic, column: TableColumn, value: str) -> Step:
    """Decide by counting, exactly and in one pass: the quantile itself would take a sort.

    The q-quantile is the smallest value that at least the part q of all is not above, so it is at
    least ``low`` when fewer than that lie below ``low``.
    """
    part = 0.5 if check.quantile is None else check.quantile
    low, high = check.minimum, check.maximum
    aggregates = [setting.rows, setting.count(f"{column.sql} IS NOT NULL")]
    for sign, limit in (("<", low), ("<=", high)):
        literal = "NULL" if limit is None else number_literal(limit, column)
        aggregates.append(setting.count(f"{value} {sign} {literal}"))
    name = "median" if check.statistic == "median" else f"{part:g} quantile"

    def judge(values: Values, _reference: Values | None) -> Judgement:
        rows, present, below, within = values
        if present == 0:
            return Judgement(passed=None, message=_NO_VALUES, rows=rows)
        rank = max(1, math.ceil(part * present * (1 - 1e-12)))
        said = f"The {name} of {shown(column.name)}"
        if low is not None and below >= rank:
            why = f"is below {low:g}: {ratio(below / present)} of the values are"
        elif high is not None and within < rank:
            why = f"is above {high:g}: {ratio(1 - within / present)} of the values are"
        else:
            why = f"is {_bounds(low, high)}"
            return Judgement(passed=True, message=f"{said} {why}.", rows=rows)
        return Judgement(passed=False, message=f"{said} {why}.", rows=rows)

    return Step(aggregates=tuple(aggregates), judge=judge)


def _between(
    aggregates: tuple[str, ...],
    check: Statistic,
    name: str,
    value_of: Callable[[Values], float | None],
) -> Step:
    def judge(values: Values, _reference: Values | None) -> Judgement:
        value = value_of(values)
        if value is None:
            return Judgement(passed=None, message=_NO_VALUES, rows=values[0])
        low, high = check.minimum, check.maximum
        # The other way round NaN, the mean of infinities, would pass.
        passed = (low is None or value >= low) and (high is None or value <= high)
        told = f"{value:,}" if isinstance(value, int) else f"{float(value):.6g}"
        said = f"The {name} is {told}; {_bounds(low, high)} is expected."
        return Judgement(passed=bool(passed), message=said, rows=values[0])

    return Step(aggregates=aggregates, judge=judge)


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{_plain(low)} to {_plain(high)}"
    return f"{_plain(low)} or more" if low is not None else f"{_plain(high)} or less"


def _plain(value: float | None) -> str:
    if value is None:
        return "none"
    return f"{int(value):,}" if float(value).is_integer() else f"{value:g}"


def _age(age: timedelta) -> str:
    hours = age / timedelta(hours=1)
    if hours >= 48:
        return f"{hours / 24:.1f} days"
    return f"{hours:.1f} hours" if hours >= 1 else f"{hours * 60:.0f} minutes"
