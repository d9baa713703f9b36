"""Hard rules: what needs no statistics and is told at once."""

from __future__ import annotations

from watchkeeper.events import Column
from watchkeeper.profiles import MISFIT, NULL, BucketProfile, ColumnProfile
from watchkeeper.watch.alarm import Alarm
from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.panel import column_of
from watchkeeper.watch.state import State

_LEAST_ROWS = 5
_USUAL_NULL_RATIO = 0.5
_MISFIT_RATIO = 0.01
_NAMED = 3
_LONGEST = 60


def breaches(baseline: Baseline, profile: BucketProfile) -> tuple[str, ...]:
    """Say for every unit in words which rule it breaks in this bucket; empty for none.

    The rules: a column is all null or gone, though less than half of the reference is null;
    more than 1 % of the values have another type, though the reference has none; a declared range,
    set of categories or absence of nulls is broken by any row.
    """
    return tuple(_reason(baseline, u, profile) for u in range(len(baseline.panel.units)))


def broken_rules(state: State, whys: tuple[str, ...]) -> list[Alarm]:
    """Return one alarm for all units that broke a rule in this bucket and are not told yet."""
    broken = [(u, why) for u, why in enumerate(whys) if why and not state.muted[u]]
    if not broken:
        return []
    n, units = len(broken), len(whys)
    more = f"; and {n - _NAMED} more columns" if n > _NAMED else ""
    return [
        Alarm(
            cause="rule",
            units=tuple(u for u, _ in broken),
            tracked=tuple(units + u for u, _ in broken),
            share=(1.0 / n,) * n,
            score=(1.0,) * n,
            significant=(True,) * n,
            note="; ".join(why for _, why in broken[:_NAMED]) + more,
        )
    ]


def all_back(baseline: Baseline, units: tuple[int, ...], profile: BucketProfile) -> bool:
    """Return whether no unit breaks a rule in this bucket; rows are back when there are any."""
    named = [u for u in units if u < len(baseline.panel.units)]
    if len(named) < len(units) and profile.rows == 0:
        return False
    return not any(_reason(baseline, u, profile) for u in named)


def _reason(baseline: Baseline, unit: int, profile: BucketProfile) -> str:
    """Say in words which rule a unit breaks; empty for none."""
    panel = baseline.panel
    named = panel.units[unit]
    column = column_of(profile, named)
    rows = profile.rows if not named.segment else (column.rows if column else 0)
    reference = panel.reference[panel.fine_start[unit] : panel.fine_start[unit + 1]]
    total = float(reference.sum())
    if rows == 0 or total == 0:
        return ""
    name = f"{named.column} ({named.segment})" if named.segment else named.column
    usually_there = reference[NULL] / total < _USUAL_NULL_RATIO
    if column is None or column.rows == 0:
        return f"{name} is gone" if usually_there and rows >= _LEAST_ROWS else ""
    if rows >= _LEAST_ROWS:
        if column.nulls == column.rows and usually_there:
            return f"{name} is all null"
        if column.misfits > _MISFIT_RATIO * column.rows and reference[MISFIT] == 0:
            return f"{column.misfits / column.rows:.0%} of {name} are values of another type"
    limits = baseline.settings.limits.get(named.column)
    return "" if limits is None else _beyond(name, column, limits)


def _beyond(name: str, column: ColumnProfile, limits: Column) -> str:
    if not limits.nullable and column.nulls:
        return f"{name} has {column.nulls} nulls and is declared to have none"
    moments = column.moments
    if moments is not None and moments.count:
        if limits.minimum is not None and moments.minimum < limits.minimum:
            return f"{name} goes down to {moments.minimum:g}, below its minimum {limits.minimum:g}"
        if limits.maximum is not None and moments.maximum > limits.maximum:
            return f"{name} goes up to {moments.maximum:g}, above its maximum {limits.maximum:g}"
    if limits.categories is not None and column.categories is not None:
        strange = sorted(column.categories.counts.keys() - set(limits.categories))
        if strange:
            shown = strange[0] if len(strange[0]) <= _LONGEST else strange[0][:_LONGEST] + "…"
            return f"{name} has the value {shown!r}, which is not declared"
    return ""
