"""Checks of abrupt change since the reference, in SQL."""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchkeeper.checks.steps import Judgement, Setting, Step, Values, ratio, shown, undecided
from watchkeeper.checks.table_checks import Change
from watchkeeper.checks.table_columns import TableColumn

_SURE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a change is judged by, of one side.

    Attributes
    ----------
    rows, present
        Rows, and those with a value.
    mean, sd
        Of the finite values; ``None`` without any, or if they are no numbers.
    """

    rows: int
    present: int = 0
    mean: float | None = None
    sd: float | None = None

    @property
    def values(self) -> Values:
        """As the aggregates of a change step give them."""
        return (self.rows, self.present, self.mean, self.sd)

    @property
    def null_ratio(self) -> float:
        """Part of the rows without a value."""
        return 1 - self.present / self.rows


def change(setting: Setting, check: Change, column: TableColumn | None) -> Step:
    """Return the step of a change since the reference."""
    aggregates = [setting.rows, "0", "NULL", "NULL"]
    if column is not None:
        aggregates[1] = setting.count(column.present)
    if check.of == "mean":
        assert column is not None
        if not column.is_numeric:
            return undecided(f"{shown(column.name)} is {column.type}: it has no mean.")
        aggregates[2:] = [setting.of(f"{name}({column.finite})") for name in ("avg", "stddev_samp")]

    def judge(values: Values, reference: Values | None) -> Judgement:
        if reference is None:
            said = "There is nothing in a reference to compare with."
            return Judgement(passed=None, message=said, rows=values[0])
        return _judged(check, _sample(reference), _sample(values))

    return Step(aggregates=tuple(aggregates), judge=judge, on_reference=True)


def _judged(check: Change, before: Sample, now: Sample) -> Judgement:
    of = "number of rows" if check.of == "row_count" else check.of.replace("_", " ")
    of += f" of {shown(check.column)}" if check.column is not None else ""
    if before.rows == 0 or (now.rows == 0 and check.of != "row_count"):
        side = "reference has" if before.rows == 0 else "data have"
        return Judgement(passed=None, message=f"The {side} no rows to look at.", rows=now.rows)
    if check.of == "row_count":
        old, new, error = float(before.rows), float(now.rows), 0.0
        told = f"{before.rows:,} to {now.rows:,}"
    elif check.of == "null_ratio":
        old, new = before.null_ratio, now.null_ratio
        # Of all rows together, and as if one more had none, so that it is never zero.
        every = before.rows + now.rows
        pooled = (old * before.rows + new * now.rows + 1) / (every + 2)
        error = math.sqrt(pooled * (1 - pooled) * (1 / before.rows + 1 / now.rows))
        told = f"{ratio(old)} to {ratio(new)}"
    elif before.mean is None or now.mean is None:
        side = "reference has" if before.mean is None else "data have"
        return Judgement(passed=None, message=f"The {side} no values to look at.", rows=now.rows)
    else:
        old, new = before.mean, now.mean
        error = math.sqrt(_error_squared(before, now) + _error_squared(now, before))
        told = f"{old:.6g} to {new:.6g}"
    exceeded = _exceeded(check, old, new, before.sd)
    by_chance = abs(new - old) <= _SURE * error
    verb = "went from" if exceeded or old != new else "stayed:"
    said = f"The {of} {verb} {told}"
    if exceeded and by_chance:
        said += f", {exceeded}, which chance alone can do"
    elif exceeded:
        said += f", {exceeded}"
    return Judgement(passed=not exceeded or by_chance, message=f"{said}.", rows=now.rows)


def _exceeded(check: Change, old: float, new: float, sd: float | None) -> str:
    """Return the first allowance that a change goes beyond, in words; empty if none."""
    if check.factor is not None:
        low, high = sorted((abs(old), abs(new)))
        if old * new < 0 or high > check.factor * low:
            return f"more than {check.factor:g} times"
    if check.difference is not None and abs(new - old) > check.difference:
        return f"by more than {check.difference:g}"
    if check.sd is not None and sd is not None and abs(new - old) > check.sd * sd:
        return f"by more than {check.sd:g} standard deviations"
    return ""


def _error_squared(sample: Sample, other: Sample) -> float:
    """Return the squared standard error of a mean; of a single value with the other side's sd."""
    sd = other.sd if sample.sd is None else sample.sd
    return (sd or 0.0) ** 2 / max(sample.present, 1)


def _sample(values: Values) -> Sample:
    rows, present, mean, sd = values
    return Sample(rows=rows, present=present, mean=mean, sd=sd)
