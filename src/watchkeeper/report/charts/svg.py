"""The frame that all charts share: marks stretch, text does not.

The outer ``<svg>`` is as wide as its container and places text in percent and pixels. An inner one
holds the marks in a box of 1000 units, stretched to the same width with
``preserveAspectRatio="none"``; lines keep their width through ``vector-effect``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watchkeeper.report.charts.ticks import Tick
from watchkeeper.report.markup import Markup, element, join

WIDTH = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A span of buckets to shade, both ends in buckets, ``stop`` not included."""

    start: float
    stop: float
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Maps buckets to 0..1000 and values (already on the axis' scale) to pixels from the top."""

    buckets: int
    low: float
    high: float
    height: float

    def x(self, bucket: float) -> float:
        """Place of a bucket's middle."""
        return (bucket + 0.5) / max(1, self.buckets) * WIDTH

    def y(self, value: float) -> float:
        """Place of a value; what lies outside is drawn at the edge."""
        part = (value - self.low) / (self.high - self.low)
        return (1 - min(1.0, max(0.0, part))) * self.height


def line(points: Iterable[tuple[float, float | None]], scale: Scale, *, class_: str) -> Markup:
    """Draw a line, broken where a value is missing; a lonely point becomes a dot."""
    drawn: list[str] = []
    pen = False
    for bucket, value in points:
        if value is None:
            pen = False
            continue
        place = f"{scale.x(bucket):.4g} {scale.y(value):.4g}"
        drawn.append(f"L{place}" if pen else f"M{place}h0")
        pen = True
    return element("path", d="".join(drawn), class_=class_)


def area(
    low: Sequence[tuple[float, float | None]],
    high: Sequence[tuple[float, float | None]],
    scale: Scale,
    *,
    class_: str,
) -> Markup | None:
    """Fill between two lines, broken where either is missing."""
    pieces: list[str] = []
    run: list[tuple[float, float, float]] = []
    for (bucket, bottom), (_, top) in zip(low, high, strict=True):
        if bottom is None or top is None:
            pieces.append(_piece(run, scale))
            run = []
        else:
            run.append((bucket, bottom, top))
    pieces.append(_piece(run, scale))
    return element("path", d="".join(pieces), class_=class_) if any(pieces) else None


def _piece(run: list[tuple[float, float, float]], scale: Scale) -> str:
    if not run:
        return ""
    if len(run) == 1:
        bucket, bottom, top = run[0]
        run = [(bucket - 0.4, bottom, top), (bucket + 0.4, bottom, top)]
    there = [f"{scale.x(b):.4g} {scale.y(top):.4g}" for b, _, top in run]
    back = [f"{scale.x(b):.4g} {scale.y(bottom):.4g}" for b, bottom, _ in reversed(run)]
    return "M" + "L".join(there + back) + "Z"


def shade(bands: Iterable[Band], scale: Scale, *, class_: str = "incident") -> Markup:
    """Shade spans of buckets from top to bottom, each wide enough to be seen."""
    drawn = []
    for band in bands:
        start = max(0.0, band.start / max(1, scale.buckets) * WIDTH)
        stop = min(WIDTH, band.stop / max(1, scale.buckets) * WIDTH)
        if stop > start:
            width = max(2.5, stop - start)
            drawn.append(
                element("rect", x=start, y=0, width=width, height=scale.height, class_=class_)
            )
    return join(drawn)


def rule(value: float, scale: Scale, *, class_: str) -> Markup:
    """Draw a level line across the plot."""
    y = scale.y(value)
    return element("line", x1=0, x2=WIDTH, y1=y, y2=y, class_=class_)


def chart(
    marks: Iterable[Markup | None],
    scale: Scale,
    *,
    title: str,
    description: str,
    x_ticks: Sequence[Tick] = (),
    y_ticks: Sequence[Tick] = (),
    notes: Iterable[Markup] = (),
    top: int = 6,
    class_: str = "chart",
    key: str = "",
) -> Markup:
    """Frame marks with a grid, labels, a title and a description.

    Parameters
    ----------
    marks
        What is drawn in the stretched box, back to front.
    x_ticks, y_ticks
        Labels below the plot (at buckets) and on its grid lines (at values on the axis' scale).
    notes
        Text elements over the plot, placed in percent and pixels.
    top
        Pixels above the plot, room for notes.
    key
        Names the chart uniquely on its page; by default made from title and description.
    """
    bottom = 22 if x_ticks else 4
    key = key or hashlib.sha256(f"{title}\0{description}".encode()).hexdigest()[:10]
    grid = [rule(tick.at, scale, class_="grid") for tick in y_ticks]
    plot = element(
        "svg",
        *grid,
        *marks,
        y=top,
        width="100%",
        height=scale.height,
        viewBox=f"0 0 {WIDTH:g} {scale.height:g}",
        preserveAspectRatio="none",
        class_="plot",
    )
    return element(
        "svg",
        element("title", title, id=f"t{key}"),
        element("desc", description, id=f"d{key}"),
        plot,
        [_value_text(tick, scale, top) for tick in y_ticks],
        [_bucket_text(tick, scale, top) for tick in x_ticks],
        list(notes),
        role="img",
        aria_labelledby=f"t{key} d{key}",
        width="100%",
        height=scale.height + top + bottom,
        class_=f"{class_} axis" if y_ticks else class_,
    )


def note(text: str, *, percent: float, y: float, class_: str) -> Markup:
    """Write text at a place, turned inwards at the edges."""
    anchor = "start" if percent < 1.5 else "end" if percent > 98.5 else "middle"
    return element("text", text, x=f"{percent:.4g}%", y=y, text_anchor=anchor, class_=class_)


def _value_text(tick: Tick, scale: Scale, top: int) -> Markup:
    # Left of the plot: the style sheet keeps a margin there for charts with an axis.
    y = scale.y(tick.at) + top + 4
    return element("text", tick.text, x=-8, y=y, text_anchor="end", class_="tick")


def _bucket_text(tick: Tick, scale: Scale, top: int) -> Markup:
    class_ = "tick minor" if tick.minor else "tick"
    percent = scale.x(tick.at - 0.5) / WIDTH * 100
    return note(tick.text, percent=percent, y=scale.height + top + 17, class_=class_)
