"""When each model's newest predictions came: by this a silence is known from a pause as usual."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from watchkeeper.store.catalog import microseconds_of, time_of
from watchkeeper.store.tables import arrivals

_FADES_OVER_GAPS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The last time that predictions newer than all before came in.

    Attributes
    ----------
    newest_time
        Latest event time of the model.
    received_at
        When it came.
    usual_gap
        The longest time between two such arrivals of late, fading; ``None`` after the first.
    """

    newest_time: datetime
    received_at: datetime
    usual_gap: timedelta | None

    @property
    def lag(self) -> timedelta:
        """How long after it happened it came."""
        return self.received_at - self.newest_time


def note_arrivals(connection: sa.Connection, newest: Mapping[str, int], *, now: datetime) -> None:
    """Note what just came in, in the transaction that keeps it.

    Parameters
    ----------
    newest
        Latest event time of each model's predictions, microseconds since 1970.
    """
    for model, time in newest.items():
        row = connection.execute(sa.select(arrivals).where(arrivals.c.model == model)).first()
        if row is not None and time <= row.newest_time:
            continue  # late, or old data brought in afterwards: says nothing of the pace
        received = microseconds_of(now)
        gap = None if row is None else _gap(row.gap_seconds, (received - row.received_at) / 1e6)
        values = {"newest_time": time, "received_at": received, "gap_seconds": gap}
        if row is None:
            connection.execute(sa.insert(arrivals).values(model=model, **values))
        else:
            connection.execute(
                sa.update(arrivals).where(arrivals.c.model == model).values(**values)
            )


def arrival_of(connection: sa.Connection, model: str) -> Arrival | None:
    """Return a model's last arrival."""
    row = connection.execute(sa.select(arrivals).where(arrivals.c.model == model)).first()
    if row is None:
        return None
    gap = row.gap_seconds
    return Arrival(
        newest_time=time_of(row.newest_time),
        received_at=time_of(row.received_at),
        usual_gap=None if gap is None else timedelta(seconds=gap),
    )


def _gap(before: float | None, seconds: float) -> float:
    """Return the longer of this gap and those before, which fade as three of them go by."""
    seconds = max(seconds, 0.0)
    if not before:
        return seconds
    return max(seconds, before * math.exp(-seconds / (_FADES_OVER_GAPS * before)))
