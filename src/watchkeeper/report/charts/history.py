"""What a column did, over the band in which an ordinary bucket would have lain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.report.charts import svg
from watchkeeper.report.charts.svg import Band, Scale
from watchkeeper.report.charts.thinning import Series, extremes, means
from watchkeeper.report.charts.ticks import bucket_ticks, value_ticks
from watchkeeper.report.markup import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A column's values over consecutive buckets.

    Attributes
    ----------
    first
        Number of the first bucket.
    starts
        Start of each bucket in the zone to show.
    observed, expected, low, high
        One value per bucket; ``None`` where there is none.
    """

    first: int
    starts: Sequence[datetime | None]
    observed: Series
    expected: Series
    low: Series
    high: Series

    def outside(self) -> int:
        """Count the buckets whose value lies outside the expected band."""
        return sum(
            value is not None
            and ((low is not None and value < low) or (high is not None and value > high))
            for value, low, high in zip(self.observed, self.low, self.high, strict=True)
        )


def history_chart(window: Window, bands: Sequence[Band], *, title: str, description: str) -> Markup:
    """Draw a window with axes, about 150 pixels high."""
    scale = _scale(window, height=132.0)
    return svg.chart(
        _marks(window, bands, scale, points=140),
        scale,
        title=title,
        description=description,
        x_ticks=bucket_ticks(window.starts, first=window.first, most=9),
        y_ticks=value_ticks(scale.low, scale.high),
        top=10,
        class_="chart history",
    )


def sparkline(window: Window, bands: Sequence[Band], *, title: str, description: str) -> Markup:
    """Draw a window without axes, 36 pixels high."""
    scale = _scale(window, height=32.0)
    return svg.chart(
        _marks(window, bands, scale, points=90),
        scale,
        title=title,
        description=description,
        top=2,
        class_="chart spark",
    )


def _marks(
    window: Window, bands: Sequence[Band], scale: Scale, *, points: int
) -> list[Markup | None]:
    shifted = [Band(start=b.start - window.first, stop=b.stop - window.first) for b in bands]
    low, high = means(window.low, points), means(window.high, points)
    return [
        svg.shade(shifted, scale),
        svg.area(low, high, scale, class_="expected-band"),
        svg.line(means(window.expected, points), scale, class_="expected"),
        svg.line(extremes(window.observed, points), scale, class_="observed"),
    ]


def _scale(window: Window, *, height: float) -> Scale:
    everything = (*window.observed, *window.expected, *window.low, *window.high)
    values = [value for value in everything if value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    margin = 0.06 * (high - low) or max(abs(high), 1.0) * 0.05
    return Scale(buckets=len(window.starts), low=low - margin, high=high + margin, height=height)
