"""Estimates as tables for a terminal: over time beside what labels say, and how good they were."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from watchkeeper.pipeline.estimating import Estimates, EstimateSeries

_NOTHING = "–"
_MOST_STEPS = 14


def estimates_page(found: Estimates) -> RenderableType:
    """Return the newest steps of a window, the scores of past estimates, and what is to say."""
    since, until = (f"{time:%Y-%m-%d %H:%M}" for time in (found.since, found.until))
    parts: list[RenderableType] = [Text(f"Predictions from {since} to {until} UTC", style="bold")]
    if found.metrics:
        parts.append(_course(found))
    if found.scores:
        parts += [Text("Past estimates, once their labels came", style="bold"), _scores(found)]
    parts.extend(Padding(Text(line), (0, 0, 0, 2)) for line in found.said)
    return Group(*parts)


def _course(found: Estimates) -> Table:
    """Return the first metric over time."""
    one = found.series[0]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("from", no_wrap=True)
    label = found.metrics[0].label
    for title in ("predictions", "labelled", f"{label}, estimated", "by labels"):
        table.add_column(Text(title), justify="right", no_wrap=True)
    places = [at for at, count in enumerate(found.predictions) if count or found.labelled[at]]
    form = "%Y-%m-%d" if found.step_seconds == 86_400 else "%Y-%m-%d %H:%M"
    for at in places[-_MOST_STEPS:]:
        counts = f"{found.predictions[at]:,}", f"{found.labelled[at]:,}"
        table.add_row(found.starts[at].strftime(form), *counts, *_values(one, found, at))
    known = {metric.name: metric.value for metric in found.reference or ()}
    if one.metric in known:
        table.add_row("reference", "", "", "", _number(known[one.metric]))
    return table


def _values(one: EstimateSeries, found: Estimates, at: int) -> tuple[Text, Text]:
    """Return an estimate, and what the labels say: with the estimate's help if they are few."""
    if found.refused[at] is not None:
        estimate = Text("cannot be known", style="dim")
    else:
        estimate = _number(one.value[at], one.low[at], one.high[at])
    if one.corrected[at] is not None:
        return estimate, _number(one.corrected[at], one.corrected_low[at], one.corrected_high[at])
    return estimate, _number(one.measured[at])


def _scores(found: Estimates) -> Table:
    labels = {one.name: one.label for one in found.metrics}
    what = "days" if found.step_seconds == 86_400 else "hours"
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("metric")
    for title in (what, "off by", "too high by", "in the interval", "off if nothing changed"):
        table.add_column(title, justify="right")
    for one in found.scores:
        table.add_row(
            labels[one.metric],
            f"{one.steps}",
            f"{one.error:.3g}",
            f"{one.bias:.3g}",
            f"{one.inside_ratio:.0%}",
            _number(one.unchanged_error),
        )
    return table


def _number(value: float | None, low: float | None = None, high: float | None = None) -> Text:
    if value is None:
        return Text(_NOTHING, style="dim")
    text = Text(f"{value:.3g}")
    if low is not None and high is not None:
        text.append(f"  {low:.3g} to {high:.3g}", style="dim")
    return text
