"""The flights of 2013, with what models predicted of them, moved so that their summer is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

NEW_YORK: Final = ZoneInfo("America/New_York")
# What New York's clock shows is handled as if it were UTC, so that a week is always 168 hours.
_NORMAL_UNTIL: Final = datetime(2013, 6, 1, tzinfo=UTC)
_STORY: Final = datetime(2013, 7, 8, tzinfo=UTC)
_WEEK: Final = timedelta(weeks=1)
_HOUR: Final = 3_600
_LABELS: Final = {
    "arrival-delay": "arrival_delay",
    "air-time": "air_time",
    "cancellation": "cancelled",
}
_KNOWN: Final = (
    "carrier",
    "origin",
    "dest",
    "distance",
    "queue_minutes",
    "wind_speed",
    "precip",
    "visib",
)
MODELS: Final = tuple(_LABELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """Flights in order of their scheduled departure; arrays have one entry per flight.

    Attributes
    ----------
    ids
        Carrier, flight number and scheduled departure.
    scheduled, landed
        Microseconds since 1970, UTC, as moved: when a flight should leave, and when its outcome is
        known.
    features
        What was known at the scheduled departure, by name.
    predicted, labels
        By model; a label is null where there never was one.
    normal_until
        The flights before this are taken for normal.
    """

    ids: pa.Array
    scheduled: NDArray[np.int64]
    landed: NDArray[np.int64]
    features: Mapping[str, pa.Array]
    predicted: Mapping[str, pa.Array]
    labels: Mapping[str, pa.Array]
    normal_until: datetime

    def before(self, moment: datetime) -> int:
        """Count the flights scheduled before a moment."""
        return int(np.searchsorted(self.scheduled, int(moment.timestamp() * 1_000_000)))

    def newest(self, moment: datetime) -> datetime:
        """Return when the last flight before a moment was scheduled."""
        return datetime.fromtimestamp(
            int(self.scheduled[self.before(moment) - 1]) // 1_000_000, UTC
        )


def moved_year(now: datetime) -> Year:
    """Return the flights, moved by whole weeks on New York's wall clock.

    So hours and weekdays, with their rush hours, stay what they were, and ``now`` falls into the
    week of 8 July 2013, after the storms of June.
    """
    table = _read()
    then = table["scheduled"].cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy()
    walls = _walls(then)
    shift = (_wall(now) - _STORY) // _WEEK * _WEEK
    scheduled = _moments(walls + int(shift.total_seconds()))
    # When clocks are set back, an hour is there twice.
    order = np.argsort(scheduled, kind="stable")
    landed = scheduled + 60 * table["landed_minutes"].to_numpy().astype(np.int64)
    features = {
        **{name: _plain(table, name) for name in _KNOWN},
        "hour": pa.array((walls // _HOUR % 24).astype(float)),
        "weekday": pa.array(((walls // (24 * _HOUR) + 3) % 7).astype(float)),
    }
    return Year(
        ids=_ids(table, then).take(order),
        scheduled=scheduled[order] * 1_000_000,
        landed=landed[order] * 1_000_000,
        features={name: values.take(order) for name, values in features.items()},
        predicted={name: _plain(table, f"predicted:{name}").take(order) for name in MODELS},
        labels={name: _plain(table, label).take(order) for name, label in _LABELS.items()},
        normal_until=(_NORMAL_UNTIL + shift).replace(tzinfo=NEW_YORK).astimezone(UTC),
    )


def _read() -> pa.Table:
    with (resources.files("watchkeeper.demo") / "flights.parquet").open("rb") as file:
        return pq.read_table(file).combine_chunks()


def _plain(table: pa.Table, name: str) -> pa.Array:
    """Return a column as texts, booleans or doubles."""
    values = table[name].combine_chunks()
    if pa.types.is_dictionary(values.type):
        return values.cast(pa.string())
    return values if pa.types.is_boolean(values.type) else values.cast(pa.float64())


def _ids(table: pa.Table, then: NDArray[np.int64]) -> pa.Array:
    flight = table["flight"].combine_chunks().cast(pa.string())
    minute = pa.array(then // 60).cast(pa.string())
    named = pc.binary_join_element_wise(_plain(table, "carrier"), flight, "")
    return pc.binary_join_element_wise(named, minute, "-")


def _wall(moment: datetime) -> datetime:
    return moment.astimezone(NEW_YORK).replace(tzinfo=UTC)


def _walls(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn moments into what New York's clock shows."""

    def shown(hour: datetime) -> float:
        return _wall(hour).timestamp() - hour.timestamp()

    return seconds + _by_hour(seconds, shown)


def _moments(walls: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn what New York's clock shows into moments."""

    def meant(hour: datetime) -> float:
        return hour.replace(tzinfo=NEW_YORK).timestamp() - hour.timestamp()

    return walls + _by_hour(walls, meant)


def _by_hour(seconds: NDArray[np.int64], shift: Callable[[datetime], float]) -> NDArray[np.int64]:
    """Return a shift for each entry, asked once for every hour."""
    hours, place = np.unique(seconds // _HOUR, return_inverse=True)
    shifts = [round(shift(datetime.fromtimestamp(int(hour) * _HOUR, UTC))) for hour in hours]
    return np.array(shifts, dtype=np.int64)[place]
