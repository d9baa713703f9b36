"""The flights of 2013 as a model sees them: what is known at the scheduled moment of departure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DATA = Path(__file__).parent / "data"
NEW_YORK = ZoneInfo("America/New_York")
HOUR = 3_600
_FASTEST_WIND_MPH = 150.0
_QUEUE_SECONDS = HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Texts of a few kinds: ``names[codes]``."""

    codes: np.ndarray
    names: list[str]

    def texts(self) -> list[str]:
        """Write every entry out."""
        return [self.names[code] for code in self.codes.tolist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flights:
    """Flights in order of their scheduled departure; arrays have one entry per flight.

    Attributes
    ----------
    ids
        Carrier, flight number and scheduled departure.
    scheduled
        Seconds since 1970, UTC.
    categories, numbers
        What the model sees, by name; NaN where a number is unknown.
    arrival_delay
        Minutes; NaN when the flight was cancelled or diverted.
    air_time
        Minutes in the air; NaN when it was cancelled or diverted.
    cancelled
        Whether it never left.
    landed
        When its outcome was known, seconds since 1970: at landing, or when it should have left.
    """

    ids: list[str]
    scheduled: np.ndarray
    categories: dict[str, Category]
    numbers: dict[str, np.ndarray]
    arrival_delay: np.ndarray
    air_time: np.ndarray
    cancelled: np.ndarray
    landed: np.ndarray

    def __len__(self) -> int:
        return len(self.scheduled)

    def before(self, moment: datetime) -> int:
        """Count the flights scheduled before a moment."""
        return int(np.searchsorted(self.scheduled, moment.timestamp()))

    def days(self) -> np.ndarray:
        """Local dates of the flights, as ``datetime64[D]``."""
        return local_seconds(self.scheduled).astype("datetime64[s]").astype("datetime64[D]")


def load() -> Flights:
    """Read the two tables and join each flight with the weather of its hour and airport."""
    table = pq.read_table(DATA / "flights.parquet")
    scheduled = _seconds(table["scheduled"])
    departure_delay = _numbers(table["dep_delay"])
    origin = _category(table["origin"])
    local = local_seconds(scheduled)
    numbers = {
        "distance": _numbers(table["distance"]),
        "hour": local // HOUR % 24,
        "weekday": (local // (24 * HOUR) + 3) % 7,
        "queue_minutes": _queue(scheduled, departure_delay, origin.codes),
        **_weather(scheduled, origin),
    }
    carrier = _category(table["carrier"])
    air_time = _numbers(table["air_time"])
    return Flights(
        ids=_ids(carrier.texts(), table["flight"].to_pylist(), scheduled),
        scheduled=scheduled,
        categories={"carrier": carrier, "origin": origin, "dest": _category(table["dest"])},
        numbers=numbers,
        arrival_delay=_numbers(table["arr_delay"]),
        air_time=air_time,
        cancelled=np.isnan(departure_delay),
        landed=scheduled + 60 * (np.nan_to_num(departure_delay) + np.nan_to_num(air_time)),
    )


def local_seconds(seconds: np.ndarray) -> np.ndarray:
    """Turn moments into New York's wall clock, as if its seconds were counted in UTC."""
    hours, place = np.unique(seconds // HOUR, return_inverse=True)
    moments = (datetime.fromtimestamp(hour * HOUR, UTC) for hour in hours)
    offsets = [moment.astimezone(NEW_YORK).utcoffset() for moment in moments]
    shifts = np.array([offset.total_seconds() for offset in offsets if offset is not None])
    return seconds + shifts[place]


def _ids(carriers: list[str], numbers: list[int], scheduled: np.ndarray) -> list[str]:
    moments = (scheduled.astype("int64") // 60).tolist()
    rows = zip(carriers, numbers, moments, strict=True)
    return [f"{carrier}{number}-{moment}" for carrier, number, moment in rows]


def _queue(scheduled: np.ndarray, delay: np.ndarray, airports: np.ndarray) -> np.ndarray:
    """Mean delay of what left the same airport in the last hour: known then, unlike one's own.

    NaN where nothing left.
    """
    queue = np.full(len(scheduled), np.nan)
    left = scheduled + 60 * delay
    for airport in np.unique(airports):
        here = np.flatnonzero(airports == airport)
        gone = here[~np.isnan(delay[here])]
        gone = gone[np.argsort(left[gone], kind="stable")]
        total = np.concatenate([[0.0], np.cumsum(delay[gone])])
        first = np.searchsorted(left[gone], scheduled[here] - _QUEUE_SECONDS)
        last = np.searchsorted(left[gone], scheduled[here])
        known = last > first
        queue[here[known]] = (total[last] - total[first])[known] / (last - first)[known]
    return queue


def _weather(scheduled: np.ndarray, origin: Category) -> dict[str, np.ndarray]:
    table = pq.read_table(DATA / "weather.parquet")
    station = _category(table["origin"])
    code_of = {name: code for code, name in enumerate(station.names)}
    here = np.array([code_of[name] for name in origin.names])[origin.codes]
    hours = _seconds(table["hour"]) // HOUR
    span = hours.max() + 1
    known = station.codes * span + hours
    order = np.argsort(known, kind="stable")
    wanted = here * span + scheduled // HOUR
    place = np.minimum(np.searchsorted(known[order], wanted), len(order) - 1)
    found = known[order][place] == wanted
    columns = {
        name: np.where(found, _numbers(table[name])[order][place], np.nan)
        for name in ("wind_speed", "precip", "visib")
    }
    wind = columns["wind_speed"]
    columns["wind_speed"] = np.where(wind > _FASTEST_WIND_MPH, np.nan, wind)
    return columns


def _seconds(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy().astype(float)


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.float64()).to_numpy()


def _category(column: pa.ChunkedArray) -> Category:
    encoded = column.combine_chunks().dictionary_encode()
    return Category(codes=encoded.indices.to_numpy(), names=encoded.dictionary.to_pylist())
