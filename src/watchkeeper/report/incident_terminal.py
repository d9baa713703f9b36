"""Incidents of a store on a terminal: the list, and one in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from watchkeeper.pipeline import IncidentDetail, IncidentSummary
from watchkeeper.report import magnitude
from watchkeeper.report.wording import NOTHING, name
from watchkeeper.watch import StreamEvidence, moment_text

_SPARKS = "▁▂▃▄▅▆▇█"
_WIDEST = 60
_NAMED = 3
_LONGEST = 2_000
_STREAMS = 12
_ENDS = {"returned": "back to normal", "adopted": "adopted", "withdrawn": "withdrawn"}


def incident_table(incidents: Sequence[IncidentSummary], *, timezone: str) -> RenderableType:
    """Render incidents for a terminal of 80 columns or more, in the order given."""
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    grid.add_column("Id", overflow="fold", style="dim", min_width=18)
    grid.add_column("Opened", no_wrap=True)
    grid.add_column("State", overflow="fold")
    grid.add_column("What", overflow="fold")
    for one in incidents:
        grid.add_row(one.id, _moment(one.opened_at, timezone), state_of(one), _what(one))
    return grid


def incident_page(incident: IncidentDetail, *, timezone: str) -> RenderableType:
    """Render one incident in full."""
    head = Text(name(incident.message, longest=_LONGEST), style="bold")
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    for title, value in _facts(incident, timezone):
        facts.add_row(title, value)
    parts: list[RenderableType] = [head, Text(), facts]
    if incident.streams:
        parts += [Text(), _streams(incident)]
    if incident.figures:
        parts += [Text(), _figures(incident)]
    if incident.evidence is not None and incident.evidence.values:
        parts += [Text(), _evidence(incident.evidence.values)]
    if incident.decisions:
        parts += [Text(), Text("Decisions", style="bold"), _decisions(incident, timezone)]
    if incident.notices:
        parts += [Text(), Text("Notices", style="bold"), _notices(incident, timezone)]
    return Group(*parts)


def state_of(incident: IncidentSummary) -> Text:
    """Return whether an incident is open, and what was decided about it."""
    if incident.closed_why is not None:
        return Text(_ENDS[incident.closed_why], style="dim")
    colour = "bold red" if incident.severity == "critical" else "bold yellow"
    text = Text("open", style=colour)
    if incident.adopted is not None:
        text.append(", adopted from the next bucket on", style="")
    if incident.muted is not None:
        text.append(", muted", style="dim")
    if incident.acknowledged is not None:
        text.append(f", {name(incident.acknowledged.actor)} looks at it", style="dim")
    return text


def _facts(incident: IncidentDetail, timezone: str) -> list[tuple[str, Text | str]]:
    kind = f", {incident.kind}" if incident.kind is not None and incident.source == "drift" else ""
    facts: list[tuple[str, Text | str]] = [
        ("id", incident.id),
        ("model", _plain(incident.model)),
        ("state", state_of(incident)),
        ("severity", f"{incident.severity} ({incident.source}{kind})"),
        ("since", _moment(incident.since, timezone)),
        ("opened", _moment(incident.opened_at, timezone)),
    ]
    if incident.closed_at is not None:
        facts.append(("closed", _moment(incident.closed_at, timezone)))
    if incident.muted is not None and incident.muted.until is not None:
        facts.append(("muted until", _moment(incident.muted.until, timezone)))
    return facts


def _streams(incident: IncidentDetail) -> RenderableType:
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    grid.add_column("Moved", overflow="fold")
    grid.add_column("Change", overflow="fold")
    grid.add_column("Evidence", justify="right")
    for stream in incident.streams[:_STREAMS]:
        grid.add_row(_stream(stream), Text(magnitude.phrase(stream)), f"{stream.share:.0%}")
    more = len(incident.streams) - _STREAMS
    if more <= 0:
        return grid
    return Group(grid, Text(f"and {more} more columns", style="dim"))


def _figures(incident: IncidentDetail) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for figure, value in sorted(incident.figures.items()):
        grid.add_row(Text(figure, style="dim"), f"{value:.6g}")
    return grid


def _evidence(values: Sequence[float]) -> RenderableType:
    """Draw the evidence as bars; full height is what opens an incident."""
    step = -(-len(values) // _WIDEST)
    tops = [max(values[at : at + step]) for at in range(0, len(values), step)]
    bars = "".join(_SPARKS[min(7, max(0, int(min(top, 1.0) * 7)))] for top in tops)
    each = "a bucket" if step == 1 else f"{step} buckets"
    note = f"evidence, {each} a bar; full height opens an incident"
    return Group(Text(bars), Text(note, style="dim"))


def _decisions(incident: IncidentDetail, timezone: str) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for made in incident.decisions:
        until = "" if made.until is None else f" until {_moment(made.until, timezone)}"
        grid.add_row(
            _moment(made.time, timezone),
            f"{made.kind}{until}",
            _plain(made.actor),
            _plain(made.reason),
        )
    return Padding(grid, (0, 0, 0, 2))


def _notices(incident: IncidentDetail, timezone: str) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for made in incident.notices:
        grid.add_row(
            _moment(made.time, timezone),
            _plain(made.channel),
            made.event,
            made.status,
            _plain(made.last_error or ""),
        )
    return Padding(grid, (0, 0, 0, 2))


def _what(incident: IncidentSummary) -> Text:
    shown = ", ".join(name(one) for one in incident.what[:_NAMED])
    more = len(incident.what) - _NAMED
    return Text(f"{shown} and {more} more" if more > 0 else shown)


def _stream(stream: StreamEvidence) -> Text:
    segment = f" ({name(stream.segment)})" if stream.segment else ""
    return Text(f"{name(stream.column)}{segment}")


def _plain(text: str) -> Text:
    """Return what people wrote as it is, safe to show."""
    return Text(name(text, longest=_LONGEST))


def _moment(moment: datetime | None, timezone: str) -> str:
    return NOTHING if moment is None else moment_text(moment, timezone)
