"""How well two sides can be told apart, with its interval, on one line."""

from __future__ import annotations

from watchkeeper.report.markup import Markup, element, raw


def auc_gauge(auc: float, low: float, high: float) -> Markup:
    """Draw an area under the ROC curve and its interval between 0.5 and 1."""
    left, at, right = (100 * min(1.0, max(0.0, (value - 0.5) / 0.5)) for value in (low, auc, high))
    described = (
        f"AUC {auc:.3f}, interval {low:.3f} to {high:.3f}, on a scale from 0.5, not told apart,"
        " to 1, always told apart."
    )
    marks = raw(
        '<rect x="0" y="10" width="100%" height="4" rx="2" class="track"/>'
        f'<rect x="{left:.4g}%" y="8" width="{max(0.4, right - left):.4g}%" height="8" rx="2"'
        ' class="interval"/>'
        f'<circle cx="{at:.4g}%" cy="12" r="6" class="point"/>'
    )
    ends = [
        element("text", "0.5: not told apart", x=0, y=38, class_="tick"),
        element("text", "1: always", x="100%", y=38, text_anchor="end", class_="tick"),
    ]
    return element(
        "svg",
        marks,
        ends,
        role="img",
        aria_label=described,
        width="100%",
        height=44,
        class_="chart gauge",
    )
