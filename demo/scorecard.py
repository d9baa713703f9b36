"""The incidents held against what is known of 2013: told, missed, and on no event."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flights import DATA
from rich import box
from rich.table import Table
from rich.text import Text

_GRACE = timedelta(days=2)
_WEATHER = frozenset({"wind_speed", "precip", "visib"})
_DELAYS = _WEATHER | {"queue_minutes", "prediction", "arrival_delay"}
_TIMETABLE = frozenset({"carrier", "origin", "dest", "distance", "(rows)"})
_CONCERNS = {
    "weather": _DELAYS,
    "operations": _DELAYS,
    "holiday": _DELAYS | _TIMETABLE,
    "data": _WEATHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that is known to have happened, whatever any detector says; both days included.

    ``kind`` says which columns it can show in: an alarm about the timetable tells no storm.
    """

    first: date
    last: date
    kind: str
    what: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An incident in local days: the day that gave it away, when it closed, and its columns."""

    opened: date
    closed: date | None
    columns: frozenset[str]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one event.

    Attributes
    ----------
    opened
        The day that gave it away; ``None`` if it was missed.
    under_way
        Whether an incident about the same columns was open throughout, when it was missed: one
        incident is not told twice.
    """

    event: Event
    opened: date | None
    under_way: bool


def known_events() -> list[Event]:
    """Read the events of the watched months, oldest first."""
    with (DATA / "known_events.csv").open(encoding="utf-8", newline="") as file:
        return [
            Event(
                first=date.fromisoformat(row["first"]),
                last=date.fromisoformat(row["last"]),
                kind=row["kind"],
                what=row["what"],
                source=row["source"],
            )
            for row in csv.DictReader(file)
        ]


def score(events: Sequence[Event], incidents: Sequence[Told]) -> list[Line]:
    """Say for each event whether it was told.

    Told: an incident about columns that the event can show in opened on one of its days, or at
    most two days after. All others were missed, whatever else was open.
    """
    return [_line(event, incidents) for event in events]


def _line(event: Event, incidents: Sequence[Told]) -> Line:
    opened = [incident.opened for incident in incidents if _tells(incident, event)]
    under_way = any(
        incident.opened < event.first
        and (incident.closed or date.max) >= event.last
        and incident.columns & _CONCERNS[event.kind]
        for incident in incidents
    )
    return Line(event=event, opened=min(opened, default=None), under_way=under_way and not opened)


def _tells(incident: Told, event: Event) -> bool:
    in_time = event.first <= incident.opened <= event.last + _GRACE
    return in_time and bool(incident.columns & _CONCERNS[event.kind])


def unexplained(events: Sequence[Event], incidents: Sequence[Told]) -> list[Told]:
    """Find the incidents that tell no known event: false alarms, or things the list lacks."""
    return [told for told in incidents if not any(_tells(told, event) for event in events)]


def covered_ratio(events: Sequence[Event], days: Sequence[date]) -> float:
    """Share of the watched days on which an alarm would count as told, were it blind chance."""
    hits = sum(any(event.first <= day <= event.last + _GRACE for event in events) for day in days)
    return hits / len(days)


def table(lines: Iterable[Line]) -> Table:
    """Render the scorecard for a terminal."""
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    grid.add_column("Known event", no_wrap=True)
    grid.add_column("What", ratio=1)
    grid.add_column("Verdict", no_wrap=True)
    grid.add_column("Opened", no_wrap=True)
    for line in lines:
        if line.opened:
            verdict = Text("told", style="green")
        else:
            verdict = Text("missed, one was open" if line.under_way else "missed", style="yellow")
        opened = _day(line.opened) if line.opened else ""
        grid.add_row(_days(line.event), Text(line.event.what), verdict, opened)
    return grid


def _days(event: Event) -> str:
    if event.first == event.last:
        return _day(event.first)
    return f"{_day(event.first)} – {_day(event.last)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
