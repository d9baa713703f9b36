"""Checks of a table as a whole, as they are declared."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from watchkeeper.checks.row_checks import Declared, ValueType

StatisticName: TypeAlias = Literal[
    "mean", "median", "quantile", "sum", "sd", "minimum", "maximum", "null_ratio", "distinct",
    "distinct_ratio",
]  # fmt: skip
ChangeName: TypeAlias = Literal["row_count", "null_ratio", "mean"]


class Volume(Declared, frozen=True, kw_only=True, tag="volume"):
    """There are as many rows as expected.

    Attributes
    ----------
    minimum, maximum
        Fewest and most.
    """

    minimum: int | None = None
    maximum: int | None = None


class Freshness(Declared, frozen=True, kw_only=True, tag="freshness"):
    """The newest time is not older than a duration.

    Attributes
    ----------
    column
        Column of times; those without zone are in UTC.
    within
        A number and a unit of s, m, h, d or w.
    """

    column: str
    within: Annotated[str, Meta(extra_json_schema={"examples": ["1d", "90m"]})]


class Statistic(Declared, frozen=True, kw_only=True, tag="statistic"):
    """A statistic of a column lies between limits, both allowed themselves.

    Attributes
    ----------
    column
        The column.
    statistic
        Of the values that are not null, mean and sd of the finite ones; distinct is how many
        different ones there are, distinct_ratio their number per value.
    quantile
        Which quantile, 0 to 1, if statistic is quantile.
    minimum, maximum
        The limits.
    """

    column: str
    statistic: StatisticName
    quantile: float | None = None
    minimum: float | None = None
    maximum: float | None = None


class TableSchema(Declared, frozen=True, kw_only=True, tag="schema"):
    """The table has the columns named.

    Attributes
    ----------
    columns
        Their names and types; a name without type takes any.
    optional
        Those of them that may be missing.
    others
        Whether there may be other columns. Left out: true.
    ordered
        Whether they must come in this order. Left out: false.
    """

    columns: dict[str, ValueType | None]
    optional: tuple[str, ...] = ()
    others: bool = True
    ordered: bool = False


class Change(Declared, frozen=True, kw_only=True, tag="change"):
    """Something has not changed abruptly since the reference.

    What chance alone does not rule out passes: a change of a mean or of a null ratio also has to
    be more than three times its standard error.

    Attributes
    ----------
    of
        What is compared.
    column
        The column; none for row_count.
    factor
        Most times by which it may grow or shrink, above 1.
    difference
        Most by which it may differ, above 0.
    sd
        Most by which a mean may differ, in standard deviations of the reference's values.
    """

    of: ChangeName
    column: str | None = None
    factor: float | None = None
    difference: float | None = None
    sd: float | None = None
