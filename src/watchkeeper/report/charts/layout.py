"""How a column is laid out for drawing."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.comparison import ColumnComparison
from watchkeeper.report.charts.category_cells import categories
from watchkeeper.report.charts.cells import Cell, Cells, Sides, noticed
from watchkeeper.report.charts.number_cells import few_values, spans


def cells_of(column: ColumnComparison) -> Cells:
    """Lay out a column for drawing.

    Numbers of few different values are drawn value by value; others over up to forty spans of
    equal width (in the logarithm where they are positive and very skewed), rows of a bin spread
    evenly over it. The outermost half percent at each end is gathered where it would stretch the
    axis, with what lies beyond the reference's range.
    """
    distribution = column.distribution
    sides = Sides(
        reference=_shares(distribution.reference, column.quality.reference.rows),
        current=_shares(distribution.current, column.quality.current.rows),
    )
    after = [cell for cell in _absent(column) if noticed(cell)]
    if distribution.edges is None:
        return Cells(main=(*categories(column, sides), *after))
    values = few_values(distribution, sides)
    if values is not None:
        return Cells(main=tuple(values), after=tuple(after))
    return spans(distribution.edges, sides, after)


def _shares(rows: Sequence[int], among: int) -> tuple[float, ...]:
    total = max(among, sum(rows), 1)
    return tuple(count / total for count in rows)


def _absent(column: ColumnComparison) -> list[Cell]:
    one, two = column.quality.reference, column.quality.current
    return [
        Cell(label="null", reference=one.null_ratio, current=two.null_ratio),
        Cell(label="other type", reference=one.misfit_ratio, current=two.misfit_ratio),
    ]
