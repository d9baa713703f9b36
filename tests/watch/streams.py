"""Simulated tables and the backtests of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.pipeline import BacktestResult, backtest

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
ROWS = 200
REFERENCE = 60

Columns = dict[str, Any]


def normal(seed: int, *, buckets: int, rows: int = ROWS, columns: int = 3) -> Columns:
    """Independent standard normal columns c0, c1, ..."""
    random = np.random.default_rng(seed)
    return {f"c{i}": random.normal(size=buckets * rows) for i in range(columns)}


def with_nulls(values: NDArray[Any], ratio: float, seed: int = 0) -> pa.Array:
    return pa.array(values, mask=np.random.default_rng(seed).random(len(values)) < ratio)


def watch(
    data: Mapping[str, Any], reference: Mapping[str, Any], *, rows: int = ROWS, **more: Any
) -> BacktestResult:
    return backtest(
        pa.table(dict(data)),
        reference=pa.table(dict(reference)),
        bucket=f"{rows}rows",
        budget="1 per 720 buckets",
        **more,
    )


def hourly(seed: int, *, days: int, rows: int = 50, start: datetime = NEW_YEAR) -> Columns:
    """A column with a daily cycle of one deviation, beside a plain one, with times."""
    random = np.random.default_rng(seed)
    hours = np.repeat(np.arange(24 * days), rows)
    seconds = hours * 3600 + random.integers(0, 3600, size=len(hours))
    cycle = np.sin(2 * np.pi * hours / 24)
    return {
        "time": [start + timedelta(seconds=int(s)) for s in np.sort(seconds)],
        "daily": cycle + random.normal(size=len(hours)),
        "plain": random.normal(size=len(hours)),
    }
