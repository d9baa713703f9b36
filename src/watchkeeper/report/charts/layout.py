"""How a column is laid out for drawing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watchkeeper.comparison import ColumnComparison, Distribution
from watchkeeper.report.charts.cells import Cell, Cells, Sides, noticed
from watchkeeper.report.charts.number_cells import few_values, spans
from watchkeeper.report.wording import name

_MOST_BARS = 10
_POOL = re.compile(r"\(rare \d+\)")


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
        main = _categories(distribution, sides)
        return Cells(main=(*main, *after))
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


def _categories(distribution: Distribution, sides: Sides) -> list[Cell]:
    labels = distribution.labels
    pooled = [i for i, text in enumerate(labels) if _POOL.fullmatch(text)]
    unseen = [len(labels) - 1] if labels and labels[-1] == "(unseen)" else []
    special = {*pooled, *unseen}
    own = [i for i in range(len(labels)) if i not in special and sides.seen(i)]
    by_share = sorted(own, key=lambda i: -max(sides.reference[i], sides.current[i]))
    by_change = sorted(own, key=lambda i: -abs(sides.reference[i] - sides.current[i]))
    kept = set(by_share[:_MOST_BARS]) if len(own) <= _MOST_BARS else set(by_share[:7])
    for i in by_change:
        if len(kept) < _MOST_BARS:
            kept.add(i)
    order = sorted(kept, key=lambda i: (-sides.reference[i], -sides.current[i], i))
    cells = [sides.cell(name(labels[i], longest=120), [i]) for i in order]
    rest = [i for i in own if i not in kept]
    if rest:
        cells.append(sides.cell(f"{len(rest):,} other values", rest))
    gathered = [("rare values", pooled), ("new values", unseen)]
    return cells + [c for text, bins in gathered if noticed(c := sides.cell(text, bins))]
