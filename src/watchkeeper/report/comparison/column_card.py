"""One column's change: what, what it may mean, a picture of it, and every number behind it."""

from __future__ import annotations

from watchkeeper.comparison import ColumnComparison
from watchkeeper.report.charts import Cells, cells_of, distribution_chart, shares_chart
from watchkeeper.report.comparison.column_tables import (
    distances_table,
    quality_table,
    shares_table,
    values_that_came_and_went,
)
from watchkeeper.report.comparison.meaning import meanings
from watchkeeper.report.comparison.verdict import chance, of_column, told
from watchkeeper.report.markup import Child, Markup, element, join, label
from watchkeeper.report.wording import name, number, ratio

# A message that begins with none of these begins with a value, which stays as it is.
_OWN_WORDS = ("mean ", "nulls ", "values of ", "spread ", "its ", "changed, ", "no ", "too few ")


def column_card(column_name: str, column: ColumnComparison, place: int) -> Markup:
    """Render a drifted column as a card, its message as the heading."""
    heading = f"column-{place}-title"
    return element(
        "article",
        element(
            "p",
            element("span", str(place), class_="place", aria_hidden="true"),
            element("strong", label(column_name, longest=80), class_="column-name"),
            element("span", column.type, class_="badge"),
            element("span", of_column(column), class_=f"badge state-{_state(column)}"),
            class_="tags",
        ),
        element("h3", _told(column_name, column), id=heading),
        *column_body(column_name, column, place),
        class_="card",
        id=f"column-{place}",
        aria_labelledby=heading,
    )


def column_body(
    column_name: str, column: ColumnComparison, place: int
) -> tuple[Markup | None, ...]:
    """Render what a card holds below its heading.

    Parameters
    ----------
    place
        Unique on the page.
    """
    return (
        _meaning(column) if column.drifted else None,
        element(
            "div",
            element(
                "div",
                _figure(column_name, column, place),
                values_that_came_and_went(column),
                element("div", quality_table(column), distances_table(column), class_="tables"),
            ),
            _facts(column),
            class_="picture",
        ),
    )


def legend() -> Markup:
    """Name the two marks of every picture."""
    return element(
        "p",
        element("span", "reference", class_="key key-reference"),
        element("span", "current", class_="key key-current"),
        class_="legend",
    )


def described(column: ColumnComparison) -> str:
    """Say in words what a column's picture shows."""
    effect = column.effect
    moved = f"{ratio(effect.moved_ratio)} of the rows moved"
    changes = [
        f"{name(change.value, longest=40)} from {ratio(change.reference_ratio)}"
        f" to {ratio(change.current_ratio)}"
        for change in effect.most_changed[:3]
    ]
    return f"{moved}; most changed: {', '.join(changes)}." if changes else f"{moved}."


def _state(column: ColumnComparison) -> str:
    return "bad" if column.drifted else "unsure" if column.inconclusive else "good"


def _told(column_name: str, column: ColumnComparison) -> str:
    """Return the message without the name, which stands above it already."""
    message = name(told(column_name, column.message), longest=600)
    if message.startswith(_OWN_WORDS):
        return f"{message[0].upper()}{message[1:]}"
    return message


def _meaning(column: ColumnComparison) -> Markup | None:
    found = meanings(column)
    if not found:
        return None
    return element("p", element("strong", "It may mean: "), " ".join(found), class_="meaning")


def _figure(column_name: str, column: ColumnComparison, place: int) -> Markup:
    cells = cells_of(column)
    key = f"c{place}"
    title = f"{name(column_name)}: reference against current"
    categorical = column.distribution.edges is None
    draw = shares_chart if categorical else distribution_chart
    return element(
        "figure",
        element(
            "figcaption",
            legend(),
            element("span", _what_is_drawn(cells, categorical=categorical), class_="quiet"),
        ),
        draw(cells, key=key, title=title, description=described(column)),
        shares_table(cells, categorical=categorical),
    )


def _what_is_drawn(cells: Cells, *, categorical: bool) -> str:
    if categorical or not cells.joined:
        return "Share of all rows, value by value"
    scale = ", on a logarithmic scale" if cells.scale == "logarithmic" else ""
    return f"Share of all rows per span; all spans equally wide{scale}"


def _facts(column: ColumnComparison) -> Markup:
    effect = column.effect
    facts: list[tuple[str, Child, str]] = [
        (
            "Rows that moved",
            ratio(effect.moved_ratio),
            f"95 %: {ratio(effect.moved_low)} to {ratio(effect.moved_high)}",
        )
    ]
    if effect.shift is not None:
        in_sd = ""
        if effect.shift_sd is not None:
            in_sd = f" ({number(effect.shift_sd, signed=True)} sd)"
        facts.append(
            (
                "Mean",
                f"{number(effect.reference_mean)} → {number(effect.current_mean)}",
                f"{number(effect.shift, signed=True)}{in_sd}; 95 %:"
                f" {number(effect.shift_low, signed=True)} to"
                f" {number(effect.shift_high, signed=True)}",
            )
        )
    facts.append(
        (
            "p-value",
            chance(column.p_value),
            f"adjusted for all columns: {chance(column.adjusted_p_value)}",
        )
    )
    tests = [f"{name(test, longest=30)} {chance(p)}" for test, p in column.tests.items()]
    decided = "by test" if column.rule == "test" else f"by {name(column.rule, longest=80)}"
    facts.append(("Decided", decided, "; ".join(tests)))
    pairs = [
        element(
            "div",
            element("dt", term),
            element("dd", value, element("small", rest) if rest else None),
        )
        for term, value, rest in facts
    ]
    return element("dl", join(pairs), class_="facts stacked")
