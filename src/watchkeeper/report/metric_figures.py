"""The main metrics over time, as charts and as the tables beneath them."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.pipeline.metric_values import MetricInfo, MetricSeries
from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.pipeline.result_performance import BacktestPerformance
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.charts import Band, MetricCourse, groups, metric_chart, union
from watchkeeper.report.main_metrics import main_metrics, value_of
from watchkeeper.report.markup import Child, Markup, element, join
from watchkeeper.report.wording import number
from watchkeeper.watch import Incident

_MOST_ROWS = 48
_AS_METRIC = {"share of wrong predictions": "accuracy"}


def metric_figures(
    result: BacktestResult,
    found: BacktestPerformance,
    calendar: Calendar,
    bands: Sequence[Band],
) -> Markup | None:
    """Draw each main metric over the watched buckets; ``None`` if there is nothing to draw."""
    series = {one.metric: one for one in found.series}
    figures = [
        _figure(metric, series[metric.name], result, found, calendar, bands)
        for metric in main_metrics(found.metrics)
        if any(value is not None for value in series[metric.name].value)
    ]
    if not figures:
        return None
    legend = element(
        "p",
        element("span", "measured, with its interval", class_="key key-metric"),
        element("span", "whole reference", class_="key key-reference-line"),
        _estimate_keys(found),
        element("span", "incident", class_="key key-incident") if bands else None,
        class_="legend",
        aria_hidden="true",
    )
    return join([legend, element("div", figures, class_="multiples")])


def loss_figure(
    incident: Incident, band: Band, result: BacktestResult, calendar: Calendar
) -> Markup | None:
    """Draw the metric whose rise an incident is about, if it was measured."""
    found = result.performance
    if not isinstance(found, BacktestPerformance) or not incident.streams:
        return None
    about = _AS_METRIC.get(incident.streams[0].column, incident.streams[0].column)
    series = {one.metric: one for one in found.series}
    metric = next((one for one in found.metrics if one.label == about), None)
    if metric is None:
        return None
    figure = _figure(metric, series[metric.name], result, found, calendar, [band])
    return element("div", figure, class_="multiples")


def _figure(
    metric: MetricInfo,
    series: MetricSeries,
    result: BacktestResult,
    found: BacktestPerformance,
    calendar: Calendar,
    bands: Sequence[Band],
) -> Markup:
    reference = value_of(found.reference.metrics, metric.name)
    course = MetricCourse(
        starts=[calendar.start(bucket) for bucket in range(result.buckets)],
        value=series.value,
        low=series.low,
        high=series.high,
        reference=None if reference is None else reference.value,
        estimated=_estimated(metric, found),
        refused=_refused(found),
    )
    known = [value for value in series.value if value is not None]
    description = (
        f"From {number(min(known))} to {number(max(known))} in {len(known)} of {result.buckets}"
        f" buckets; {number(course.reference)} in the reference."
    )
    caption: list[Child] = [element("strong", metric.label)]
    if metric.higher_is_better is not None:
        better = "higher is better" if metric.higher_is_better else "lower is better"
        caption += [" ", element("span", better, class_="quiet")]
    return element(
        "figure",
        element("figcaption", caption),
        metric_chart(
            course, union(bands), title=f"{metric.label} over time", description=description
        ),
        _table(course, found, calendar),
        class_="hover",
    )


def _estimate_keys(found: BacktestPerformance) -> Markup | None:
    if found.estimates is None:
        return None
    keys = [element("span", "estimated without labels", class_="key key-estimated")]
    if any(reason is not None for reason in found.estimates.refused):
        keys.append(element("span", "estimate refused", class_="key key-refused"))
    return join(keys)


def _estimated(metric: MetricInfo, found: BacktestPerformance) -> list[tuple[int, float | None]]:
    """Return estimates at their buckets, ``None`` where they were refused."""
    if found.estimates is None:
        return []
    series = next((one for one in found.estimates.series if one.metric == metric.name), None)
    if series is None:
        return []
    pairs = zip(series.value, found.estimates.refused, strict=True)
    return [
        (at, value)
        for at, (value, refused) in enumerate(pairs)
        if value is not None or refused is not None
    ]


def _refused(found: BacktestPerformance) -> list[Band]:
    """Return the spans of buckets that a refusal stands for."""
    if found.estimates is None:
        return []
    every = found.estimates.every
    refused = enumerate(found.estimates.refused)
    return union([Band(start=at, stop=at + every) for at, reason in refused if reason is not None])


def _table(course: MetricCourse, found: BacktestPerformance, calendar: Calendar) -> Markup:
    size = len(course.value)
    runs = groups(size, _MOST_ROWS)
    rows = [_row(course, found, run.stop - 1, calendar) for run in runs]
    heads = ["When", "Measured", "Interval", "Labelled"]
    return element(
        "details",
        element("summary", "Show as a table"),
        element("p", "The last of each run of buckets.", class_="explain")
        if len(runs) < size
        else None,
        element(
            "table",
            element("thead", element("tr", [element("th", head, scope="col") for head in heads])),
            element("tbody", rows),
        ),
    )


def _row(
    course: MetricCourse, found: BacktestPerformance, place: int, calendar: Calendar
) -> Markup:
    interval = f"{number(course.low[place])} to {number(course.high[place])}"
    labelled = f"{found.labelled[place]:,} of {found.predictions[place]:,}"
    return element(
        "tr",
        element("th", calendar.bucket(place), scope="row"),
        element("td", number(course.value[place]), class_="number"),
        element("td", interval, class_="number"),
        element("td", labelled, class_="number"),
        data_at=f"{(place + 0.5) / len(course.value) * 100:.4g}",
    )
