"""Shares of values as pairs of level bars: the reference as an outline, the current rows filled."""

from __future__ import annotations

from watchkeeper.report.charts.cells import Cells
from watchkeeper.report.charts.svg import WIDTH
from watchkeeper.report.markup import Markup, element
from watchkeeper.report.wording import name, ratio

_ROW = 37
_BAR = 12
_LONGEST = 30


def shares_chart(cells: Cells, *, key: str, title: str, description: str) -> Markup:
    """Draw one row per value: its name, both shares in words, and bars as wide as the shares.

    Parameters
    ----------
    key
        Names the chart uniquely on its page.
    """
    high = max([*(max(cell.reference, cell.current) for cell in cells.everything), 1e-9])
    rows = [
        _row(place, cell.label, cell.reference, cell.current, high)
        for place, cell in enumerate(cells.everything)
    ]
    return element(
        "svg",
        element("title", title, id=f"t{key}"),
        element("desc", description, id=f"d{key}"),
        rows,
        role="img",
        aria_labelledby=f"t{key} d{key}",
        width="100%",
        height=_ROW * len(rows) + 4,
        class_="chart shares",
    )


def _row(place: int, label: str, reference: float, current: float, high: float) -> Markup:
    top = place * _ROW
    text = element("text", name(label, longest=_LONGEST), x=0, y=top + 14, class_="value")
    shares = element(
        "text",
        f"{ratio(reference)} → {ratio(current)}",
        x="100%",
        y=top + 14,
        text_anchor="end",
        class_="tick",
    )
    bars = element(
        "svg",
        element("rect", x=0, y=0, width=WIDTH, height=_BAR, class_="track"),
        _bar(current, high, class_="current-fill"),
        _bar(reference, high, class_="reference-line"),
        y=top + 20,
        width="100%",
        height=_BAR,
        viewBox=f"0 0 {WIDTH:g} {_BAR}",
        preserveAspectRatio="none",
    )
    return element("g", text, shares, bars)


def _bar(share: float, high: float, *, class_: str) -> Markup | None:
    if share <= 0:
        return None
    width = max(2.0, share / high * (WIDTH - 2))
    inset = 1.0 if class_ == "reference-line" else 0.0
    return element(
        "path",
        d=f"M1 {inset:g}H{width + 1:.4g}V{_BAR - inset:g}H1Z",
        class_=class_,
    )
