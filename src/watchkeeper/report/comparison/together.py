"""All columns together: whether rows of the two sides can be told apart, and by what."""

from __future__ import annotations

from watchkeeper.comparison import JointDrift
from watchkeeper.report.charts import auc_gauge
from watchkeeper.report.comparison.column_tables import scrolling
from watchkeeper.report.comparison.verdict import chance
from watchkeeper.report.markup import Child, Markup, element, label
from watchkeeper.report.wording import count, ratio

_MOST_COLUMNS = 15


def together(joint: JointDrift | None) -> Markup | None:
    """Render joint drift: the AUC with its interval, and the columns that tell most."""
    if joint is None:
        return None
    said = (
        "Rows of the two sides can be told apart by their columns taken together."
        if joint.drifted
        else "Rows of the two sides cannot be told apart beyond what is left to chance or too"
        " small to matter."
    )
    facts: list[tuple[str, Child, Child]] = [
        (
            "Area under the curve (AUC)",
            f"{joint.auc:.3f}",
            f"95 %: {joint.auc_low:.3f} to {joint.auc_high:.3f}",
        ),
        ("p-value", chance(joint.p_value), f"adjusted: {chance(joint.adjusted_p_value)}"),
        ("Rows", f"{joint.rows:,}", "of both sides, each told by a fit without it"),
    ]
    pairs = [
        element("div", element("dt", term), element("dd", value, element("small", rest)))
        for term, value, rest in facts
    ]
    return element(
        "section",
        element("h2", "All columns together", id="together"),
        element("p", said, class_="explain"),
        element("figure", auc_gauge(joint.auc, joint.auc_low, joint.auc_high), class_="gauge"),
        element("dl", pairs, class_="facts small"),
        _telling(joint),
        aria_labelledby="together",
    )


def _telling(joint: JointDrift) -> Markup | None:
    if not joint.columns:
        return None
    rows = [
        element(
            "tr",
            element("th", label(one.column, longest=60), scope="row"),
            element(
                "td",
                element(
                    "span",
                    element("i", style=f"width:{100 * min(1.0, max(0.0, one.share)):.3g}%"),
                    class_="bar",
                    aria_hidden="true",
                ),
                ratio(one.share),
                class_="share",
            ),
        )
        for one in joint.columns[:_MOST_COLUMNS]
    ]
    rest = len(joint.columns) - len(rows)
    table = element(
        "table",
        element("caption", "The most telling columns"),
        element(
            "thead",
            element("tr", element("th", "Column", scope="col"), element("th", "Part", scope="col")),
        ),
        element("tbody", rows),
        class_="narrow",
    )
    return element(
        "div",
        scrolling("The most telling columns", table),
        element("p", f"And {count(rest, 'further column')}.", class_="explain") if rest else None,
    )
