"""How good the predictions were: in both periods, over time, by segment, and by probability."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.pipeline.metric_values import MetricValue
from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.pipeline.result_performance import BacktestPerformance
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.charts import Band, calibration_chart
from watchkeeper.report.main_metrics import interval_text, main_metrics, value_of, value_text
from watchkeeper.report.markup import Child, Markup, element, label
from watchkeeper.report.metric_figures import metric_figures
from watchkeeper.report.wording import count, number, ratio

_SIDES = ("reference", "watched")


def performance_section(
    result: BacktestResult, calendar: Calendar, bands: Sequence[Band]
) -> Markup | None:
    """Render what labels say; ``None`` for a backtest without."""
    found = result.performance
    if not isinstance(found, BacktestPerformance):
        return None
    return element(
        "section",
        element("h2", "Performance"),
        element("p", _explained(found), class_="explain"),
        [element("p", line, class_="explain") for line in found.said],
        _totals(found) if found.metrics else None,
        metric_figures(result, found, calendar, bands),
        _segments(found),
        _horizons(found),
        _calibration(found),
        class_="wide",
        id="performance",
    )


def _explained(found: BacktestPerformance) -> list[Child]:
    rows, labelled = found.watched.predictions, found.watched.labelled
    share = ratio(labelled / rows) if rows else ratio(None)
    said: list[Child] = ["What ", label(found.label), f" says: {share} of the watched predictions"]
    said.append(" have a label. Intervals hold at 95 %; metrics belong to the prediction’s time.")
    if found.positive:
        said += [" Positive is ", label(found.positive, longest=40), "."]
    return said


def _totals(found: BacktestPerformance) -> Markup:
    heads = [("Metric", ""), ("Reference", "number"), ("Watched", "number")]
    rows = [
        element(
            "tr",
            element("th", metric.label, scope="row"),
            *[
                _cell(value_of(total.metrics, metric.name))
                for total in (found.reference, found.watched)
            ],
        )
        for metric in found.metrics
    ]
    return _table(heads, rows, "Metrics of reference and watched period")


def _cell(one: MetricValue | None) -> Markup:
    text = interval_text(one)
    return element("td", value_text(one), element("small", text) if text else None, class_="number")


def _segments(found: BacktestPerformance) -> Markup | None:
    metrics = main_metrics(found.metrics)[:2]
    if not found.segments or not metrics:
        return None
    heads = [("Segment", ""), ("Labelled", "number")]
    heads += [(f"{metric.label}: {side}", "number") for metric in metrics for side in _SIDES]
    rows = [
        element(
            "tr",
            element("th", label(one.segment, longest=40), scope="row"),
            element("td", f"{one.watched.labelled:,}", class_="number"),
            *[
                _cell(value_of(total.metrics, metric.name))
                for metric in metrics
                for total in (one.reference, one.watched)
            ],
        )
        for one in found.segments
    ]
    return _table(heads, rows, "Metrics by segment")


def _horizons(found: BacktestPerformance) -> Markup | None:
    metrics = main_metrics(found.metrics)[:4]
    if not found.horizons or not metrics:
        return None
    heads = [("Steps ahead", ""), *((metric.label, "number") for metric in metrics)]
    rows = [
        element(
            "tr",
            element("th", number(one.horizon), scope="row"),
            *[_cell(value_of(one.metrics, metric.name)) for metric in metrics],
        )
        for one in found.horizons
    ]
    return _table(heads, rows, "Watched forecasts by steps ahead")


def _calibration(found: BacktestPerformance) -> Markup | None:
    if not found.calibration:
        return None
    off = max(found.calibration, key=lambda one: abs(one.observed - one.predicted) * one.rows)
    description = (
        f"Of {count(off.rows, 'prediction')} with a probability near {ratio(off.predicted)},"
        f" {ratio(off.observed)} came true."
    )
    heads = [(text, "number") for text in ("Probability", "Predictions", "Predicted", "Came true")]
    rows = [
        element(
            "tr",
            element("th", f"{number(one.low)} to {number(one.high)}", scope="row"),
            element("td", f"{one.rows:,}", class_="number"),
            element("td", ratio(one.predicted), class_="number"),
            element(
                "td",
                ratio(one.observed),
                element("small", f"{ratio(one.observed_low)} to {ratio(one.observed_high)}"),
                class_="number",
            ),
        )
        for one in found.calibration
    ]
    return element(
        "figure",
        element(
            "figcaption",
            element("strong", "Do probabilities come true?"),
            " On the dashed line they do. Points: watched, with intervals; grey: reference.",
        ),
        calibration_chart(found.calibration, found.reference_calibration, description=description),
        element(
            "details",
            element("summary", "Show as a table"),
            element(
                "table",
                element("thead", element("tr", [element("th", t, scope="col") for t, _ in heads])),
                element("tbody", rows),
            ),
        ),
        class_="calibration-figure",
    )


def _table(heads: Sequence[tuple[str, str]], rows: list[Markup], about: str) -> Markup:
    cells = [element("th", text, scope="col", class_=class_ or None) for text, class_ in heads]
    return element(
        "div",
        element("table", element("thead", element("tr", cells)), element("tbody", rows)),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label=about,
    )
