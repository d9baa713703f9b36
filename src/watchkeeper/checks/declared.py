"""Any check, and what is wrong with how one is declared."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

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
from watchkeeper.checks.table_checks import Change, Freshness, Statistic, TableSchema, Volume
from watchkeeper.errors import SettingsError
from watchkeeper.events import parse_duration

Check: TypeAlias = (
    NotNull
    | Type
    | Range
    | Categories
    | Matches
    | Length
    | Expression
    | Unique
    | Volume
    | Freshness
    | Statistic
    | TableSchema
    | Change
    | Metric
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one attribute of a check; the message goes on from its name."""

    attribute: str
    message: str


def columns_of(check: Check) -> tuple[str, ...]:
    """Return the columns that a check names, SQL apart."""
    if isinstance(check, Unique):
        return check.columns
    if isinstance(check, TableSchema):
        return tuple(check.columns)
    if isinstance(check, Volume | Expression | Metric) or check.column is None:
        return ()
    return (check.column,)


def kind_of(check: Check) -> str:
    """Return the kind of a check, as it is declared.

    Examples
    --------
    >>> kind_of(NotNull(column="age"))
    'not_null'
    """
    tag = check.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


def name_all(checks: Sequence[Check]) -> list[str]:
    """Return a name for each check; those that are not unique are numbered.

    Examples
    --------
    >>> name_all([NotNull(column="age"), Volume(minimum=1), NotNull(column="age")])
    ['not_null(age)', 'volume', 'not_null(age) #2']
    """
    taken: Counter[str] = Counter()
    names: list[str] = []
    for check in checks:
        name = check.name or _name(check)
        taken[name] += 1
        names.append(name if taken[name] == 1 else f"{name} #{taken[name]}")
    return names


def require_sound(checks: Sequence[Check]) -> None:
    """Raise ``SettingsError`` when a check cannot be meant as it is declared."""
    for name, check in zip(name_all(checks), checks, strict=True):
        for fault in faults(check):
            raise SettingsError(f"check {name}: {fault.attribute} {fault.message}")


def faults(check: Check) -> Iterator[Fault]:
    """Yield what is wrong with a check, as far as it can be told without data."""
    mostly: float = getattr(check, "mostly", 1.0)  # not every kind has it
    if not 0 < mostly <= 1:
        yield Fault(attribute="mostly", message=f"is {mostly:g}; it is above 0 and at most 1")
    if isinstance(check, Range):
        yield from _limits(check, (("minimum", "above"), ("maximum", "below")))
    elif isinstance(check, Length | Volume | Statistic):
        yield from _limits(check, (("minimum",), ("maximum",)))
    if isinstance(check, Categories) and not check.values:
        yield Fault(attribute="values", message="is empty; name the values that are allowed")
    elif isinstance(check, Unique):
        yield from _unique(check)
    elif isinstance(check, TableSchema):
        yield from _schema(check)
    elif isinstance(check, Statistic):
        yield from _statistic(check)
    elif isinstance(check, Freshness):
        try:
            parse_duration(check.within)
        except (SettingsError, OverflowError):
            said = f"is {check.within!r}; write a number and a unit of s, m, h, d or w, such as 1d"
            yield Fault(attribute="within", message=said)
    elif isinstance(check, Change):
        yield from _change(check)
    elif isinstance(check, Metric):
        yield from _metric(check)
    elif isinstance(check, Matches):
        yield from _pattern(check)


def _name(check: Check) -> str:
    kind = kind_of(check)
    if isinstance(check, Expression):
        return f"{kind}({_short(' '.join(check.sql.split()))})"
    if isinstance(check, Metric):
        return f"{kind}({_short(check.metric)})"
    if isinstance(check, Statistic):
        kind = check.statistic
        kind += f" {check.quantile:g}" if check.quantile is not None else ""
    elif isinstance(check, Change):
        kind = f"change of {check.of}"
    if isinstance(check, TableSchema) or not columns_of(check):
        return kind
    return f"{kind}({', '.join(_short(one) for one in columns_of(check))})"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _limits(check: Check, ends: tuple[tuple[str, ...], tuple[str, ...]]) -> Iterator[Fault]:
    given = [[(name, getattr(check, name)) for name in names] for names in ends]
    low, high = ([(n, v) for n, v in side if v is not None] for side in given)
    for name, value in (*low, *high):
        if isinstance(value, float) and math.isnan(value):
            yield Fault(attribute=name, message="is not a number; leave it out for no limit")
            return
    for side in (low, high):
        if len(side) > 1:
            yield Fault(attribute=side[1][0], message=f"and {side[0][0]} are both set; choose one")
            return
    if not low and not high:
        names = " or ".join(name for side in ends for name in side)
        yield Fault(attribute=ends[0][0], message=f"is missing: set {names}")
    elif low and high:
        yield from _order(low[0], high[0])


