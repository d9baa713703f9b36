"""How good the predictions of a backtest were, on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from watchkeeper.pipeline.metric_values import MetricInfo, MetricValue, PerformanceTotal
from watchkeeper.pipeline.result_performance import BacktestPerformance
from watchkeeper.report.main_metrics import interval_text, main_metrics, value_of, value_text
from watchkeeper.report.wording import name, ratio

_MOST_SEGMENTS = 20
_SIDES = ("reference", "watched")


def performance_table(found: BacktestPerformance) -> RenderableType:
    """Render metrics of reference and watched period, the main ones by segment, and what to know.

    All metrics are in the JSON and on the page; here are up to six.
    """
    parts: list[RenderableType] = [_heading(found)]
    if found.metrics:
        parts.append(_totals(found, main_metrics(found.metrics)))
    if found.segments and found.metrics:
        parts += [Text(), _segments(found, main_metrics(found.metrics)[:2])]
    parts += [Padding(Text(line), (0, 0, 0, 2)) for line in found.said]
    return Group(*parts)


def _heading(found: BacktestPerformance) -> Text:
    rows = found.watched.predictions
    share = ratio(found.watched.labelled / rows) if rows else ratio(None)
    text = Text("Performance", style="bold")
    said = f", by {name(found.label, longest=40)}: {share} of the watched predictions have a label"
    return text.append(said, style="dim")


def _totals(found: BacktestPerformance, metrics: list[MetricInfo]) -> Table:
    grid = _grid("Metric", "Reference", "Watched")
    for metric in metrics:
        both = (found.reference, found.watched)
        grid.add_row(metric.label, *[_cell(value_of(one.metrics, metric.name)) for one in both])
    return grid


def _segments(found: BacktestPerformance, metrics: list[MetricInfo]) -> Table:
    grid = _grid("Segment", *[f"{one.label}\n{side}" for one in metrics for side in _SIDES])
    for segment in found.segments[:_MOST_SEGMENTS]:
        sides = (segment.reference, segment.watched)
        cells = [_short(total, metric) for metric in metrics for total in sides]
        grid.add_row(Text(name(segment.segment, longest=30)), *cells)
    return grid


def _grid(first: str, *others: str) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    grid.add_column(first, overflow="fold")
    for head in others:
        grid.add_column(head, justify="right")
    return grid


def _cell(one: MetricValue | None) -> Text:
    text = Text(value_text(one))
    interval = interval_text(one)
    return text.append(f"  {interval}", style="dim") if interval else text


def _short(total: PerformanceTotal, metric: MetricInfo) -> str:
    return value_text(value_of(total.metrics, metric.name))
