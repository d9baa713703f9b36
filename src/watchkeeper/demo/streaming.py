"""Services that answer flight by flight, and log it with the client."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

import numpy as np

from watchkeeper.demo.service import Service
from watchkeeper.demo.year import Year
from watchkeeper.sdk import Client

_TICK_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The time of the demo: behind at first, quick until it has caught up with the present.

    Attributes
    ----------
    begins
        What it shows at ``started``.
    started
        By `time.monotonic`.
    speed
        Seconds that it counts in one, until it has caught up.

    Examples
    --------
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> clock = Clock(begins=noon, started=0.0, speed=60.0)
    >>> clock.shows(noon + timedelta(hours=1), 10.0) - noon
    datetime.timedelta(seconds=600)
    >>> clock.shows(noon + timedelta(hours=1), 3_600.0) - noon
    datetime.timedelta(seconds=3600)
    """

    begins: datetime
    started: float
    speed: float

    def shows(self, now: datetime, ticks: float) -> datetime:
        """Return its time, never after ``now``."""
        return min(now, self.begins + timedelta(seconds=self.speed * (ticks - self.started)))


def stream(
    clients: Mapping[str, Client],
    year: Year,
    services: Mapping[str, Service],
    clock: Clock,
    stop: threading.Event,
) -> None:
    """Log what happens from the clock's beginning on, when it happens, until stopped.

    It ends by itself when there are no more flights.

    Parameters
    ----------
    clients, services
        By model.
    """
    first = year.before(clock.begins)
    landed = np.flatnonzero(year.landed >= year.scheduled[first])
    times = np.concatenate([year.scheduled[first:], year.landed[landed]])
    rows = np.concatenate([np.arange(first, len(year.scheduled)), landed])
    flights = len(year.scheduled) - first
    for place in np.argsort(times, kind="stable").tolist():
        time = datetime.fromtimestamp(int(times[place]) / 1_000_000, UTC)
        while clock.shows(datetime.now(UTC), monotonic()) < time:
            if stop.wait(_TICK_SECONDS):
                return
        for model, client in clients.items():
            row = int(rows[place])
            if place < flights:
                _predict(client, year, model, services[model], row, time)
            else:
                label = year.labels[model][row].as_py()
                client.log_outcome(year.ids[row].as_py(), label, time=time)


def _predict(
    client: Client, year: Year, model: str, service: Service, row: int, time: datetime
) -> None:
    client.log_prediction(
        {name: values[row].as_py() for name, values in year.features.items()},
        year.predicted[model][row].as_py(),
        prediction_id=year.ids[row].as_py(),
        time=time,
        version=service.version[row].as_py(),
        variant=service.variant[row].as_py(),
        latency_seconds=service.latency_seconds[row].as_py(),
        cost_usd=service.cost_usd[row].as_py(),
        error=service.error[row].as_py(),
    )
