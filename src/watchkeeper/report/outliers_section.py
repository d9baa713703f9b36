"""Rows of a backtest that are unlike all of its reference: how many, when, and by which columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.pipeline.result_outliers import BacktestOutliers
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.charts import Band, MetricCourse, metric_chart, union
from watchkeeper.report.markup import Markup, element
from watchkeeper.report.wording import name, ratio

_MOST_COLUMNS = 4


def outliers_sentence(
    found: BacktestOutliers, calendar: Calendar, called: Callable[[str], str] = name
) -> str:
    """Return what is told of outliers."""
    columns = ", ".join(called(one) for one in found.columns[:_MOST_COLUMNS])
    most = f", most of them by {columns}" if columns else ""
    worst = max(range(len(found.bucket_low)), key=lambda at: found.bucket_low[at] or 0.0)
    return (
        f"{ratio(found.ratio)} of {found.rows:,} rows after the reference ({ratio(found.low)} to"
        f" {ratio(found.high)}) are unlike the reference's{most}; of the reference's own"
        f" {ratio(found.reference_ratio)} are. The most, {ratio(found.bucket_ratio[worst])}, came"
        f" in the bucket {calendar.bucket(worst)}. What a model says of such rows is a guess."
    )


def outliers_section(
    result: BacktestResult, calendar: Calendar, bands: Sequence[Band]
) -> Markup | None:
    """Render outliers with their course, if there are more than in the reference."""
    found = result.outliers
    if not isinstance(found, BacktestOutliers) or not found.risen:
        return None
    course = MetricCourse(
        starts=[calendar.start(bucket) for bucket in range(result.buckets)],
        value=found.bucket_ratio,
        low=found.bucket_low,
        high=found.bucket_high,
        reference=found.reference_ratio,
    )
    said = outliers_sentence(found, calendar)
    chart = metric_chart(course, union(bands), title="Part of outliers over time", description=said)
    return element(
        "section",
        element("h2", "Outliers"),
        element("p", said, class_="explain"),
        element("figure", element("figcaption", element("strong", "Part of outliers")), chart),
        class_="wide",
        id="outliers",
    )
