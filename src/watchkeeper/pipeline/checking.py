"""Checks run over data: all of them in one pass, then a few rows that break each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from watchkeeper.checks import (
    TABLE,
    Change,
    Check,
    CheckResult,
    Expression,
    Judgement,
    Sample,
    Step,
    Values,
    columns_of,
    kind_of,
    name_all,
    plan,
    require_sound,
)
from watchkeeper.pipeline.queried_rows import QueriedRows, open_rows
from watchkeeper.pipeline.table_profiling import is_saved_profile, load_profile
from watchkeeper.pipeline.user_sql import require_conditions
from watchkeeper.profiles import TableProfile

_EXAMPLES = 5
_EXAMPLE_COLUMNS = 6
_EXAMPLE_LENGTH = 200


def run_checks(
    data: object,
    checks: Sequence[Check],
    *,
    reference: object | None = None,
    now: datetime | None = None,
) -> tuple[CheckResult, ...]:
    """Check data.

    Parameters
    ----------
    data
        A path, folder, pattern or list of these (Parquet, CSV, JSONL), or a data frame (pandas,
        Polars, PyArrow, DuckDB, list of dicts). A table without rows is data too.
    checks
        What must hold.
    reference
        What checks of change compare with: data, or a saved profile (a path, or a
        `TableProfile`); only they read it.
    now
        The time that freshness is seen from, aware; by default now.

    Returns
    -------
    tuple[CheckResult, ...]
        One for each check, in their order.

    Raises
    ------
    SettingsError
        A check cannot be meant as it is declared, or its SQL is none; the message names the check
        and the nearest column.
    DataError
        The data cannot be read.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from watchkeeper.checks import NotNull, Range
    >>> table = pa.table({"age": [31, None, 210]})
    >>> for result in run_checks(table, [NotNull(column="age"), Range(column="age", maximum=120)]):
    ...     print(result.name, result.passed, result.message)
    not_null(age) False 1 of 3 rows (33.3 %) have no value in 'age'.
    range(age) False 1 of 3 rows (33.3 %) have 'age' that is not at most 120.
    """
    if not checks:
        return ()
    require_sound(checks)
    now = datetime.now(UTC) if now is None else now
    named = list(zip(name_all(checks), checks, strict=True))
    with open_rows(data) as rows:
        for name, check in named:
            require_conditions(name, check, rows)
        steps = [_Asked(name=n, check=c, step=plan(c, rows.table, now)) for n, c in named]
        values = _answers(rows, [one.step for one in steps])
        before = _of_reference(reference, steps, now)
        judged = [
            one.judged(mine, theirs)
            for one, mine, theirs in zip(steps, values, before, strict=True)
        ]
        return tuple(
            one.result(judgement, _examples(rows, one, judgement))
            for one, judgement in zip(steps, judged, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    name: str
    check: Check
    step: Step

    def judged(self, values: Values | str, reference: Values | None) -> Judgement:
        if isinstance(values, str):
            return Judgement(passed=None, message=f"It cannot be evaluated: {values}")
        return self.step.judge(values, reference)

    def result(
        self, judgement: Judgement, examples: tuple[dict[str, str | None], ...]
    ) -> CheckResult:
        return CheckResult(
            name=self.name,
            check=kind_of(self.check),
            columns=columns_of(self.check),
            passed=judgement.passed,
            severity=self.check.severity,
            rows=judgement.rows,
            failed_rows=judgement.failed_rows,
            examples=examples,
            message=judgement.message,
        )


def _answers(rows: QueriedRows, steps: Sequence[Step]) -> list[Values | str]:
    """Return the aggregates of each step; where they cannot be calculated, why."""
    distinct = list(dict.fromkeys(sql for step in steps for sql in step.aggregates))
    if not distinct:
        return [() for _ in steps]
    try:
        answer = dict(zip(distinct, rows.ask(_select(distinct))[0], strict=True))
    except duckdb.IOException:
        raise
    except duckdb.Error as error:
        if len(steps) == 1:
            return [str(error).partition("\n")[0]]
        # One of them fails, such as a cast in someone's SQL: the others shall be answered.
        return [_answers(rows, [step])[0] for step in steps]
    return [tuple(answer[sql] for sql in step.aggregates) for step in steps]


def _select(aggregates: Sequence[str]) -> str:
    listed = ",\n".join(aggregates)
    return f"FROM {TABLE} SELECT {listed}"


def _of_reference(
    reference: object | None, steps: Sequence[_Asked], now: datetime
) -> list[Values | None]:
    found: list[Values | None] = [None] * len(steps)
    wanted = [at for at, one in enumerate(steps) if one.step.on_reference]
    if reference is None or not wanted:
        return found
    saved = _saved(reference)
    if saved is not None:
        for at in wanted:
            found[at] = _of_profile(saved, steps[at].check)
        return found
    with open_rows(reference) as rows:
        for at in wanted:
            require_conditions(f"{steps[at].name} (on the reference)", steps[at].check, rows)
        theirs = [plan(steps[at].check, rows.table, now) for at in wanted]
        for at, step, values in zip(wanted, theirs, _answers(rows, theirs), strict=True):
            found[at] = values if step.on_reference and not isinstance(values, str) else None
    return found


def _saved(reference: object) -> TableProfile | None:
    if isinstance(reference, TableProfile):
        return reference
    if isinstance(reference, str | Path) and is_saved_profile(reference):
        return load_profile(reference)
    return None


def _of_profile(saved: TableProfile, check: Check) -> Values | None:
    """Return what a change is judged by; ``None`` where the profile does not tell it."""
    if not isinstance(check, Change) or check.where is not None:
        return None
    if check.column is None:
        return Sample(rows=saved.profile.rows).values
    column = saved.profile.columns.get(check.column)
    if column is None:
        return None
    present = column.rows - column.nulls
    moments = column.moments
    if moments is None or moments.count == 0:
        return Sample(rows=column.rows, present=present).values
    sd = math.sqrt(moments.m2 / (moments.count - 1)) if moments.count > 1 else None
    return Sample(rows=column.rows, present=present, mean=moments.mean, sd=sd).values


def _examples(
    rows: QueriedRows, asked: _Asked, judgement: Judgement
) -> tuple[dict[str, str | None], ...]:
    if judgement.passed is not False or asked.step.breaking is None or judgement.failed_rows == 0:
        return ()
    names = _example_columns(rows, asked.check)
    columns = [column for name in names if (column := rows.table.find(name)) is not None]
    shown = [f"CAST({column.sql} AS VARCHAR)" for column in columns]
    for at, column in enumerate(columns):
        if column.misfit is not None:
            shown[at] = f"coalesce({shown[at]}, {column.misfit})"
    listed = ", ".join(f"left({text}, {_EXAMPLE_LENGTH})" for text in shown)
    sql = f"FROM {TABLE} SELECT {listed} WHERE {asked.step.breaking} LIMIT {_EXAMPLES}"
    return tuple(dict(zip(names, row, strict=True)) for row in rows.ask(sql))


def _example_columns(rows: QueriedRows, check: Check) -> list[str]:
    """Return the columns a check is about, then the first others, as many as fit."""
    about = [name for name in columns_of(check) if rows.table.find(name) is not None]
    if isinstance(check, Expression):
        about = [name for name in rows.table.names if name and name in check.sql]
    names = [*about[: 2 * _EXAMPLE_COLUMNS], *(n for n in rows.table.names if n not in about)]
    return names[: max(_EXAMPLE_COLUMNS, min(len(about), 2 * _EXAMPLE_COLUMNS))]


__all__ = ["run_checks"]
