"""Hours of predictions whose labels are known, and what a backtest makes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.watched_store import START
from watchkeeper.pipeline import BacktestResult, backtest
from watchkeeper.pipeline.result_performance import BacktestPerformance

REFERENCE_HOURS, HOURS, ROWS = 100, 140, 40
UNTIL = START + timedelta(hours=REFERENCE_HOURS)


def predictions(*, broken_from: int = HOURS, seed: int = 0) -> pa.Table:
    """A score that says how likely the label is; from an hour on it says nothing any more."""
    random = np.random.default_rng(seed)
    hours = np.repeat(np.arange(HOURS), ROWS)
    seconds = hours * 3600 + np.tile(np.arange(ROWS) * 90, HOURS)
    x = random.normal(size=len(hours))
    score = 1 / (1 + np.exp(-2 * x))
    chance = np.where(hours < broken_from, score, 1 - score)
    return pa.table(
        {
            "time": pa.array(
                [START + timedelta(seconds=int(s)) for s in seconds], pa.timestamp("us", "UTC")
            ),
            "x": x,
            "region": pa.array(np.array(["north", "south"])[random.integers(0, 2, len(hours))]),
            "user": pa.array([f"u{n}" for n in random.integers(0, 300, len(hours))]),
            "score": score,
            "bought": pa.array(random.random(len(hours)) < chance),
        }
    )


def run(data: Any = None, **more: Any) -> BacktestResult:
    settings = {
        "time": "time",
        "reference_until": UNTIL,
        "bucket": "1h",
        "columns": ["x"],
        "output": "score",
        "label": "bought",
        "estimates": False,
        "explain": False,
        **more,
    }
    return backtest(predictions() if data is None else data, **settings)


def performance_of(result: BacktestResult) -> BacktestPerformance:
    assert isinstance(result.performance, BacktestPerformance)
    return result.performance
