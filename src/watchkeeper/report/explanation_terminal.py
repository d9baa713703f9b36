"""An explanation on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from watchkeeper.diagnosis import Estimate
from watchkeeper.pipeline import Explanation
from watchkeeper.pipeline.explaining.finding import Finding
from watchkeeper.pipeline.explaining.sides import SideTold
from watchkeeper.pipeline.explaining.wording import shown
from watchkeeper.watch import moment_text

_MOST_COLUMNS = 8
_MOST_GROUPS = 6


def explanation_page(found: Explanation, *, timezone: str) -> RenderableType:
    """Render an explanation for a terminal of 80 columns or more."""
    title = found.incident or found.model
    parts: list[RenderableType] = [Text(f"Why {title}", style="bold"), Text()]
    parts += [Text(f"· {sentence}") for sentence in found.conclusions]
    for name, side in (("now", found.current), ("reference", found.reference)):
        parts.append(Text(_side(name, side, timezone), style="dim"))
    for one in found.findings:
        parts += [Text(), Text(f"Where: {one.quantity}", style="bold"), _segments(one)]
        if one.split is not None and one.split.columns:
            parts += [Text(), Text("Which columns", style="bold"), _columns(one)]
        for mix in one.mixes:
            if not mix.split.mix.is_told:
                continue
            parts += [
                Text(),
                Text(
                    f"By {mix.column}: {_estimate(mix.split.within)} within its groups,"
                    f" {_estimate(mix.split.mix)} by their mix",
                    style="bold",
                ),
            ]
    if found.coincidences:
        parts += [Text(), Text("At the same time", style="bold")]
        parts += [Text(f"· {one.text}") for one in found.coincidences]
    if found.fairness:
        parts += [Text(), Text("Protected groups", style="bold"), _fairness(found)]
    if found.said:
        parts += [Text(), Text("What cannot be known", style="bold")]
        parts += [Text(f"· {sentence}") for sentence in found.said]
    return Group(*parts)


def _side(name: str, side: SideTold, timezone: str) -> str:
    start, end = (moment_text(moment, timezone) for moment in (side.start, side.end))
    looked = "" if side.rows == side.predictions else f", {side.rows:,} of them looked at"
    return (
        f"{name}: {start} to {end}, {side.predictions:,} predictions{looked},"
        f" {side.labelled:,} with labels"
    )


def _segments(one: Finding) -> RenderableType:
    if not one.segments:
        return Text("no segment carries more of it than others")
    grid = _grid("Segment", "Predictions", "Before", "Now", "Share", "p")
    for segment in one.segments:
        before = "" if segment.expected is None else shown(segment.expected, one)
        share = "" if segment.share is None else f"{segment.share:.0%}"
        grid.add_row(
            segment.text,
            f"{segment.ratio:.1%}",
            before,
            shown(segment.mean, one),
            share,
            f"{segment.p_value:.1g}",
        )
    return grid


def _columns(one: Finding) -> RenderableType:
    assert one.split is not None
    grid = _grid("Column", "Inputs", "Relationship")
    for column in one.split.columns[:_MOST_COLUMNS]:
        relation = f"uneven by {column.relationship:.3g}" if column.relationship else ""
        grid.add_row(column.column, f"{column.inputs:+.3g}", relation)
    return grid


def _fairness(found: Explanation) -> RenderableType:
    grid = _grid("Group", "Rows", "Metric", "Group's", "Others'", "Gap")
    for one in found.fairness[: 2 * _MOST_GROUPS]:
        gap = f"{one.difference:+.3g}"
        if one.low is not None and one.high is not None:
            gap += f" ({one.low:+.3g} to {one.high:+.3g})"
        grid.add_row(
            f"{one.column} = {one.group}",
            f"{one.rows:,}",
            one.metric,
            f"{one.value:.4g}",
            f"{one.others:.4g}",
            gap,
        )
    return grid


def _grid(*titles: str) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    for i, title in enumerate(titles):
        grid.add_column(title, overflow="fold", justify="left" if i == 0 else "right")
    return grid


def _estimate(found: Estimate) -> str:
    if found.low is None or found.high is None:
        return f"{found.value:+.3g}"
    return f"{found.value:+.3g} ({found.low:+.3g} to {found.high:+.3g})"
