"""All columns without a card, one line each, in an order that the reader picks without a script.

Radio buttons choose among orders that each row carries; the style sheet does the sorting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from watchkeeper.comparison import ColumnComparison
from watchkeeper.report.charts import cells_of, distribution_spark
from watchkeeper.report.comparison.column_card import column_body, described, legend
from watchkeeper.report.comparison.column_tables import said
from watchkeeper.report.comparison.verdict import of_column
from watchkeeper.report.markup import Markup, element, join, label
from watchkeeper.report.wording import count, name, ratio

_MOST_ROWS = 300
_MOST_DETAILED = 100
_MOST_NAMES = 2000
_ORDERS = ("change", "name", "type", "verdict", "place")
_CALLED = {
    "change": "largest change",
    "name": "name",
    "type": "type",
    "verdict": "verdict",
    "place": "place in the data",
}

Item = tuple[str, ColumnComparison]


def column_list(
    items: Sequence[Item], places: dict[str, int], *, title: str, first_place: int
) -> Markup | None:
    """Render columns in a compact table.

    Parameters
    ----------
    items
        Largest change first.
    places
        Place of each column in the data.
    first_place
        Number of the first one, unique on the page.
    """
    if not items:
        return None
    shown = items[:_MOST_ROWS]
    keys = _order_keys(shown, places)
    rows = [
        _row(item, keys[at], first_place + at, detailed=at < _MOST_DETAILED)
        for at, item in enumerate(shown)
    ]
    heads = ["Column", "Type", "Verdict", "Moved", "Distribution", "Details"]
    top = [
        element("th", text, scope="col", role="columnheader", class_=f"c-{text.lower()}")
        for text in heads
    ]
    table = element(
        "table",
        element("caption", "One line per column; moved: part of the rows, beyond chance."),
        element("thead", element("tr", top, role="row"), role="rowgroup"),
        element("tbody", rows, role="rowgroup"),
        class_="column-list",
        role="table",
    )
    return element(
        "section",
        element("h2", title, id="columns"),
        legend(),
        _chooser() if len(shown) > 2 else None,
        table,
        _rest(items[_MOST_ROWS:]),
        aria_labelledby="columns",
        class_="wide",
    )


def _chooser() -> Markup:
    choices = [
        element(
            "label",
            element(
                "input",
                type="radio",
                name="order",
                value=order,
                id=f"by-{order}",
                checked=order == "change",
            ),
            element("span", _CALLED[order]),
        )
        for order in _ORDERS
    ]
    return element("fieldset", element("legend", "Order by"), choices, class_="chooser")


def _order_keys(items: Sequence[Item], places: dict[str, int]) -> list[str]:
    """Style of each row: its rank in every order."""
    verdicts = {"drifted": 0, "too few rows": 1, "no drift": 2}
    by: dict[str, Callable[[int], tuple[str | int, ...]]] = {
        "change": lambda at: (at,),
        "name": lambda at: (items[at][0].casefold(), items[at][0]),
        "type": lambda at: (items[at][1].type, at),
        "verdict": lambda at: (verdicts[of_column(items[at][1])], at),
        "place": lambda at: (places[items[at][0]],),
    }
    ranks: list[dict[str, int]] = [{} for _ in items]
    for order, key in by.items():
        for rank, at in enumerate(sorted(range(len(items)), key=key)):
            ranks[at][order] = rank
    return [";".join(f"--{order}:{rank[order]}" for order in _ORDERS) for rank in ranks]


def _row(item: Item, style: str, place: int, *, detailed: bool) -> Markup:
    column_name, column = item
    state = "bad" if column.drifted else "unsure" if column.inconclusive else "good"
    moved = ratio(column.effect.moved_ratio)
    spark = distribution_spark(
        cells_of(column), description=f"{name(column_name)}: {described(column)}"
    )
    details = None
    if detailed:
        details = element(
            "details",
            element("summary", "Details", element("span", f" of {name(column_name)}", class_="sr")),
            element("p", said(column.message), class_="explain"),
            *column_body(column_name, column, place),
        )
    return element(
        "tr",
        element(
            "th", label(column_name, longest=60), scope="row", role="rowheader", class_="c-column"
        ),
        element("td", column.type, role="cell", class_="c-type quiet"),
        element(
            "td",
            element("span", of_column(column), class_=f"word-{state}"),
            role="cell",
            class_="c-verdict",
        ),
        element("td", moved, role="cell", class_="c-moved"),
        element("td", spark, role="cell", class_="c-distribution"),
        element("td", details, role="cell", class_="c-details"),
        role="row",
        style=style,
    )


def _rest(items: Sequence[Item]) -> Markup | None:
    if not items:
        return None
    names = [join([label(column, longest=40), " "]) for column, _ in items[:_MOST_NAMES]]
    return element(
        "details",
        element("summary", f"And {count(len(items), 'further column')}"),
        element("p", names, class_="names"),
    )
