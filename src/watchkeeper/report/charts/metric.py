"""A metric over time with its interval, beside the reference's value and what was estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.report.charts import svg
from watchkeeper.report.charts.svg import Band, Scale
from watchkeeper.report.charts.thinning import Series, extremes, means
from watchkeeper.report.charts.ticks import bucket_ticks, value_ticks
from watchkeeper.report.markup import Markup

_POINTS = 140
_FEW = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCourse:
    """A metric over all buckets, one value for each; ``None`` where it is not known.

    Attributes
    ----------
    value, low, high
        As measured, with its interval.
    reference
        Over the whole reference.
    estimated
        Buckets with what was estimated of them without labels, ``None`` where that was refused;
        empty if nothing was.
    refused
        Spans of buckets for which nothing could be estimated.
    """

    starts: Sequence[datetime | None]
    value: Series
    low: Series
    high: Series
    reference: float | None
    estimated: Sequence[tuple[int, float | None]] = ()
    refused: Sequence[Band] = ()


def metric_chart(
    course: MetricCourse, bands: Sequence[Band], *, title: str, description: str
) -> Markup:
    """Draw a metric with axes, about 150 pixels high; bands are incidents."""
    scale = _scale(course)
    marks = [
        svg.shade(course.refused, scale, class_="refused"),
        svg.shade(bands, scale),
        svg.area(
            means(course.low, _POINTS), means(course.high, _POINTS), scale, class_="expected-band"
        ),
        None if course.reference is None else svg.rule(course.reference, scale, class_="reference"),
        svg.line(extremes(course.value, _POINTS), scale, class_="observed"),
        svg.line(course.estimated, scale, class_="estimated"),
    ]
    return svg.chart(
        marks,
        scale,
        title=title,
        description=description,
        x_ticks=bucket_ticks(course.starts, most=9),
        y_ticks=value_ticks(scale.low, scale.high),
        top=10,
        class_="chart history",
    )


def _scale(course: MetricCourse) -> Scale:
    lines = (*course.value, *(value for _, value in course.estimated), course.reference)
    values = [value for value in lines if value is not None]
    values += _usual(course.low, highest=False) + _usual(course.high, highest=True)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    margin = 0.06 * (high - low) or max(abs(high), 1.0) * 0.05
    return Scale(buckets=len(course.starts), low=low - margin, high=high + margin, height=132.0)


def _usual(ends: Series, *, highest: bool) -> list[float]:
    """Return the furthest end of an interval but for those of the few buckets that say little."""
    known = sorted((value for value in ends if value is not None), reverse=highest)
    return known[len(known) // _FEW :][:1]
