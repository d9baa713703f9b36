"""Two distributions as cells to draw: the same cells for both sides, as shares of all rows."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from watchkeeper.comparison import ColumnComparison, Distribution
from watchkeeper.report.charts.ticks import Tick, value_ticks
from watchkeeper.report.wording import name, number

_CELLS = 40
_MOST_VALUES = 24
_MOST_BARS = 10
_NOTICED = 0.0005
_TAIL = 0.005
_SKEWED = 12.0
_POOL = re.compile(r"\(rare \d+\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A span of numbers, or a value, with the share of all rows on each side, 0 to 1."""

    label: str
    reference: float
    current: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What to draw of one column.

    Attributes
    ----------
    main
        Spans of equal width that touch one another, or values.
    ticks
        Where spans are labelled, in cells from the left edge; empty for values.
    before, after
        Set apart on either side: what lies below; above, without a value, of another type.
    scale
        How ``main`` is laid out.
    """

    main: tuple[Cell, ...]
    ticks: tuple[Tick, ...] = ()
    before: tuple[Cell, ...] = ()
    after: tuple[Cell, ...] = ()
    scale: str = "values"

    @property
    def everything(self) -> tuple[Cell, ...]:
        """All cells from left to right."""
        return (*self.before, *self.main, *self.after)

    @property
    def joined(self) -> bool:
        """Whether cells are spans that touch one another."""
        return self.scale != "values"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Shares of all rows per bin."""

    reference: tuple[float, ...]
    current: tuple[float, ...]

    def cell(self, label: str, bins: Sequence[int]) -> Cell:
        return Cell(
            label=label,
            reference=sum(self.reference[i] for i in bins),
            current=sum(self.current[i] for i in bins),
        )

    def seen(self, i: int) -> bool:
        return self.reference[i] > 0 or self.current[i] > 0


def cells_of(column: ColumnComparison) -> Cells:
    """Lay out a column for drawing.

    Numbers of few different values are drawn value by value; others over up to forty spans of
    equal width (in the logarithm where they are positive and very skewed), rows of a bin spread
    evenly over it. The outermost half percent at each end is gathered where it would stretch the
    axis, with what lies beyond the reference's range.
    """
    distribution = column.distribution
    sides = _Sides(
        reference=_shares(distribution.reference, column.quality.reference.rows),
        current=_shares(distribution.current, column.quality.current.rows),
    )
    after = [cell for cell in _absent(column) if _noticed(cell)]
    if distribution.edges is None:
        main = _categories(distribution, sides)
        return Cells(main=(*main, *after))
    values = _few_values(distribution, sides)
    if values is not None:
        cells = [sides.cell(name(distribution.labels[i], longest=24), [i]) for i in values]
        return Cells(main=tuple(cells), after=tuple(after))
    return _spans(distribution.edges, sides, after)


def _shares(rows: Sequence[int], among: int) -> tuple[float, ...]:
    total = max(among, sum(rows), 1)
    return tuple(count / total for count in rows)


def _absent(column: ColumnComparison) -> list[Cell]:
    one, two = column.quality.reference, column.quality.current
    return [
        Cell(label="null", reference=one.null_ratio, current=two.null_ratio),
        Cell(label="other type", reference=one.misfit_ratio, current=two.misfit_ratio),
    ]


def _noticed(cell: Cell) -> bool:
    return max(cell.reference, cell.current) >= _NOTICED


def _categories(distribution: Distribution, sides: _Sides) -> list[Cell]:
    labels = distribution.labels
    pooled = [i for i, text in enumerate(labels) if _POOL.fullmatch(text)]
    unseen = [len(labels) - 1] if labels and labels[-1] == "(unseen)" else []
    special = {*pooled, *unseen}
    own = [i for i in range(len(labels)) if i not in special and sides.seen(i)]
    by_share = sorted(own, key=lambda i: -max(sides.reference[i], sides.current[i]))
    by_change = sorted(own, key=lambda i: -abs(sides.reference[i] - sides.current[i]))
    kept = set(by_share[:_MOST_BARS]) if len(own) <= _MOST_BARS else set(by_share[:7])
    kept |= set(by_change[: _MOST_BARS - len(kept)])
    order = sorted(kept, key=lambda i: (-sides.reference[i], -sides.current[i], i))
    cells = [sides.cell(name(labels[i], longest=120), [i]) for i in order]
    rest = [i for i in own if i not in kept]
    if rest:
        cells.append(sides.cell(f"{len(rest):,} other values", rest))
    gathered = [("rare values", pooled), ("new values", unseen)]
    return cells + [c for text, bins in gathered if _noticed(c := sides.cell(text, bins))]


def _few_values(distribution: Distribution, sides: _Sides) -> list[int] | None:
    """Bins to draw one by one, or ``None`` when there are many or most are no single values."""
    edges = distribution.edges or ()
    seen = [i for i in range(len(distribution.labels)) if sides.seen(i)]
    if len(edges) < 2:
        return seen
    if len(seen) > _MOST_VALUES:
        return None
    single = sum(sides.reference[i + 1] for i in range(len(edges) - 1) if _is_value(edges, i))
    return seen if single >= 0.99 * sum(sides.reference) else None


def _is_value(edges: Sequence[float], i: int) -> bool:
    return edges[i + 1] == math.nextafter(edges[i], math.inf)


def _spans(edges: tuple[float, ...], sides: _Sides, after: list[Cell]) -> Cells:
    reference = [0.0, *accumulate(sides.reference)][1:-1]
    current = [0.0, *accumulate(sides.current)][1:-1]
    both = [(a + b) / 2 for a, b in zip(reference, current, strict=True)]
    low, high = _range(edges, both)
    middle = _quantile(edges, reference, 0.5)
    skewed = edges[0] > 0 and high > 30 * low and high - middle > _SKEWED * (middle - low)
    # Where the axis is logarithmic, rows of a bin lie evenly in the logarithm.
    axis = [math.log10(edge) for edge in edges] if skewed else edges
    if skewed:
        low, high = _range(axis, both)
    places = _even(low, high) if skewed else _bounds(edges, low, high)
    bounds = [10**place for place in places] if skewed else places
    one = [_below(axis, reference, place) for place in places]
    two = [_below(axis, current, place) for place in places]
    main = [
        Cell(
            label=f"{_exact(left, right)} to {_exact(right, left)}",
            reference=max(0.0, one[i + 1] - one[i]),
            current=max(0.0, two[i + 1] - two[i]),
        )
        for i, (left, right) in enumerate(pairwise(bounds))
    ]
    lowest = Cell(label=f"below {_exact(*bounds[:2])}", reference=one[0], current=two[0])
    highest = Cell(
        label=f"above {_exact(bounds[-1], bounds[-2])}",
        reference=max(0.0, sum(sides.reference) - one[-1]),
        current=max(0.0, sum(sides.current) - two[-1]),
    )
    return Cells(
        main=tuple(main),
        ticks=tuple(_ticks(bounds, skewed=skewed)),
        before=tuple(cell for cell in [lowest] if _noticed(cell)),
        after=tuple(cell for cell in [highest, *after] if _noticed(cell)),
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
    low, high = (_quantile(edges, cumulative, q) for q in (_TAIL, 1 - _TAIL))
    if not low < high or edges[-1] - edges[0] <= 1.6 * (high - low):
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
