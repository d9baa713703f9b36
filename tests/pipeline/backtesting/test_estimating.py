"""A backtest shows what estimates without labels would have said, and whether they were right."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from pipeline.backtesting.labelled import HOURS, REFERENCE_HOURS, ROWS, performance_of, predictions
from pipeline.backtesting.labelled import run as run_backtest
from watchkeeper.pipeline.backtesting.estimating import MOST_BUCKETS
from watchkeeper.pipeline.result_performance import BacktestEstimates, BacktestPerformance
from watchkeeper.report import to_html

WATCHED = HOURS - REFERENCE_HOURS


def estimated(found: BacktestPerformance) -> BacktestEstimates:
    assert found.estimates is not None
    return found.estimates


@pytest.fixture(scope="module")
def found() -> BacktestPerformance:
    return performance_of(run_backtest(estimates=True))


def test_estimates_stand_beside_what_was_measured(found: BacktestPerformance) -> None:
    estimates = estimated(found)
    assert {"roc_auc", "accuracy", "brier"} <= {one.metric for one in estimates.series}
    accuracy = next(one for one in estimates.series if one.metric == "accuracy")
    assert len(accuracy.value) == len(estimates.refused) == WATCHED
    assert estimates.every == -(-WATCHED // MOST_BUCKETS)
    known = [value for value in accuracy.value if value is not None]
    assert np.mean(known) == pytest.approx(0.78, abs=0.05)


def test_estimates_of_an_unchanged_model_cover_at_their_level(found: BacktestPerformance) -> None:
    for score in estimated(found).scores:
        assert score.inside_ratio >= 0.8, score
        assert score.steps >= 0.9 * WATCHED
    assert any("Estimates of ROC AUC without labels were off by" in line for line in found.said)


def test_a_relation_that_breaks_is_not_seen_by_estimates_and_their_score_shows_it() -> None:
    broken = performance_of(run_backtest(predictions(broken_from=105), estimates=True))
    score = next(one for one in estimated(broken).scores if one.metric == "accuracy")
    assert score.bias > 0.3
    assert score.inside_ratio < 0.4


def test_inputs_outside_the_reference_are_refused_with_the_reason() -> None:
    data = predictions()
    x = data.column("x").to_numpy() + np.where(np.arange(data.num_rows) >= 120 * ROWS, 20.0, 0.0)
    moved = data.set_column(data.column_names.index("x"), "x", pa.array(x))
    found = performance_of(run_backtest(moved, estimates=True))
    estimates = estimated(found)
    assert all(reason is None for reason in estimates.refused[:20])
    assert all("x" in str(reason) for reason in estimates.refused[20:])
    assert any("nothing could be estimated" in line for line in found.said)
    page = to_html(run_backtest(moved, estimates=True), title="t")
    assert "estimate refused" in page and 'class="estimated"' in page


def test_without_estimates_all_else_is_the_same(found: BacktestPerformance) -> None:
    plain = performance_of(run_backtest(estimates=False))
    assert plain.estimates is None
    assert plain.series == found.series


def test_a_reference_with_too_few_labels_says_so() -> None:
    data = predictions()
    is_known = np.arange(data.num_rows) >= REFERENCE_HOURS * ROWS - 200
    labels = pa.array(data.column("bought").to_pylist(), mask=~is_known)
    data = data.set_column(data.column_names.index("bought"), "bought", labels)
    found = performance_of(run_backtest(data, estimates=True))
    assert found.estimates is None
    assert any("500" in line for line in found.said)


def test_numbers_are_estimated_too() -> None:
    data = predictions()
    noise = np.random.default_rng(0).normal(size=data.num_rows)
    data = data.append_column("price", pa.array(data.column("score").to_numpy() + noise))
    found = performance_of(run_backtest(data, label="price", estimates=True))
    mae = next(one for one in estimated(found).scores if one.metric == "mae")
    assert mae.inside_ratio >= 0.8
