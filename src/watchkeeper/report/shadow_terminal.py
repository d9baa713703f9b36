"""A shadow model beside the one that serves, as a table for a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from watchkeeper.pipeline.shadowing import Agreement, PairedDifference, Shadow

_NOTHING = "–"
_STYLES = {"better": "green", "worse": "red", "different": "yellow"}


def shadow_page(found: Shadow) -> RenderableType:
    """Return the verdict, how alike the answers are, and each quantity of both."""
    parts: list[RenderableType] = []
    if found.said:
        parts.append(Text(found.said[0], style="bold"))
    head = (
        f"{found.pairs:,} requests were answered by both, {found.labelled:,} of them have a label;"
        f" {found.model} has {found.predictions:,} in all, {found.shadow}"
        f" {found.shadow_predictions:,}."
    )
    parts.append(Text(head))
    if found.agreement is not None:
        parts.append(Text(agreement_text(found.agreement)))
    if found.metrics or found.service:
        parts.append(_table(found))
    parts.extend(Padding(Text(line), (0, 0, 0, 2)) for line in found.said[1:])
    return Group(*parts)


def agreement_text(found: Agreement) -> str:
    """Return how alike the answers are, as a sentence."""
    told: list[str] = []
    if found.ratio is not None:
        told.append(f"{found.ratio:.1%} get the same class ({found.low:.1%} to {found.high:.1%})")
    if found.mean_distance is not None:
        told.append(
            f"numbers are {found.mean_distance:.3g} apart, {found.mean_difference:+.3g} on average"
        )
    if found.correlation is not None:
        told.append(f"their correlation is {found.correlation:.3f}")
    return f"Answers: {'; '.join(told)}."


def _table(found: Shadow) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for name in (found.model, found.shadow, "difference"):
        table.add_column(Text(name), justify="right", no_wrap=True)
    table.add_column("")
    for one in (*found.metrics, *found.service):
        if one.live is None and one.shadow is None:
            continue
        verdict = "" if one.verdict in ("alike", "unknown") else one.verdict
        table.add_row(
            one.label,
            _number(one.live),
            _number(one.shadow),
            _difference(one),
            Text(verdict, style=_STYLES.get(verdict, "")),
        )
    return table


def _number(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.4g}"


def _difference(one: PairedDifference) -> Text:
    if one.difference is None:
        return Text(_NOTHING, style="dim")
    text = Text(f"{one.difference:+.3g}")
    if one.low is not None and one.high is not None:
        text.append(f"  {one.low:.3g} to {one.high:.3g}", style="dim")
    return text
