"""Two distributions as cells to draw: the same cells for both sides, as shares of all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.report.charts.ticks import Tick

_NOTICED = 0.0005


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
class Sides:
    """Shares of all rows per bin, 0 to 1."""

    reference: tuple[float, ...]
    current: tuple[float, ...]

    def cell(self, label: str, bins: Sequence[int]) -> Cell:
        """Gather bins in one cell."""
        return Cell(
            label=label,
            reference=sum(self.reference[i] for i in bins),
            current=sum(self.current[i] for i in bins),
        )

    def seen(self, i: int) -> bool:
        """Whether either side has rows in a bin."""
        return self.reference[i] > 0 or self.current[i] > 0


def noticed(cell: Cell) -> bool:
    """Whether a cell holds enough rows on either side to be drawn apart."""
    return max(cell.reference, cell.current) >= _NOTICED
