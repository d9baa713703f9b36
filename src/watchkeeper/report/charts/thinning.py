"""A long series reduced to what a screen can show, without losing its spikes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

Series = Sequence[float | None]


def groups(size: int, most: int) -> list[range]:
    """Cut ``range(size)`` into at most ``most`` runs of nearly equal length.

    Examples
    --------
    >>> groups(5, 2)
    [range(0, 2), range(2, 5)]
    """
    parts = max(1, min(size, most))
    cuts = [size * part // parts for part in range(parts + 1)]
    return [range(a, b) for a, b in itertools.pairwise(cuts) if b > a]


def extremes(series: Series, most: int) -> list[tuple[int, float | None]]:
    """Keep the lowest and the highest of each run, in their order, and one ``None`` per empty run.

    Returns at most ``2 * most`` points of (index, value); a series that is short enough stays
    whole.
    """
    if len(series) <= 2 * most:
        return list(enumerate(series))
    kept: list[tuple[int, float | None]] = []
    for run in groups(len(series), most):
        present = [(series[i], i) for i in run if series[i] is not None]
        if not present:
            kept.append((run.start, None))
            continue
        ends = {min(present)[1], max(present)[1]}
        kept.extend((i, series[i]) for i in sorted(ends))
    return kept


def means(series: Series, most: int) -> list[tuple[float, float | None]]:
    """Keep the mean of each run, placed at its middle."""
    if len(series) <= 2 * most:
        return [(float(i), value) for i, value in enumerate(series)]
    kept: list[tuple[float, float | None]] = []
    for run in groups(len(series), most):
        present = [value for i in run if (value := series[i]) is not None]
        middle = (run.start + run.stop - 1) / 2
        kept.append((middle, sum(present) / len(present) if present else None))
    return kept
