"""A backtest tells how many rows are unlike all of the reference's, and when they came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import numpy as np
import pyarrow as pa
import pytest
from msgspec import UNSET
from rich.console import Console

from watchkeeper import backtest
from watchkeeper.pipeline import BacktestResult
from watchkeeper.pipeline.result_outliers import BacktestOutliers
from watchkeeper.report import table, to_html

START = datetime(2026, 1, 1, tzinfo=UTC)
REFERENCE_DAYS, DAYS, A_DAY, ODD_DAY = 20, 40, 200, 30


def days(*, odd: int = 0) -> pa.Table:
    """Return rows of two columns that follow each other, on one day for some of them not."""
    rng = np.random.default_rng(0)
    size = DAYS * A_DAY
    x = rng.normal(size=size)
    y = x + rng.normal(0.0, 0.2, size)
    first = ODD_DAY * A_DAY
    y[first : first + odd] = -x[first : first + odd] - np.sign(x[first : first + odd]) * 2.0
    times = [START + timedelta(minutes=1440 / A_DAY * i) for i in range(size)]
    return pa.table({"time": times, "x": x, "y": y})


def watched(data: pa.Table, **more: object) -> BacktestResult:
    until = START + timedelta(days=REFERENCE_DAYS)
    more = {"reference_until": until, "bucket": "1d", **more}
    return backtest(data, time="time", **more)  # type: ignore[arg-type]


def test_the_day_of_the_outliers_is_told_with_their_columns() -> None:
    result = watched(days(odd=100))
    found = result.outliers
    assert isinstance(found, BacktestOutliers)
    assert found.risen and set(found.columns) == {"x", "y"}
    assert found.rows == (DAYS - REFERENCE_DAYS) * A_DAY
    ratios = [ratio or 0.0 for ratio in found.bucket_ratio]
    assert int(np.argmax(ratios)) == ODD_DAY - REFERENCE_DAYS
    assert max(ratios) == pytest.approx(0.5, abs=0.02)
    assert 'id="outliers"' in to_html(result, title="A test")
    out = StringIO()
    Console(file=out, width=80).print(table(result))
    assert "unlike the reference's" in " ".join(out.getvalue().split())


def test_buckets_of_rows_are_counted_by_their_rows() -> None:
    data = days(odd=100)
    edge = REFERENCE_DAYS * A_DAY
    found = backtest(data.slice(edge), reference=data.slice(0, edge), bucket="200rows").outliers
    assert isinstance(found, BacktestOutliers)
    ratios = [ratio or 0.0 for ratio in found.bucket_ratio]
    assert int(np.argmax(ratios)) == ODD_DAY - REFERENCE_DAYS


def test_rows_like_the_references_are_no_news() -> None:
    result = watched(days())
    assert isinstance(result.outliers, BacktestOutliers)
    assert not result.outliers.risen
    assert 'id="outliers"' not in to_html(result, title="A test")


def test_a_reference_without_rows_to_learn_from_says_nothing() -> None:
    thin = days().take(pa.array(range(0, DAYS * A_DAY, A_DAY // 2)))
    assert watched(thin).outliers is UNSET
