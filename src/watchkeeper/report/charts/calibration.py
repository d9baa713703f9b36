"""Whether probabilities come true: what was predicted from left to right, what happened upwards."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.pipeline.metric_values import CalibrationBin
from watchkeeper.report.charts import svg
from watchkeeper.report.charts.svg import Scale
from watchkeeper.report.charts.ticks import Tick, value_ticks
from watchkeeper.report.markup import Markup, element, join

_HEIGHT = 240.0


def calibration_chart(
    bins: Sequence[CalibrationBin], reference: Sequence[CalibrationBin], *, description: str
) -> Markup:
    """Draw both curves beside the diagonal, on which probabilities come true."""
    most = max([0.05, *(one.predicted for one in (*bins, *reference))])
    most = min(1.0, most * 1.1)
    top = min(1.0, max([most, *(one.observed_high for one in bins)]))
    scale = Scale(buckets=1, low=0.0, high=top, height=_HEIGHT)
    ticks = [Tick(at=tick.at / most, text=tick.text) for tick in value_ticks(0.0, most)]
    return svg.chart(
        [
            svg.line([(-0.5, 0.0), (0.5, min(most, top))], scale, class_="diagonal"),
            svg.line(_points(reference, most), scale, class_="expected"),
            join([_interval(one, most, scale) for one in bins]),
            svg.line(_points(bins, most), scale, class_="observed"),
            join([svg.line([point], scale, class_="dot") for point in _points(bins, most)]),
        ],
        scale,
        title="Predicted probability, and how often it came true",
        description=description,
        x_ticks=ticks,
        y_ticks=value_ticks(0.0, top),
        top=10,
        class_="chart calibration",
    )


def _points(bins: Sequence[CalibrationBin], most: float) -> list[tuple[float, float | None]]:
    return [(one.predicted / most - 0.5, one.observed) for one in bins]


def _interval(one: CalibrationBin, most: float, scale: Scale) -> Markup:
    x = scale.x(one.predicted / most - 0.5)
    ends = (one.observed_low, one.observed_high)
    return element("line", x1=x, x2=x, y1=scale.y(ends[0]), y2=scale.y(ends[1]), class_="whisker")
