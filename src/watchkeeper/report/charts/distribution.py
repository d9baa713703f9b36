"""Two distributions over one another: the reference as an outline, the current rows filled."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.report.charts import svg
from watchkeeper.report.charts.cells import Cell, Cells
from watchkeeper.report.charts.svg import WIDTH, Scale
from watchkeeper.report.charts.ticks import Tick, value_ticks
from watchkeeper.report.markup import Markup, element

_HEIGHT = 150.0
_SPARK_HEIGHT = 26.0
_APART = 0.105
_GAP = 0.16
_MOST_LABELS = 12


def distribution_chart(cells: Cells, *, key: str, title: str, description: str) -> Markup:
    """Draw two distributions with axes; the height is the share of all rows.

    Parameters
    ----------
    key
        Names the chart uniquely on its page.
    """
    scale = _scale(cells, _HEIGHT)
    ticks = [
        Tick(at=tick.at / 100, text=f"{tick.text} %") for tick in value_ticks(0.0, 100 * scale.high)
    ]
    return svg.chart(
        [_filled(cells, scale), _outlined(cells, scale)],
        scale,
        title=title,
        description=description,
        x_ticks=_below(cells),
        y_ticks=ticks,
        top=8,
        class_="chart distribution",
        key=key,
    )


def distribution_spark(cells: Cells, *, description: str) -> Markup:
    """Draw two distributions without axes, 26 pixels high."""
    scale = _scale(cells, _SPARK_HEIGHT)
    return element(
        "svg",
        _filled(cells, scale),
        _outlined(cells, scale),
        role="img",
        aria_label=description,
        width="100%",
        height=_SPARK_HEIGHT,
        viewBox=f"0 0 {WIDTH:g} {_SPARK_HEIGHT:g}",
        preserveAspectRatio="none",
        class_="chart distribution spark",
    )


def _scale(cells: Cells, height: float) -> Scale:
    shares = [max(cell.reference, cell.current) for cell in cells.everything]
    high = max([*shares, 1e-9])
    return Scale(buckets=int(WIDTH), low=0.0, high=high * 1.04, height=height)


def _places(cells: Cells) -> list[tuple[Cell, float, float]]:
    """Each cell with its left and right edge, 0 to 1000."""
    left = len(cells.before) * _APART * WIDTH
    width = WIDTH - left - len(cells.after) * _APART * WIDTH
    each = width / max(1, len(cells.main))
    gap = 0.0 if cells.joined else each * _GAP / 2
    placed = [
        (cell, left + each * i + gap, left + each * (i + 1) - gap)
        for i, cell in enumerate(cells.main)
    ]
    slot = _APART * WIDTH
    inset = slot * 0.2
    before = [(c, slot * i + inset / 2, slot * (i + 1) - inset) for i, c in enumerate(cells.before)]
    start = left + width
    after = [
        (c, start + slot * i + inset, start + slot * (i + 1) - inset / 2)
        for i, c in enumerate(cells.after)
    ]
    return [*before, *placed, *after]


def _filled(cells: Cells, scale: Scale) -> Markup:
    drawn = []
    previous = -1.0
    for cell, left, right in _places(cells):
        if cell.current <= 0:
            previous = -1.0
            continue
        start = "" if cells.joined and left == previous else f"M{left:.4g} {scale.height:g}"
        drawn.append(f"{start}V{scale.y(cell.current):.4g}H{right:.4g}")
        drawn.append(f"V{scale.height:g}")
        previous = right
    return element("path", d="".join(drawn), class_="current-fill")


def _outlined(cells: Cells, scale: Scale) -> Markup:
    drawn = []
    pen = -1.0
    for cell, left, right in _places(cells):
        if cell.reference <= 0:
            if pen >= 0:
                drawn.append(f"V{scale.height:g}")
            pen = -1.0
            continue
        if pen != left:
            close = f"V{scale.height:g}" if pen >= 0 else ""
            drawn.append(f"{close}M{left:.4g} {scale.height:g}")
        drawn.append(f"V{scale.y(cell.reference):.4g}H{right:.4g}")
        pen = right
    if pen >= 0:
        drawn.append(f"V{scale.height:g}")
    return element("path", d="".join(drawn), class_="reference-line")


def _below(cells: Cells) -> list[Tick]:
    placed = _places(cells)
    start, stop = len(cells.before), len(placed) - len(cells.after)
    apart = [*placed[:start], *placed[stop:]]
    ticks = [_tick((left + right) / 2, _word(cell)) for cell, left, right in apart]
    main = placed[start:stop]
    if not main:
        return ticks
    if cells.joined:
        left, right = main[0][1], main[-1][2]
        each = (right - left) / len(main)
        return ticks + [_tick(left + each * tick.at, tick.text) for tick in cells.ticks]
    return ticks + _value_labels(main)


def _value_labels(main: Sequence[tuple[Cell, float, float]]) -> list[Tick]:
    longest = max(len(cell.label) for cell, _, _ in main)
    fitting = max(2, min(_MOST_LABELS, 72 // (longest + 2)))
    every = max(1, -(-len(main) // fitting))
    shown = main[::every]
    return [
        _tick((left + right) / 2, cell.label, minor=len(shown) > 5 and place % 2 == 1)
        for place, (cell, left, right) in enumerate(shown)
    ]


def _word(cell: Cell) -> str:
    return {"other type": "other"}.get(cell.label, cell.label.split(" ")[0])


def _tick(at: float, text: str, *, minor: bool = False) -> Tick:
    return Tick(at=at, text=text, minor=minor)
