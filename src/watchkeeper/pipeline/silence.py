"""A model that has fallen silent: nothing comes that would show that time goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchkeeper.store import Arrival

_LEAST_PATIENCE = timedelta(minutes=1)


def silent_until(arrival: Arrival, now: datetime, *, length: timedelta) -> datetime | None:
    """Return until when nothing happened, for a model whose predictions have stopped coming.

    What happened long ago is left out of it: what comes in more than two buckets late is brought in
    by hand, and says nothing of the present. Otherwise events are taken to come as late as
    the last one did, and the silence to last when it is twice as long as the usual gap between two
    arrivals, and a minute at least; so a job that brings a day's predictions every night is waited
    for.

    Parameters
    ----------
    length
        Of a bucket.

    Returns
    -------
    ``None`` if the model is not silent, or nobody can tell.
    """
    if arrival.usual_gap is None or arrival.lag > 2 * length:
        return None
    patience = max(_LEAST_PATIENCE, 2 * arrival.usual_gap)
    if now - arrival.received_at < patience:
        return None
    return now - max(arrival.lag, timedelta(0)) - patience
