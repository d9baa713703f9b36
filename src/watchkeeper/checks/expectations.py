"""What each expectation of Great Expectations is as checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from watchkeeper.checks.declared import Check
from watchkeeper.checks.imported import none_of, plain_value, type_named
from watchkeeper.checks.row_checks import (
    Categories,
    Expression,
    Length,
    Matches,
    NotNull,
    Range,
    Severity,
    Type,
    Unique,
    ValueType,
)
from watchkeeper.checks.sql import identifier, text_literal
from watchkeeper.checks.table_checks import Statistic, StatisticName, TableSchema, Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One expectation of a suite."""

    kind: str
    kwargs: dict[str, Any]
    severity: Severity

    @property
    def column(self) -> str:
        """Its column."""
        return str(self.kwargs["column"])

    @property
    def mostly(self) -> float:
        """Least part of the values that must be as expected."""
        given = self.kwargs.get("mostly")
        return 1.0 if given is None else float(given)

    @property
    def told(self) -> str:
        """What to call it."""
        names = [self.kwargs.get(key) for key in ("column", "column_A", "column_B")]
        of = ", ".join(str(name) for name in names if name is not None)
        return f"{self.kind} of {of}" if of else self.kind

    def limits(self) -> dict[str, Any]:
        """Return ``min_value`` and ``max_value`` as limits of a range."""
        sides = (("min_value", "strict_min", "minimum", "above"),
                 ("max_value", "strict_max", "maximum", "below"))  # fmt: skip
        found = {}
        for key, strict, closed, opened in sides:
            if self.kwargs.get(key) is not None:
                name = opened if self.kwargs.get(strict) else closed
                found[name] = plain_value(self.kwargs[key])
        return found


Translate: TypeAlias = Callable[[Expectation], list[Check]]


def _not_null(one: Expectation) -> list[Check]:
    return [NotNull(column=one.column, mostly=one.mostly, severity=one.severity)]


def _sql(one: Expectation, sql: str) -> list[Check]:
    return [Expression(sql=sql, mostly=one.mostly, severity=one.severity)]


def _null(one: Expectation) -> list[Check]:
    return _sql(one, f"{identifier(one.column)} IS NULL")


def _unique(one: Expectation) -> list[Check]:
    if one.mostly < 1:
        raise ValueError("mostly is not translated: all values must differ")
    names = one.kwargs.get("column_list") or [one.column]
    return [Unique(columns=tuple(names), severity=one.severity)]


def _between(one: Expectation) -> list[Check]:
    return [Range(column=one.column, mostly=one.mostly, severity=one.severity, **one.limits())]


def _in_set(one: Expectation) -> list[Check]:
    values = tuple(plain_value(v) for v in one.kwargs["value_set"] if v is not None)
    return [Categories(column=one.column, values=values, mostly=one.mostly, severity=one.severity)]


def _not_in_set(one: Expectation) -> list[Check]:
    values = one.kwargs["value_set"]
    return [none_of(one.column, values, mostly=one.mostly, severity=one.severity)]


def _regex(one: Expectation) -> list[Check]:
    patterns = one.kwargs.get("regex_list") or [one.kwargs["regex"]]
    if one.kwargs.get("match_on") == "all":
        return [_matches(one, pattern) for pattern in patterns]
    return [_matches(one, "|".join(f"(?:{p})" for p in patterns) if patterns[1:] else patterns[0])]


def _matches(one: Expectation, pattern: str) -> Check:
    return Matches(
        column=one.column, pattern=str(pattern), mostly=one.mostly, severity=one.severity
    )


def _not_regex(one: Expectation) -> list[Check]:
    patterns = one.kwargs.get("regex_list") or [one.kwargs["regex"]]
    name = f"CAST({identifier(one.column)} AS VARCHAR)"
    parts = (f"NOT regexp_matches({name}, {text_literal(str(p))})" for p in patterns)
    return _sql(one, " AND ".join(parts))


def _like(one: Expectation) -> list[Check]:
    is_not = "not_match" in one.kind
    pattern = text_literal(str(one.kwargs["like_pattern"]))
    return _sql(one, f"{identifier(one.column)} {'NOT ' * is_not}LIKE {pattern}")


def _length(one: Expectation) -> list[Check]:
    exact = one.kwargs.get("value")
    low, high = one.kwargs.get("min_value"), one.kwargs.get("max_value")
    if one.kwargs.get("strict_min") or one.kwargs.get("strict_max"):
        low = low + 1 if low is not None and one.kwargs.get("strict_min") else low
        high = high - 1 if high is not None and one.kwargs.get("strict_max") else high
    return [
        Length(
            column=one.column,
            minimum=low if exact is None else exact,
            maximum=high if exact is None else exact,
            mostly=one.mostly,
            severity=one.severity,
        )
    ]


def _type(one: Expectation) -> list[Check]:
    if one.kind.endswith("parseable"):
        kinds: set[ValueType | None] = {"datetime"}
    else:
        given = one.kwargs.get("type_list") or [one.kwargs["type_"]]
        kinds = {type_named(str(name)) for name in given}
        if kinds == {"integer", "number"}:
            kinds = {"number"}
    if len(kinds) != 1 or None in kinds:
        raise ValueError("its types have no single counterpart")
    kind = kinds.pop()
    assert kind is not None
    return [Type(column=one.column, type=kind, severity=one.severity)]


def _time_format(one: Expectation) -> list[Check]:
    name = identifier(one.column)
    read = f"try_strptime({name}, {text_literal(str(one.kwargs['strftime_format']))})"
    return _sql(one, f"{name} IS NULL OR {read} IS NOT NULL")