def _order(low: tuple[str, object], high: tuple[str, object]) -> Iterator[Fault]:
    (name, least), (other, most) = low, high
    if isinstance(least, str) and isinstance(most, str):
        is_crossed = least > most and len(least) == len(most)
    elif isinstance(least, str) or isinstance(most, str):
        yield Fault(attribute=name, message=f"is {least!r}, but {other} is {most!r}")
        return
    else:
        assert isinstance(least, int | float) and isinstance(most, int | float)
        is_open = name == "above" or other == "below"
        is_crossed = least >= most if is_open else least > most
    if is_crossed:
        yield Fault(attribute=name, message=f"is {least}, not below the {other} of {most}")


def _unique(check: Unique) -> Iterator[Fault]:
    if not check.columns:
        yield Fault(attribute="columns", message="is empty; name one or several")
    for name, count in Counter(check.columns).items():
        if count > 1:
            yield Fault(attribute="columns", message=f"names {name!r} {count} times")


def _schema(check: TableSchema) -> Iterator[Fault]:
    for name in check.optional:
        if name not in check.columns:
            yield Fault(attribute="optional", message=f"names {name!r}, which is not in columns")


def _statistic(check: Statistic) -> Iterator[Fault]:
    if check.statistic == "quantile" and check.quantile is None:
        yield Fault(attribute="quantile", message="is missing: which one, 0 to 1?")
    elif check.statistic != "quantile" and check.quantile is not None:
        yield Fault(attribute="quantile", message=f"is set, but statistic is {check.statistic!r}")
    elif check.quantile is not None and not 0 <= check.quantile <= 1:
        yield Fault(attribute="quantile", message=f"is {check.quantile:g}; it is 0 to 1")


def _change(check: Change) -> Iterator[Fault]:
    if check.of == "row_count" and check.column is not None:
        yield Fault(attribute="column", message="is set, but row_count is of the table")
    elif check.of != "row_count" and check.column is None:
        yield Fault(attribute="column", message=f"is missing: the {check.of} of which?")
    if check.factor is None and check.difference is None and check.sd is None:
        yield Fault(attribute="factor", message="is missing: set factor, difference or sd")
    if check.sd is not None and check.of != "mean":
        yield Fault(attribute="sd", message=f"is for means, not for {check.of}")
    if check.factor is not None and not 1 < check.factor < math.inf:
        yield Fault(attribute="factor", message=f"is {check.factor:g}; it is above 1 and finite")
    for name in ("difference", "sd"):
        value = getattr(check, name)
        if value is not None and not 0 < value < math.inf:
            yield Fault(attribute=name, message=f"is {value:g}; it is above 0 and finite")


def _metric(check: Metric) -> Iterator[Fault]:
    if check.where is not None:
        yield Fault(attribute="where", message="is set, but a metric is of all labelled rows")
    if check.worse_by is None:
        yield from _limits(check, (("minimum",), ("maximum",)))
    elif not 0 <= check.worse_by < math.inf:
        yield Fault(attribute="worse_by", message=f"is {check.worse_by:g}; it is 0 or more")


def _pattern(check: Matches) -> Iterator[Fault]:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.array([""]), check.pattern)
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        said = str(error).removeprefix("Invalid regular expression: ")
        yield Fault(attribute="pattern", message=f"is {check.pattern!r}, which RE2 cannot: {said}")


def as_settings(check: Check) -> dict[str, object]:
    """Return a check as it is written in YAML: what is not the default, its kind first."""
    plain = msgspec.to_builtins(check)
    assert isinstance(plain, dict)
    return {"check": plain.pop("check"), **plain}
