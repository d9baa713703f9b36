"""A model's quality as a table for a terminal, with what cannot be said below it."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from watchkeeper.pipeline.quality import MetricValue, Performance

_NOTHING = "–"
_MOST_COLUMNS, _MOST_SIDE_BY_SIDE = 6, 3


def performance_page(found: Performance) -> RenderableType:
    """Return the metrics of a window, each group's beside the reference's.

    Up to six groups have a column each, more have a row each, with three metrics beside another.
    """
    since, until = (f"{time:%Y-%m-%d %H:%M}" for time in (found.since, found.until))
    parts: list[RenderableType] = [Text(f"Predictions from {since} to {until} UTC", style="bold")]
    if found.totals:
        is_long = len(found.totals) > _MOST_COLUMNS
        parts.append(_by_group(found) if is_long else _by_metric(found))
        if is_long and len(found.metrics) > _MOST_SIDE_BY_SIDE:
            others = ",".join(metric.name for metric in found.metrics[_MOST_SIDE_BY_SIDE:])
            parts.append(Padding(Text(f"Others: --metrics {others}", style="dim"), (0, 0, 0, 2)))
    parts.extend(Padding(Text(line), (0, 0, 0, 2)) for line in found.said)
    return Group(*parts)


def _by_group(found: Performance) -> Table:
    metrics = found.metrics[:_MOST_SIDE_BY_SIDE]
    table = _empty("group", "labelled", *(metric.label for metric in metrics))
    rows = [
        (total.group, f"{total.labelled:,} of {total.predictions:,}", total.metrics)
        for total in found.totals
    ]
    if found.reference is not None:
        rows.append(("reference", "", found.reference))
    for name, labelled, values in rows:
        cells = [_cell(values, metric.name, "\n") for metric in metrics]
        table.add_row(Text(name), labelled, *cells)
    return table


def _by_metric(found: Performance) -> Table:
    table = _empty("metric")
    for total in found.totals:
        name = "all predictions" if total.group == "all" else total.group
        table.add_column(Text(name), justify="right", no_wrap=True)
    if found.reference is not None:
        table.add_column("reference", justify="right", no_wrap=True)
    shown = [f"{total.labelled:,} of {total.predictions:,}" for total in found.totals]
    table.add_row("labelled", *shown)
    between = "\n" if len(table.columns) > 3 else "  "  # so that intervals stay whole
    for metric in found.metrics:
        groups = [total.metrics for total in found.totals]
        if found.reference is not None:
            groups.append(found.reference)
        cells = [_cell(values, metric.name, between) for values in groups]
        table.add_row(metric.label, *cells)
    return table


def _empty(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _cell(values: list[MetricValue], name: str, between: str) -> Text:
    one = next((value for value in values if value.name == name), None)
    if one is None or one.value is None:
        return Text(_NOTHING, style="dim")
    text = Text(f"{one.value:.4g}")
    if one.low is not None and one.high is not None:
        text.append(f"{between}{one.low:.4g} to {one.high:.4g}", style="dim")
    return text
