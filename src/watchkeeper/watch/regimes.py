"""What the reference looked like at each time, so that an old state is known again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import BucketProfile
from watchkeeper.watch.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_MOST_SPANS = 64
_MOST_NUMBERS = 2_000_000
_NEAR = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimes:
    """Shares of the groups in consecutive spans of the reference.

    Attributes
    ----------
    shares
        Shape (spans, groups); no spans when the table would be too large to keep.
    rows
        Rows of each unit in each span, shape (spans, units).
    starts, ends
        Times of the spans; ``None`` where rows carry no time.
    """

    shares: Floats
    rows: Floats
    starts: tuple[datetime | None, ...]
    ends: tuple[datetime | None, ...]


def remember(
    profiles: Sequence[BucketProfile], groups: Floats, rows: Floats, panel: Panel
) -> Regimes:
    """Cut the reference into at most 64 spans and keep the shares of each."""
    spans = min(_MOST_SPANS, len(profiles))
    if spans * groups.shape[1] > _MOST_NUMBERS:
        spans = 0
    unit = panel.unit_of_group()
    shares, span_rows, starts, ends = [], [], [], []
    for part in np.array_split(np.arange(len(profiles)), spans) if spans else []:
        of_unit = rows[part].sum(axis=0)
        shares.append(groups[part].sum(axis=0) / np.maximum(of_unit[unit], 1.0))
        span_rows.append(of_unit)
        starts.append(profiles[part[0]].start)
        ends.append(profiles[part[-1]].end)
    return Regimes(
        shares=np.array(shares).reshape(spans, groups.shape[1]),
        rows=np.array(span_rows).reshape(spans, rows.shape[1]),
        starts=tuple(starts),
        ends=tuple(ends),
    )


def nearest_span(regimes: Regimes, before: Floats, after: Floats, groups: Ints) -> int | None:
    """Return the span of the reference that a new state resembles, if any clearly does.

    Parameters
    ----------
    before, after
        Expected and observed shares of the groups that the incident is about, shape (n,).
    groups
        Places of these groups in the flat array.

    Notes
    -----
    Near means: a Hellinger distance below 0.35 of the one between expected and observed.
    """
    if not len(regimes.shares):
        return None
    moved = float(np.sqrt(((np.sqrt(after) - np.sqrt(before)) ** 2).sum()))
    spans = np.sqrt(np.maximum(regimes.shares[:, groups], 0.0))
    distance = np.sqrt(((spans - np.sqrt(after)) ** 2).sum(axis=1))
    best = int(np.argmin(distance))
    return best if distance[best] < _NEAR * moved else None
