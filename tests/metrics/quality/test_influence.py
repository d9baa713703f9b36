"""The influence function says what leaving a row out does, whatever the metric."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.metrics.quality import Estimated, ScoredRows
from watchkeeper.metrics.quality.binary import BINARY, BinaryRows
from watchkeeper.metrics.quality.multiclass import MULTICLASS, MulticlassRows
from watchkeeper.metrics.quality.multilabel import MULTILABEL, MultilabelRows
from watchkeeper.metrics.quality.regression import REGRESSION, RegressionRows
from watchkeeper.metrics.quality.score_curves import ScoreOrder, roc_auc

from .populations import POPULATIONS

TASKS = {
    "binary": (BINARY, BinaryRows),
    "multiclass": (MULTICLASS, MulticlassRows),
    "multilabel": (MULTILABEL, MultilabelRows),
    "regression": (REGRESSION, RegressionRows),
}
# Which rows are in the top depends on the row left out, step by step, not smoothly.
SMOOTH = [
    (task, name) for task, (metrics, _) in TASKS.items() for name in metrics if name != "lift"
]
ROWS = 400


def without(rows: ScoredRows, row: int) -> ScoredRows:
    kept = np.arange(len(rows)) != row
    assert rows.scores is not None
    return ScoredRows(task=rows.task, labels=rows.labels[kept], scores=rows.scores[kept])


@pytest.mark.parametrize(("task", "name"), SMOOTH)
def test_influence_is_what_leaving_a_row_out_changes(task: str, name: str) -> None:
    population = POPULATIONS[task]
    rows = population.rows(np.random.default_rng(11), ROWS, None)
    metrics, prepared = TASKS[task]

    def find(rows: ScoredRows) -> Estimated:
        found = metrics[name](prepared(rows, population.choice))
        assert isinstance(found, Estimated)
        return found

    full = find(rows)
    assert full.influence.mean() == pytest.approx(0.0, abs=2e-3)
    some = range(0, ROWS, 4)
    left_out = [(ROWS - 1) * (full.value - find(without(rows, row)).value) for row in some]
    influence = full.influence[::4]
    assert np.corrcoef(left_out, influence)[0, 1] > 0.99
    assert np.std(left_out) == pytest.approx(np.std(influence), rel=0.05)


def test_the_variance_of_the_auc_is_delongs() -> None:
    # E. R. DeLong et al. (1988), from the definition: the variance of both sides' placements.
    rng = np.random.default_rng(0)
    negative, positive = rng.normal(size=80).round(1), rng.normal(0.8, 2, size=120).round(1)
    above = positive[:, None] > negative[None, :]
    kernel = above + 0.5 * (positive[:, None] == negative[None, :])
    variance = kernel.mean(axis=1).var(ddof=1) / 120 + kernel.mean(axis=0).var(ddof=1) / 80
    labels = np.array([1.0] * 120 + [0.0] * 80)
    found = roc_auc(ScoreOrder(np.concatenate((positive, negative)), labels))
    assert isinstance(found, Estimated)
    assert found.value == pytest.approx(kernel.mean(), abs=1e-12)
    assert float(found.influence @ found.influence) / 200**2 == pytest.approx(variance, rel=1e-12)
