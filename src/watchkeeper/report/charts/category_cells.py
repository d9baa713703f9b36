"""Categories as cells: common values and those that changed most; rare and new ones gathered."""

from __future__ import annotations

import re

from watchkeeper.comparison import ColumnComparison, Summary
from watchkeeper.report.charts.cells import Cell, Sides, noticed
from watchkeeper.report.wording import name

_MOST_BARS = 10
_MOST_COMMON = 7
_MOST_RARE = 8
_MAINLY_RARE = 0.3
_LONGEST = 120
_POOL = re.compile(r"\(rare \d+\)")


def categories(column: ColumnComparison, sides: Sides) -> list[Cell]:
    """Lay out categories, most common in the reference first.

    Where most rows lie in pools of rare values, the most frequent of these are shown by name as
    far as both sides' rows are known.
    """
    labels = column.distribution.labels
    pooled = [i for i, text in enumerate(labels) if _POOL.fullmatch(text)]
    unseen = [len(labels) - 1] if labels and labels[-1] == "(unseen)" else []
    special = {*pooled, *unseen}
    own = [i for i in range(len(labels)) if i not in special and sides.seen(i)]
    kept = _kept(own, sides)
    order = sorted(kept, key=lambda i: (-sides.reference[i], -sides.current[i], i))
    cells = [sides.cell(name(labels[i], longest=_LONGEST), [i]) for i in order]
    rest = [i for i in own if i not in kept]
    if rest:
        cells.append(sides.cell(f"{len(rest):,} other values", rest))
    rare, new = sides.cell("rare values", pooled), sides.cell("new values", unseen)
    if max(rare.reference, rare.current) > _MAINLY_RARE:
        named = _rare(column, {labels[i] for i in own})
        cells += named
        rare = Cell(
            label="other rare values" if named else rare.label,
            reference=max(0.0, rare.reference - sum(cell.reference for cell in named)),
            current=max(0.0, rare.current - sum(cell.current for cell in named)),
        )
    return cells + [cell for cell in (rare, new) if noticed(cell)]


def _kept(own: list[int], sides: Sides) -> set[int]:
    by_share = sorted(own, key=lambda i: -max(sides.reference[i], sides.current[i]))
    by_change = sorted(own, key=lambda i: -abs(sides.reference[i] - sides.current[i]))
    kept = set(by_share[: _MOST_BARS if len(own) <= _MOST_BARS else _MOST_COMMON])
    for i in by_change:
        if len(kept) < _MOST_BARS:
            kept.add(i)
    return kept


def _rare(column: ColumnComparison, own: set[str]) -> list[Cell]:
    quality = column.quality
    one, two = quality.reference, quality.current
    found = []
    for value in dict.fromkeys([*(one.top or {}), *(two.top or {})]):
        before, after = _rows(one, value), _rows(two, value)
        if after is None and value in quality.missing_values:
            after = 0
        if value in own or value in quality.new_values or before is None or after is None:
            continue
        found.append(
            Cell(
                label=name(value, longest=_LONGEST),
                reference=before / max(one.rows, 1),
                current=after / max(two.rows, 1),
            )
        )
    found.sort(key=lambda cell: -max(cell.reference, cell.current))
    return sorted(found[:_MOST_RARE], key=lambda cell: -cell.reference)


def _rows(side: Summary, value: str) -> int | None:
    """Rows of a value, ``None`` when they are not known."""
    top = side.top or {}
    return top.get(value, 0 if side.distinct == len(top) else None)
