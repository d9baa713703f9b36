"""Where axes are labelled, and with what."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled place: a bucket's number on a time axis, a value on the other."""

    at: float
    text: str
    minor: bool = False


def value_ticks(low: float, high: float, *, least: int = 3) -> list[Tick]:
    """Choose round values in ``[low, high]``: the coarsest with at least ``least`` of them.

    Examples
    --------
    >>> [tick.text for tick in value_ticks(0, 100)]
    ['0', '50', '100']
    """
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return []
    unit = 10.0 ** math.ceil(math.log10(span))
    for step in (unit, *(unit / factor for factor in (2, 5, 10, 20, 50, 100))):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 >= least:
            break
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [
        Tick(at=index * step, text=_value(index * step, decimals))
        for index in range(first, min(last, first + 12) + 1)
    ]


def _value(value: float, decimals: int) -> str:
    if abs(value) >= 1e6 or decimals > 5:
        return f"{value:.3g}".replace("-", "−")
    return f"{value:,.{decimals}f}".replace("-", "−")


def power_ticks(low: float, high: float) -> list[Tick]:
    """Choose powers of ten in ``[low, high]``, both > 0; at most five.

    Examples
    --------
    >>> [tick.text for tick in power_ticks(0.01, 30)]
    ['0.01', '0.1', '1', '10']
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / 5))
    aligned = [power for power in range(first, last + 1) if power % step == 0]
    return [Tick(at=10.0**power, text=f"{10.0**power:,.9g}") for power in aligned]


def bucket_ticks(
    starts: Sequence[datetime | None], *, first: int = 0, most: int = 12
) -> list[Tick]:
    """Choose buckets to label: where a year, month, week, day or hour begins.

    The finest of these with at most ``most`` labels is taken; every second one is minor when
    there are more than six. Buckets without a time are labelled with round numbers.

    Parameters
    ----------
    starts
        Start of each bucket in the zone to show.
    first
        Number of the first bucket.
    """
    known = [start for start in starts if start is not None]
    if len(known) < len(starts) or not known:
        ticks = [
            Tick(at=tick.at - first, text=tick.text)
            for tick in value_ticks(first, first + len(starts) - 1)
            if tick.at == int(tick.at)
        ]
    else:
        ticks = _calendar_ticks(known, most)
    if not ticks and starts:
        start = starts[0]
        ticks = [Tick(at=0, text=f"{start.day} {start:%b}" if start else str(first))]
    crowded = len(ticks) > 6
    return [
        Tick(at=tick.at, text=tick.text, minor=crowded and place % 2 == 1)
        for place, tick in enumerate(ticks)
    ]


def _calendar_ticks(starts: Sequence[datetime], most: int) -> list[Tick]:
    chosen: list[int] = []
    text = _LEVELS[0][1]
    for key, written in _LEVELS:
        changes = [i for i in range(1, len(starts)) if key(starts[i]) != key(starts[i - 1])]
        if len(changes) > most:
            break
        chosen, text = changes, written
    return [Tick(at=i, text=text(starts[i])) for i in chosen]


def _month(start: datetime) -> str:
    return str(start.year) if start.month == 1 else f"{start:%b}"


def _day(start: datetime) -> str:
    return f"{start.day} {start:%b}"


_LEVELS: list[tuple[Callable[[datetime], object], Callable[[datetime], str]]] = [
    (lambda start: start.year, lambda start: str(start.year)),
    (lambda start: (start.year, (start.month - 1) // 3), _month),
    (lambda start: (start.year, start.month), _month),
    (lambda start: start.isocalendar()[:2], _day),
    (lambda start: start.date(), _day),
    (lambda start: (start.date(), start.hour // 6), lambda start: f"{start:%H:%M}"),
    (lambda start: (start.date(), start.hour), lambda start: f"{start:%H:%M}"),
]
