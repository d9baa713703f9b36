"""Until when the labels that will ever come have come."""

from __future__ import annotations

from watchkeeper.pipeline.quality.labels_by_age import cohorts
from watchkeeper.store import DAY, HOUR, Store

RECENT_DAYS = 90
"""Days of predictions that tell the delay of labels."""

_SHARE = 0.95


def settled_until(store: Store, model: str, *, as_of: int) -> int:
    """Return the time before which predictions have 95 % of the labels that they will ever have.

    What is younger has first of all the labels that come fast, and these may be of one kind.

    Parameters
    ----------
    as_of
        Seconds since 1970, as is what is returned; 0 if no label has come.
    """
    recent = cohorts(store, model, start=as_of - RECENT_DAYS * DAY, end=as_of + HOUR)
    delay = recent.curve(as_of).quantile(_SHARE)
    return 0 if delay is None else as_of - int(delay)
