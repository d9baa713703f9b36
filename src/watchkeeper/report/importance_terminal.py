"""What features contribute to outputs as a table for a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from watchkeeper.pipeline.importance import ExplainedSpan, Importance, Importances

_NOTHING = "–"


def importance_page(found: Importances) -> RenderableType:
    """Return a line for each feature, most important now first, and what is to say."""
    parts: list[RenderableType] = [Text(_span("Now", found.current), style="bold")]
    if found.reference is not None:
        parts.append(Text(_span("Reference", found.reference), style="bold"))
    if found.features:
        parts.append(_table(found.features))
    parts.extend(Padding(Text(line), (0, 0, 0, 2)) for line in found.said)
    return Group(*parts)


def _span(name: str, span: ExplainedSpan) -> str:
    return (
        f"{name}: {span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M} UTC,"
        f" {span.explained:,} of {span.rows:,} predictions explained"
    )


def _table(features: list[Importance]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("feature", overflow="fold")
    for title in ("now", "part", "reference", "part", "change"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in features:
        table.add_row(
            Text(one.feature),
            _number(one.now),
            _ratio(one.now_ratio),
            _number(one.reference),
            _ratio(one.reference_ratio),
            _change(one),
        )
    return table


def _change(one: Importance) -> Text:
    change = one.change
    if change is None:
        return Text(_NOTHING, style="dim")
    text = Text(f"{change.value:+.3g}", style="bold" if change.is_told else "")
    if change.low is not None and change.high is not None:
        text.append(f"  {change.low:+.3g} to {change.high:+.3g}", style="not bold dim")
    return text


def _number(value: float | None) -> Text:
    return Text(_NOTHING, style="dim") if value is None else Text(f"{value:.4g}")


def _ratio(value: float | None) -> Text:
    return Text(_NOTHING, style="dim") if value is None else Text(f"{value:.0%}")
