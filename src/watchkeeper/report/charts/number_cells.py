"""Numbers as cells: value by value when they are few, else over spans of equal width."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

from watchkeeper.comparison import Distribution
from watchkeeper.report.charts.cells import Cell, Cells, Sides, noticed
from watchkeeper.report.charts.ticks import Tick, value_ticks
from watchkeeper.report.wording import name, number

_CELLS = 40
_MOST_VALUES = 24
_MOSTLY = 0.9
_TAIL = 0.005
_RARE = 0.03
_SKEWED = 12.0


def few_values(distribution: Distribution, sides: Sides) -> list[Cell] | None:
    """Return a cell per bin, or ``None`` when there are many or most are no single values."""
    edges, labels = distribution.edges or (), distribution.labels
    seen = [i for i in range(len(labels)) if sides.seen(i)]
    whole = _whole(edges)
    if len(edges) >= 2:
        if len(seen) > _MOST_VALUES:
            return None
        single = [
            whole[i + 1] - whole[i] == 1 if whole else _is_value(edges, i)
            for i in range(len(edges) - 1)
        ]
        alone = sum(sides.reference[i + 1] for i, is_single in enumerate(single) if is_single)
        if alone < _MOSTLY * sum(sides.reference):
            return None
    return [sides.cell(_value(distribution, whole, i), [i]) for i in seen]


def _value(distribution: Distribution, whole: Sequence[int], i: int) -> str:
    if whole and 0 < i < len(whole):
        return _numbers(whole[i - 1], whole[i])
    return name(distribution.labels[i], longest=24)


def _numbers(start: int, stop: int) -> str:
    """Name the whole numbers from ``start`` to before ``stop``."""
    first, last = (f"{value:,}".replace("-", "−") for value in (start, stop - 1))
    return first if stop - start == 1 else f"{first} to {last}"


def _is_value(edges: Sequence[float], i: int) -> bool:
    return edges[i + 1] == math.nextafter(edges[i], math.inf)


def _whole(edges: Sequence[float]) -> list[int]:
    """Return the first whole number above each edge, if whole numbers are all that there is.

    Bins end at values of the reference or just above them; hardly ever are all of these whole
    unless every value is. Empty when they are not.
    """
    if not all(abs(edge) < 2**52 for edge in edges):
        return []
    just_below = (math.nextafter(edge, -math.inf) for edge in edges)
    if not all(
        edge.is_integer() or below.is_integer()
        for edge, below in zip(edges, just_below, strict=True)
    ):
        return []
    return [math.ceil(edge) for edge in edges]


def spans(edges: Sequence[float], sides: Sides, after: list[Cell]) -> Cells:
    """Lay out numbers over about forty spans of equal width.

    Parameters
    ----------
    edges
        Of the bins, at least two: one fewer than ``sides`` has bins.
    after
        What is set apart on the right.
    """
    reference = [0.0, *accumulate(sides.reference)][1:-1]
    current = [0.0, *accumulate(sides.current)][1:-1]
    both = [(a + b) / 2 for a, b in zip(reference, current, strict=True)]
    whole = _whole(edges)
    edges = whole or edges
    low, high = _range(edges, both)
    middle = _quantile(edges, reference, 0.5)
    skewed = edges[0] > 0 and high > 30 * low and high - middle > _SKEWED * (middle - low)
    # Where the axis is logarithmic, rows of a bin lie evenly in the logarithm.
    axis = [math.log10(edge) for edge in edges] if skewed else edges
    if skewed:
        low, high = _range(axis, both)
        places = _even(low, high)
    else:
        places = _wholes(low, high) if whole else _bounds(edges, low, high)
    bounds = [10**place for place in places] if skewed else places
    one = [_below(axis, reference, place) for place in places]
    two = [_below(axis, current, place) for place in places]
    by_value = bool(whole) and not skewed
    main = [
        Cell(
            label=_numbers(round(left), round(right))
            if by_value
            else f"{_exact(left, right)} to {_exact(right, left)}",
            reference=max(0.0, one[i + 1] - one[i]),
            current=max(0.0, two[i + 1] - two[i]),
        )
        for i, (left, right) in enumerate(pairwise(bounds))
    ]
    top = bounds[-1] - 1 if by_value else bounds[-1]
    lowest = Cell(label=f"below {_exact(*bounds[:2])}", reference=one[0], current=two[0])
    highest = Cell(
        label=f"above {_exact(top, bounds[-2])}",
        reference=max(0.0, sum(sides.reference) - one[-1]),
        current=max(0.0, sum(sides.current) - two[-1]),
    )
    return Cells(
        main=tuple(main),
        ticks=tuple(_ticks(bounds, skewed=skewed)),
        before=tuple(cell for cell in [lowest] if noticed(cell)),
        after=tuple(cell for cell in [highest, *after] if noticed(cell)),
        scale="logarithmic" if skewed else "linear",
    )


def _below(edges: Sequence[float], cumulative: Sequence[float], value: float) -> float:
    """Share of rows below a value; within a bin, rows lie evenly."""
    if value < edges[0]:
        return cumulative[0]
    i = bisect_right(edges, value) - 1
    if i >= len(edges) - 1:
        return cumulative[-1]
    part = (value - edges[i]) / (edges[i + 1] - edges[i])
    return cumulative[i] + part * (cumulative[i + 1] - cumulative[i])


def _quantile(edges: Sequence[float], cumulative: Sequence[float], q: float) -> float:
    """Value with a part ``q`` of what lies within the edges below it."""
    aim = cumulative[0] + q * (cumulative[-1] - cumulative[0])
    i = min(max(bisect_right(cumulative, aim) - 1, 0), len(edges) - 2)
    inside = cumulative[i + 1] - cumulative[i]
    part = (aim - cumulative[i]) / inside if inside > 0 else 0.0
    return edges[i] + min(1.0, part) * (edges[i + 1] - edges[i])


def _range(edges: Sequence[float], cumulative: Sequence[float]) -> tuple[float, float]:
    """Range that shows nearly all rows: not stretched by few at the ends."""
    low, high = (_quantile(edges, cumulative, q) for q in (_TAIL, 1 - _TAIL))
    if not low < high:
        return edges[0], edges[-1]
    first = edges[bisect_right(edges, low)]
    last = edges[bisect_left(edges, high) - 1]
    # Where in a long outermost bin its rows lie is not known; it would be most of the picture.
    if first < last:
        few = _RARE * (cumulative[-1] - cumulative[0])
        if high - last > first - low and high - last > (last - low) / 2:
            high = last if cumulative[-1] - _below(edges, cumulative, last) <= few else high
        elif first - low > (high - first) / 2:
            low = first if _below(edges, cumulative, first) - cumulative[0] <= few else low
    if edges[-1] - edges[0] <= 1.6 * (high - low):
        return edges[0], edges[-1]
    return low, high


def _bounds(edges: Sequence[float], low: float, high: float) -> list[float]:
    values = [edges[i] for i in range(len(edges) - 1) if _is_value(edges, i)]
    step = min((b - a for a, b in pairwise(values)), default=0.0)
    if len(values) >= 8 and len(values) > len(edges) / 4 and (high - low) / step <= 2000:
        # Values on a lattice: each span holds as many of them as any other.
        width = step * math.ceil((high - low) / step / _CELLS)
        first = values[0] - step / 2
        start = first + width * math.floor((low - first) / width)
        return [start + width * i for i in range(math.ceil((high - start) / width) + 1)]
    return _even(low, high)


def _wholes(low: float, high: float) -> list[float]:
    """Spans of as many whole numbers each, about forty of them."""
    start = math.floor(low)
    width = max(1, math.ceil((high - start) / _CELLS))
    return [float(start + width * i) for i in range(math.ceil((high - start) / width) + 1)]


def _even(low: float, high: float) -> list[float]:
    return [low + (high - low) * i / _CELLS for i in range(_CELLS)] + [high]


def _ticks(bounds: Sequence[float], *, skewed: bool) -> list[Tick]:
    low, high = bounds[0], bounds[-1]
    if skewed:
        powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        every = max(1, math.ceil(len(powers) / 5))
        span = math.log10(high) - math.log10(low)
        places = [(10.0**power, (power - math.log10(low)) / span) for power in powers[::every]]
        return [Tick(at=len(bounds[1:]) * part, text=number(value)) for value, part in places]
    ticks = value_ticks(low, high)
    ticks = ticks[:: math.ceil(len(ticks) / 6) or 1]
    parts = [(tick, (tick.at - low) / (high - low)) for tick in ticks]
    return [Tick(at=len(bounds[1:]) * part, text=tick.text) for tick, part in parts]


def _exact(value: float, other: float) -> str:
    """Write a bound with as many digits as tell it from its neighbour."""
    gap = abs(value - other)
    if gap == 0 or not math.isfinite(gap):
        return number(value)
    decimals = max(0, 1 - math.floor(math.log10(gap)))
    if decimals > 8 or abs(value) >= 1e12:
        return f"{value:.6g}"
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")
