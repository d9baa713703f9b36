"""The numbers behind a column's verdict: quality of both sides, distances, shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from watchkeeper.comparison import ColumnComparison, Summary
from watchkeeper.report.charts import Cells
from watchkeeper.report.markup import Child, Markup, element, join, label
from watchkeeper.report.wording import NOTHING, name, number, ratio

_DISTANCES = {
    "psi": ("Population stability index (PSI)", "0 when alike, without limit"),
    "jensen_shannon": ("Jensen–Shannon distance", "0 to 1"),
    "hellinger": ("Hellinger", "0 to 1"),
    "total_variation": ("Total variation", "0 to 1"),
    "l_infinity": ("Largest change of one bin", "0 to 1"),
    "kolmogorov_smirnov": ("Kolmogorov–Smirnov", "0 to 1"),
    "wasserstein": ("Wasserstein", "in units of the column"),
    "chi_square": ("Chi-square statistic", "grows with the rows"),
}

_LONGEST_VALUE = 60


def plain_table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Child]],
    *,
    numbers: int,
    class_: str | None = None,
) -> Markup:
    """Render rows under a caption; each row's first cell heads it.

    Parameters
    ----------
    numbers
        How many of the columns after the first hold numbers.
    """
    sides = [None, *["number"] * numbers, *[None] * (len(heads) - 1 - numbers)]
    top = [
        element("th", text, scope="col", class_=side)
        for text, side in zip(heads, sides, strict=True)
    ]
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            [
                element("td", cell, class_=side)
                for cell, side in zip(row[1:], sides[1:], strict=True)
            ],
        )
        for row in rows
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", top)),
        element("tbody", body),
        class_=class_,
    )


def scrolling(name_: str, table: Markup) -> Markup:
    """Let a wide table scroll by itself, also by keyboard."""
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=name_)


def shares_table(cells: Cells, *, categorical: bool) -> Markup:
    """Render a picture's cells as numbers, folded."""
    rows: list[list[Child]] = [
        [
            label(cell.label, longest=_LONGEST_VALUE),
            ratio(cell.reference),
            ratio(cell.current),
        ]
        for cell in cells.everything
        if cell.reference > 0 or cell.current > 0
    ]
    head = "Value" if categorical or not cells.joined else "Span"
    table = plain_table(
        "Share of all rows", [head, "Reference", "Current"], rows, numbers=2, class_="narrow"
    )
    return element(
        "details", element("summary", "Show as a table"), scrolling("Share of all rows", table)
    )


def quality_table(column: ColumnComparison) -> Markup:
    """Render both sides' summaries side by side, without rows that say nothing."""
    one, two = column.quality.reference, column.quality.current
    numeric = one.mean is not None or two.mean is not None
    spread: list[tuple[str, Callable[[Summary], float | None]]] = [
        ("Minimum", lambda side: side.minimum),
        ("5th percentile", lambda side: side.p5),
        ("25th percentile", lambda side: side.p25),
        ("Median", lambda side: side.p50),
        ("75th percentile", lambda side: side.p75),
        ("95th percentile", lambda side: side.p95),
        ("Maximum", lambda side: side.maximum),
        ("Mean", lambda side: side.mean),
    ]
    unseen = "Outside the reference’s range" if numeric else "Never in the reference"
    rows: list[list[Child]] = [
        ["Rows", f"{one.rows:,}", f"{two.rows:,}"],
        ["Nulls", ratio(one.null_ratio), ratio(two.null_ratio)],
        ["Of another type", ratio(one.misfit_ratio), ratio(two.misfit_ratio)],
    ]
    if one.infinite_ratio or two.infinite_ratio:
        rows.append(["Infinite", ratio(one.infinite_ratio), ratio(two.infinite_ratio)])
    rows += [
        [unseen, ratio(one.unseen_ratio), ratio(two.unseen_ratio)],
        ["Distinct values", _amount(one.distinct), _amount(two.distinct)],
    ]
    if numeric:
        rows += [[term, _within(one, of(one)), _within(two, of(two))] for term, of in spread]
        rows.append(["Standard deviation", number(one.sd), number(two.sd)])
    return element(
        "details",
        element("summary", "Quality of both sides"),
        plain_table(
            "Quality of both sides",
            ["Measure", "Reference", "Current"],
            rows,
            numbers=2,
            class_="narrow",
        ),
    )


def distances_table(column: ColumnComparison) -> Markup:
    """Render every distance that is defined, folded."""
    rows: list[list[Child]] = [
        [term, number(value), unit]
        for field, (term, unit) in _DISTANCES.items()
        if (value := getattr(column.distances, field)) is not None
    ]
    return element(
        "details",
        element("summary", "Distances"),
        plain_table(
            "Distances, over the same bins",
            ["Distance", "Value", "Scale"],
            rows,
            numbers=1,
            class_="narrow",
        )
        if rows
        else element("p", "None is defined: one side has no rows.", class_="explain"),
    )


def values_that_came_and_went(column: ColumnComparison) -> Markup | None:
    """Name the values of one side only."""
    quality = column.quality
    lines = [
        _values("New", quality.new_values, quality.new_value_count),
        _values("Gone", quality.missing_values, quality.missing_value_count),
    ]
    return join(lines) if any(lines) else None


def _values(what: str, values: Sequence[str], amount: int) -> Markup | None:
    if not values:
        return None
    shown = [
        join([" " if place else "", element("code", label(value, longest=40))])
        for place, value in enumerate(values)
    ]
    rest = amount - len(values)
    return element(
        "p",
        element("strong", f"{what}: "),
        shown,
        f" and {rest:,} more" if rest > 0 else None,
        class_="values",
    )


def _within(side: Summary, value: float | None) -> str:
    """Write a number; a percentile beyond the reference's range is known only to lie there."""
    if value is None or side.minimum is None or side.maximum is None:
        return number(value)
    if value < side.minimum:
        return f"> {number(value)}"
    return f"< {number(value)}" if value > side.maximum else number(value)


def _amount(value: int | None) -> str:
    return NOTHING if value is None else f"{value:,}"


def cell_text(value: str | None) -> Child:
    """Show a value of an example row; a null stands out from the text ``null``."""
    if value is None:
        return element("i", "null", class_="quiet")
    return label(value, longest=_LONGEST_VALUE) if value else element("i", "empty", class_="quiet")


def short_names(names: Sequence[str], most: int) -> Child:
    """List names up to a number of them, and say how many more there are."""
    shown = [
        join([", " if place else "", label(one, longest=40)])
        for place, one in enumerate(names[:most])
    ]
    rest = len(names) - most
    return join([*shown, f" and {rest:,} more" if rest > 0 else ""])


def said(message: str) -> str:
    """Return a message that came with the data as one line of bounded length."""
    return name(message, longest=600)
