"""All columns together: whether rows of the two sides can be told apart, and by what."""

from __future__ import annotations

from watchkeeper.comparison import JointDrift
from watchkeeper.report.comparison.column_tables import scrolling
from watchkeeper.report.comparison.verdict import chance
from watchkeeper.report.markup import Child, Markup, element, label, raw
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
        _gauge(joint),
        element("dl", pairs, class_="facts small"),
        _telling(joint),
        aria_labelledby="together",
    )


def _gauge(joint: JointDrift) -> Markup:
    """Draw the AUC and its interval between 0.5 and 1."""
    low, auc, high = (
        100 * min(1.0, max(0.0, (value - 0.5) / 0.5))
        for value in (joint.auc_low, joint.auc, joint.auc_high)
    )
    described = (
        f"AUC {joint.auc:.3f}, interval {joint.auc_low:.3f} to {joint.auc_high:.3f}, on a scale"
        " from 0.5, not told apart, to 1, always told apart."
    )
    marks = raw(
        '<rect x="0" y="10" width="100%" height="4" rx="2" class="track"/>'
        f'<rect x="{low:.4g}%" y="8" width="{max(0.4, high - low):.4g}%" height="8" rx="2"'
        ' class="interval"/>'
        f'<circle cx="{auc:.4g}%" cy="12" r="6" class="point"/>'
    )
    ends = [
        element("text", "0.5: not told apart", x=0, y=38, class_="tick"),
        element("text", "1: always", x="100%", y=38, text_anchor="end", class_="tick"),
    ]
    chart = element(
        "svg",
        marks,
        ends,
        role="img",
        aria_label=described,
        width="100%",
        height=44,
        class_="chart gauge",
    )
    return element("figure", chart, class_="gauge")


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
