"""The evidence of all streams together, against the threshold that the budget sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from watchkeeper.report.charts import lanes, svg
from watchkeeper.report.charts.svg import Band, Scale
from watchkeeper.report.charts.thinning import groups
from watchkeeper.report.charts.ticks import Tick, bucket_ticks, power_ticks
from watchkeeper.report.markup import Markup

_HEIGHT = 220.0
_MOST_POINTS = 600
_LOWEST, _HIGHEST = 1e-3, 1e6


def evidence_chart(
    evidence: Sequence[float],
    starts: Sequence[datetime | None],
    bands: Sequence[Band],
    *,
    description: str,
) -> Markup:
    """Draw evidence on a logarithmic scale, incidents as numbered bars above it.

    Parameters
    ----------
    evidence
        Multiple of the threshold at the end of each bucket; where there are more buckets than
        pixels, the highest of each run is drawn.
    starts
        Start of each bucket in the zone to show.
    bands
        Incidents, from their onset to their end.
    """
    positive = [value for value in evidence if 0 < value < math.inf]
    low = max(_LOWEST, min([*positive, 0.1]))
    high = min(_HIGHEST, max([*positive, 2.0])) * 1.5
    scale = Scale(buckets=len(evidence), low=math.log10(low), high=math.log10(high), height=_HEIGHT)
    runs = groups(len(evidence), _MOST_POINTS) if evidence else []
    points = [(_middle(run), max(evidence[i] for i in run)) for run in runs]
    logs = [(place, _log(value, low, high)) for place, value in points]
    floor = [(place, scale.low) for place, _ in logs]
    ticks = [Tick(at=math.log10(tick.at), text=f"{tick.text} ×") for tick in power_ticks(low, high)]
    placed = lanes.pack(bands, len(evidence))
    top = lanes.height(placed) + 10
    return svg.chart(
        [
            svg.area(floor, logs, scale, class_="evidence-area"),
            svg.rule(0.0, scale, class_="threshold"),
            svg.line(logs, scale, class_="observed"),
        ],
        scale,
        title="Evidence that something changed, as a multiple of the alarm threshold",
        description=description,
        x_ticks=bucket_ticks(starts),
        y_ticks=ticks,
        notes=[
            _threshold_text(scale.y(0.0) + top - 6),
            *lanes.draw(placed, len(evidence)),
        ],
        top=top,
    )


def _middle(run: range) -> float:
    return (run.start + run.stop - 1) / 2


def _log(value: float, low: float, high: float) -> float:
    return math.log10(min(max(value, low), high))


def _threshold_text(y: float) -> Markup:
    return svg.note("alarm threshold", percent=0, y=y, class_="tick threshold-text")
