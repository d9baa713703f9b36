"""How the demo's models answered: simulated, since nothing is known of it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.demo.year import NEW_YORK, Year

_TYPICAL_SECONDS: Final = 0.03
_SPREAD: Final = 0.45
_ERROR_RATIO: Final = 0.0005
_CANARY_RATIO: Final = 0.1
_CANARY: Final = timedelta(days=14)
_TROUBLE_AGO: Final = timedelta(days=2)
_TROUBLE_HOURS: Final = 14, 18
_USD_PER_PREDICTION: Final = 0.002
_USD_PER_SECOND: Final = 0.004
_FAULT: Final = "the weather service did not answer within 0.5 s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Version, variant, latency, cost and error of every flight's prediction by one model."""

    version: pa.Array
    variant: pa.Array
    latency_seconds: pa.Array
    cost_usd: pa.Array
    error: pa.Array


def simulated(year: Year, model: str, *, now: datetime) -> Service:
    """Return the same for the same model, year and time.

    Answers take 30 ms or so, longer in rush hours. A new version takes a tenth of the traffic in
    the last two weeks, and is quicker. For one afternoon, two days before ``now``, the service is
    in trouble: one answer in twelve fails, and the others take four times as long.
    """
    rng = np.random.default_rng(zlib.crc32(model.encode()))
    size = len(year.scheduled)
    rush = _rush(year.scheduled)
    canary = _within(year, now - _CANARY, None) & (rng.random(size) < _CANARY_RATIO)
    day = (now - _TROUBLE_AGO).astimezone(NEW_YORK).replace(minute=0, second=0, microsecond=0)
    trouble = _within(year, *(day.replace(hour=hour) for hour in _TROUBLE_HOURS))
    seconds = _TYPICAL_SECONDS * np.exp(_SPREAD * rng.standard_normal(size)) * (0.7 + 0.6 * rush)
    seconds *= np.where(canary, 0.8, 1.0) * np.where(trouble, 4.0, 1.0)
    failed = rng.random(size) < np.where(trouble, 1 / 12, _ERROR_RATIO)
    seconds = np.where(failed, 0.5 + seconds, seconds).round(4)
    cost = (_USD_PER_PREDICTION + _USD_PER_SECOND * seconds).round(6)
    return Service(
        version=_either(canary, "2", "1"),
        variant=_either(canary, "canary", "stable"),
        latency_seconds=pa.array(seconds),
        cost_usd=pa.array(cost),
        error=_either(failed, _FAULT, None),
    )


def _rush(scheduled: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return flights of the same hour, as a part of those of the busiest."""
    hours = scheduled // 3_600_000_000
    counts = np.bincount(hours - hours.min())
    ratio: NDArray[np.float64] = counts[hours - hours.min()] / counts.max()
    return ratio


def _within(year: Year, start: datetime, end: datetime | None) -> NDArray[np.bool_]:
    places = np.arange(len(year.scheduled))
    last = len(places) if end is None else year.before(end)
    within: NDArray[np.bool_] = (places >= year.before(start)) & (places < last)
    return within


def _either(choose: NDArray[np.bool_], one: str, other: str | None) -> pa.Array:
    return pa.array([other, one], pa.string()).take(pa.array(choose.astype(np.int8)))