def _exists(one: Expectation) -> list[Check]:
    return [TableSchema(columns={one.column: None}, severity=one.severity)]


def _columns(one: Expectation) -> list[Check]:
    is_set = "column_set" in one.kwargs
    names: Sequence[str] = one.kwargs["column_set" if is_set else "column_list"]
    return [
        TableSchema(
            columns={str(name): None for name in names},
            others=is_set and one.kwargs.get("exact_match") is False,
            ordered=not is_set,
            severity=one.severity,
        )
    ]


def _rows(one: Expectation) -> list[Check]:
    exact = one.kwargs.get("value")
    low, high = one.kwargs.get("min_value"), one.kwargs.get("max_value")
    return [
        Volume(
            minimum=low if exact is None else exact,
            maximum=high if exact is None else exact,
            severity=one.severity,
        )
    ]


def _statistic(name: StatisticName) -> Translate:
    def translate(one: Expectation) -> list[Check]:
        low, high = (one.kwargs.get(key) for key in ("min_value", "max_value"))
        if one.kwargs.get("strict_min") or one.kwargs.get("strict_max"):
            raise ValueError("limits that are not allowed themselves are not translated")
        if isinstance(low, str) or isinstance(high, str):
            raise ValueError("its limits are no numbers; use a range")
        if name == "null_ratio":
            low, high = (None if v is None else 1 - v for v in (high, low))
        return [
            Statistic(
                column=one.column, statistic=name, minimum=low, maximum=high, severity=one.severity
            )
        ]

    return translate


def _quantiles(one: Expectation) -> list[Check]:
    ranges = one.kwargs["quantile_ranges"]
    return [
        Statistic(
            column=one.column,
            statistic="quantile",
            quantile=float(part),
            minimum=low,
            maximum=high,
            severity=one.severity,
        )
        for part, (low, high) in zip(ranges["quantiles"], ranges["value_ranges"], strict=True)
    ]


def _pair(one: Expectation) -> list[Check]:
    first, second = (identifier(str(one.kwargs[key])) for key in ("column_A", "column_B"))
    sign = "="
    if "greater" in one.kind:
        sign = ">=" if one.kwargs.get("or_equal") else ">"
    return _sql(one, f"{first} {sign} {second}")


def _different(one: Expectation) -> list[Check]:
    names = [identifier(str(name)) for name in one.kwargs["column_list"]]
    pairs = [f"{a} <> {b}" for at, a in enumerate(names) for b in names[at + 1 :]]
    return _sql(one, " AND ".join(pairs))


def _sum(one: Expectation) -> list[Check]:
    names = (identifier(str(name)) for name in one.kwargs["column_list"])
    return _sql(one, f"{' + '.join(names)} = {float(one.kwargs['sum_total'])!r}")


_COLUMN, _VALUES, _TABLE = "expect_column_", "expect_column_values_to_", "expect_table_"
EXPECTATIONS: dict[str, Translate] = {
    f"{_VALUES}not_be_null": _not_null,
    f"{_VALUES}be_null": _null,
    f"{_VALUES}be_unique": _unique,
    f"{_VALUES}be_between": _between,
    f"{_VALUES}be_in_set": _in_set,
    f"{_VALUES}not_be_in_set": _not_in_set,
    f"{_VALUES}match_regex": _regex,
    f"{_VALUES}match_regex_list": _regex,
    f"{_VALUES}not_match_regex": _not_regex,
    f"{_VALUES}not_match_regex_list": _not_regex,
    f"{_VALUES}match_like_pattern": _like,
    f"{_VALUES}not_match_like_pattern": _like,
    f"{_VALUES}match_strftime_format": _time_format,
    f"{_VALUES}be_dateutil_parseable": _type,
    f"{_VALUES}be_of_type": _type,
    f"{_VALUES}be_in_type_list": _type,
    f"{_COLUMN}value_lengths_to_be_between": _length,
    f"{_COLUMN}value_lengths_to_equal": _length,
    f"{_COLUMN}distinct_values_to_be_in_set": _in_set,
    f"{_COLUMN}to_exist": _exists,
    f"{_COLUMN}mean_to_be_between": _statistic("mean"),
    f"{_COLUMN}median_to_be_between": _statistic("median"),
    f"{_COLUMN}min_to_be_between": _statistic("minimum"),
    f"{_COLUMN}max_to_be_between": _statistic("maximum"),
    f"{_COLUMN}sum_to_be_between": _statistic("sum"),
    f"{_COLUMN}stdev_to_be_between": _statistic("sd"),
    f"{_COLUMN}unique_value_count_to_be_between": _statistic("distinct"),
    f"{_COLUMN}proportion_of_unique_values_to_be_between": _statistic("distinct_ratio"),
    f"{_COLUMN}proportion_of_non_null_values_to_be_between": _statistic("null_ratio"),
    f"{_COLUMN}quantile_values_to_be_between": _quantiles,
    f"{_COLUMN}pair_values_to_be_equal": _pair,
    f"{_COLUMN}pair_values_a_to_be_greater_than_b": _pair,
    f"{_TABLE}columns_to_match_ordered_list": _columns,
    f"{_TABLE}columns_to_match_set": _columns,
    f"{_TABLE}row_count_to_be_between": _rows,
    f"{_TABLE}row_count_to_equal": _rows,
    "expect_compound_columns_to_be_unique": _unique,
    "expect_select_column_values_to_be_unique_within_record": _different,
    "expect_multicolumn_sum_to_equal": _sum,
}
