"""Data with a known truth, for benchmarks: stationary, with memory, with cycles, like weather."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

START = datetime(2023, 1, 1, tzinfo=UTC)


def numbers(rng: np.random.Generator, rows: int, columns: int) -> dict[str, np.ndarray]:
    """Return independent standard normal columns."""
    return {f"x{i}": rng.normal(size=rows) for i in range(columns)}


def categories(
    rng: np.random.Generator, rows: int, columns: int, values: int
) -> dict[str, pa.Array]:
    """Return columns of equally likely categories."""
    names = pa.array([f"v{i}" for i in range(values)])
    return {f"k{i}": names.take(rng.integers(0, values, rows)) for i in range(columns)}


def wandering(
    rng: np.random.Generator, buckets: int, rows: int, columns: int, rho: float
) -> dict[str, np.ndarray]:
    """Return columns whose bucket means are AR(1) with deviation 0.3, rows normal around them."""
    return {
        f"x{i}": np.repeat(0.3 * ar1(rng, buckets, rho), rows) + rng.normal(size=buckets * rows)
        for i in range(columns)
    }


def ar1(rng: np.random.Generator, length: int, rho: float) -> np.ndarray:
    """Return a stationary AR(1) series of unit variance."""
    noise = rng.normal(size=length) * np.sqrt(1 - rho**2)
    series = np.empty(length)
    series[0] = rng.normal()
    for t in range(1, length):
        series[t] = rho * series[t - 1] + noise[t]
    return series


def cyclic(rng: np.random.Generator, hours: int, rows: int, columns: int) -> dict[str, np.ndarray]:
    """Return columns with a daily and a weekly cycle of about one deviation each, by the hour."""
    t = np.arange(hours)
    columns_of = {}
    for i in range(columns):
        phase = rng.uniform(0, 2 * np.pi, 2)
        mean = np.sin(2 * np.pi * t / 24 + phase[0]) + np.sin(2 * np.pi * t / 168 + phase[1])
        columns_of[f"x{i}"] = np.repeat(mean, rows) + rng.normal(size=hours * rows)
    return columns_of


def weather(
    rng: np.random.Generator, days: int, *, hourly: bool, rows: int
) -> dict[str, np.ndarray]:
    """Return four columns like weather: yearly (and daily) cycles, persistence, years that differ.

    The columns share part of their weather, as temperatures of one place do; years differ in their
    level by about a quarter of the weather's own deviation.
    """
    steps = days * 24 if hourly else days
    day = np.arange(steps) / (24 if hourly else 1)
    rho = 0.7 ** (1 / 24) if hourly else 0.7
    shared = ar1(rng, steps, rho)
    year_level = 0.25 * rng.normal(size=days // 365 + 2)
    columns_of = {}
    for name in ("temperature", "dew_point", "pressure", "wind"):
        own = ar1(rng, steps, rho)
        deviation = rng.uniform(2.5, 4.0)
        air = deviation * (0.8 * shared + 0.6 * own + year_level[(day // 365).astype(int)])
        phase = rng.uniform(0, 2 * np.pi)
        mean = rng.uniform(5, 11) * np.sin(2 * np.pi * day / 365.25 + phase) + air
        if hourly:
            mean = mean + rng.uniform(2, 5) * np.sin(2 * np.pi * day + phase)
        columns_of[name] = np.repeat(mean, rows) + rng.normal(size=steps * rows)
    return columns_of


def times(buckets: int, rows: int, length: timedelta) -> pa.Array:
    """Return the time of each row, all of a bucket at its start."""
    starts = [START + i * length for i in range(buckets)]
    micros = np.array([int(s.timestamp() * 1e6) for s in starts], dtype=np.int64)
    return pa.array(np.repeat(micros, rows)).cast(pa.timestamp("us", "UTC"))
