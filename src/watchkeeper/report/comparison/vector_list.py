"""Columns of vectors: no bins to draw, but how well a classifier tells their two sides apart."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.comparison import VectorComparison
from watchkeeper.report.charts import auc_gauge
from watchkeeper.report.comparison.column_tables import said, scrolling
from watchkeeper.report.comparison.verdict import chance, of_column, told
from watchkeeper.report.markup import Child, Markup, element, label
from watchkeeper.report.wording import count, ratio

_MOST_ROWS = 300

Item = tuple[str, VectorComparison]


def vector_card(item: Item, place: int) -> Markup:
    """Render a drifted column of vectors as a card."""
    column_name, vector = item
    heading = f"vector-{place}-title"
    facts: list[tuple[str, Child, str]] = [
        (
            "Area under the curve (AUC)",
            f"{vector.auc:.3f}",
            f"95 %: {vector.auc_low:.3f} to {vector.auc_high:.3f}",
        ),
        (
            "p-value",
            chance(vector.p_value),
            f"adjusted for all columns: {chance(vector.adjusted_p_value)}",
        ),
        ("Vectors", f"{vector.rows:,}", f"of {count(vector.dimensions, 'dimension')}"),
        (
            "Without a vector",
            f"{ratio(vector.reference_null_ratio)} → {ratio(vector.current_null_ratio)}",
            "of the rows looked at",
        ),
    ]
    pairs = [
        element("div", element("dt", term), element("dd", value, element("small", rest)))
        for term, value, rest in facts
    ]
    return element(
        "article",
        element(
            "p",
            element("span", str(place), class_="place", aria_hidden="true"),
            element("strong", label(column_name, longest=80), class_="column-name"),
            element("span", "vectors", class_="badge"),
            element("span", of_column(vector), class_="badge state-bad"),
            class_="tags",
        ),
        element("h3", said(told(column_name, vector.message)), id=heading),
        element("figure", auc_gauge(vector.auc, vector.auc_low, vector.auc_high), class_="gauge"),
        element("dl", pairs, class_="facts small"),
        class_="card",
        aria_labelledby=heading,
    )


def vector_list(items: Sequence[Item]) -> Markup | None:
    """Render columns of vectors that have no card, in a table."""
    if not items:
        return None
    heads = ["Column", "Verdict", "AUC", "Interval at 95 %", "Adjusted p", "Dimensions"]
    top = [
        element("th", head, scope="col", class_="number" if place > 1 else None)
        for place, head in enumerate(heads)
    ]
    rest = len(items) - _MOST_ROWS
    table = element(
        "table",
        element("caption", "AUC: 0.5 when the two sides cannot be told apart, 1 when always"),
        element("thead", element("tr", top)),
        element("tbody", [_row(item) for item in items[:_MOST_ROWS]]),
    )
    return element(
        "section",
        element("h2", "Vectors", id="vectors"),
        scrolling("Vectors", table),
        element("p", f"And {count(rest, 'further column')}.", class_="explain")
        if rest > 0
        else None,
        aria_labelledby="vectors",
    )


def _row(item: Item) -> Markup:
    column_name, vector = item
    state = "bad" if vector.drifted else "unsure" if vector.inconclusive else "good"
    return element(
        "tr",
        element("th", label(column_name, longest=60), scope="row"),
        element("td", element("span", of_column(vector), class_=f"word-{state}")),
        element("td", f"{vector.auc:.3f}", class_="number"),
        element("td", f"{vector.auc_low:.3f} to {vector.auc_high:.3f}", class_="number"),
        element("td", chance(vector.adjusted_p_value), class_="number"),
        element("td", f"{vector.dimensions:,}", class_="number"),
    )
