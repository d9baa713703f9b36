"""In what steps labels are delivered, one by one or in bulk, and so up to when they are known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from watchkeeper.store import DAY, Store

_PATIENCE = 1.5
_UNKNOWN_STEP = 7 * DAY
_LONGEST_WAIT = 31 * DAY


def labelled_until(store: Store, model: str, now: datetime) -> int:
    """Return up to when labels can be expected to have been told.

    Between deliveries that come in bulk that is the time of the newest label, until the next one
    is late. Seconds since 1970.
    """
    newest = min(int(now.timestamp()), store.quality.rows.newest(model) or 0)
    deliveries = store.quality.rows.deliveries(model)
    if not deliveries:
        return newest
    wait = min(_PATIENCE * _usual_step(deliveries), _LONGEST_WAIT)
    return deliveries[-1] if 0 <= newest - deliveries[-1] <= wait else newest


def _usual_step(deliveries: Sequence[int]) -> int:
    """Return in what steps at least half of all time was labelled; a week if that is unknown."""
    steps = sorted((later - earlier for earlier, later in pairwise(deliveries)), reverse=True)
    half, step = sum(steps) / 2.0, _UNKNOWN_STEP
    for step in steps:
        half -= step
        if half <= 0.0:
            break
    return step
