"""How good the predictions of both sides are, on the page."""

from __future__ import annotations

from watchkeeper.comparison import PerformanceComparison
from watchkeeper.metrics.quality import CalibrationBin
from watchkeeper.report.comparison.column_tables import plain_table, said, scrolling
from watchkeeper.report.comparison.metric_rows import HEADS, metric_rows, sentences
from watchkeeper.report.markup import Child, Markup, element
from watchkeeper.report.wording import NOTHING, count

_STATES = {"worse": "word-bad", "unknown": "word-unsure"}


def performance_section(performance: PerformanceComparison | None) -> Markup | None:
    """Render the metrics, what makes up their change, and the calibration of both sides."""
    if performance is None:
        return None
    labelled = (
        f"{count(performance.reference_labelled, 'labelled row')} of the reference,"
        f" {performance.current_labelled:,} of the current side. Intervals are at 95 %."
    )
    told = sentences(performance)
    return element(
        "section",
        element("h2", "How good the predictions are", id="performance"),
        element("p", labelled, class_="explain"),
        _metrics(performance),
        element("ul", [element("li", said(text)) for text in told]) if told else None,
        _calibration(performance),
        aria_labelledby="performance",
    )


def _metrics(performance: PerformanceComparison) -> Markup | None:
    rows: list[list[Child]] = []
    for row in metric_rows(performance):
        label, verdict, *rest = row.cells
        rows.append(
            [label, element("span", verdict, class_=_STATES.get(row.change, "word-good")), *rest]
        )
    if not rows:
        return None
    table = plain_table("Metrics, those that got worse first", HEADS, rows, numbers=0)
    return scrolling("Metrics", table)


def _calibration(performance: PerformanceComparison) -> Markup | None:
    curves = performance.calibration
    if curves is None:
        return None
    before = {one.low: one for one in curves.reference}
    after = {one.low: one for one in curves.current}
    rows: list[list[Child]] = [
        [
            f"{100 * low:.0f} to {100 * (before.get(low) or after[low]).high:.0f} %",
            _observed(before.get(low)),
            _observed(after.get(low)),
        ]
        for low in sorted({*before, *after})
    ]
    if not rows:
        return None
    heads = ["Predicted probability", "Came true in the reference", "Came true now"]
    table = plain_table("Calibration", heads, rows, numbers=0)
    return scrolling("Calibration", table)


def _observed(one: CalibrationBin | None) -> str:
    if one is None:
        return NOTHING
    return (
        f"{100 * one.observed:.3g} % ({100 * one.observed_low:.3g} to"
        f" {100 * one.observed_high:.3g} %) of {count(one.rows, 'row')}"
    )
