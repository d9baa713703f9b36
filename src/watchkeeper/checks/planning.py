"""Checks put into SQL for the columns that there are."""

from __future__ import annotations

from datetime import datetime

from watchkeeper.checks import change_steps, row_steps, table_steps, type_steps
from watchkeeper.checks.declared import Check, columns_of
from watchkeeper.checks.metric_check import Metric
from watchkeeper.checks.row_checks import (
    Categories,
    Expression,
    Length,
    Matches,
    NotNull,
    Range,
    Type,
    Unique,
)
from watchkeeper.checks.steps import Setting, Step, failed, undecided
from watchkeeper.checks.table_checks import Change, Freshness, Statistic, TableSchema, Volume
from watchkeeper.checks.table_columns import Table


def plan(check: Check, table: Table, now: datetime) -> Step:
    """Return what to ask of the rows for one check.

    A check of a column that does not exist fails if it is about what the table must have (its
    type, a value in every row, no value twice); any other cannot be decided.

    Parameters
    ----------
    check
        A sound one; see `require_sound`.
    table
        Columns that there are.
    now
        The time that freshness is seen from; aware.

    Raises
    ------
    SettingsError
        A limit is no date where the column holds times.
    """
    setting = Setting(check=check, table=table, now=now)
    if isinstance(check, TableSchema):
        return type_steps.schema(setting, check)
    if isinstance(check, Metric):
        return undecided("It needs predictions and labels, which `compare` is told.")
    missing = table.missing(columns_of(check))
    if missing is not None:
        return failed(missing) if isinstance(check, NotNull | Type | Unique) else undecided(missing)
    if isinstance(check, Volume):
        return table_steps.volume(setting, check)
    if isinstance(check, Expression):
        return row_steps.expression(setting, check)
    if isinstance(check, Unique):
        return row_steps.unique(setting, check)
    return _of_column(setting, check)


def _of_column(
    setting: Setting,
    check: NotNull | Type | Range | Categories | Matches | Length | Freshness | Statistic | Change,
) -> Step:
    column = None if check.column is None else setting.table.find(check.column)
    if isinstance(check, Change):
        return change_steps.change(setting, check, column)
    assert column is not None
    match check:
        case NotNull():
            return row_steps.not_null(setting, check, column)
        case Type():
            return type_steps.type_(setting, check, column)
        case Range():
            return row_steps.range_(setting, check, column)
        case Categories():
            return row_steps.categories(setting, check, column)
        case Matches():
            return row_steps.matches(setting, check, column)
        case Length():
            return row_steps.length(setting, check, column)
        case Freshness():
            return table_steps.freshness(setting, check, column)
        case Statistic():
            return table_steps.statistic(setting, check, column)
