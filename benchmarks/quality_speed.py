"""All metrics of a million labelled predictions, with their intervals.

Binary predictions, one row each and of 100,000 users with ten rows each; the median of five runs,
after one that is not counted. scikit-learn's values of the metrics that it has, without
intervals, for comparison.

    python benchmarks/quality_speed.py

Exit code 1 if a million independent rows take 2 seconds or more, or rows of users.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from sklearn import metrics as peer

from watchkeeper.metrics.quality import QualityChoice, ScoredRows, measure

ROWS = 1_000_000
LIMIT_SECONDS = 2.0
COSTS = ((0.0, 1.0), (10.0, -2.0))


def rows(*, users: bool) -> ScoredRows:
    """Return predictions of a fairly good model."""
    rng = np.random.default_rng(0)
    scores = rng.beta(2.0, 5.0, ROWS)
    labels = (rng.random(ROWS) < scores).astype(np.int64)
    entities = rng.integers(0, ROWS // 10, ROWS) if users else None
    return ScoredRows(task="binary", labels=labels, scores=scores, entities=entities)


def seconds(run: Callable[[], object]) -> float:
    """Return the median time of five runs."""
    run()
    taken = []
    for _ in range(5):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def by_peer(data: ScoredRows) -> None:
    """Compute the values that scikit-learn has."""
    labels, scores = data.labels, data.scores
    assert scores is not None
    predicted = scores >= 0.5
    peer.roc_auc_score(labels, scores)
    peer.average_precision_score(labels, scores)
    peer.log_loss(labels, scores)
    peer.brier_score_loss(labels, scores)
    for metric in (
        peer.accuracy_score,
        peer.balanced_accuracy_score,
        peer.precision_score,
        peer.recall_score,
        peer.f1_score,
        peer.matthews_corrcoef,
    ):
        metric(labels, predicted)


def main() -> int:
    """Measure, print, and say whether the limits hold."""
    choice, missed = QualityChoice(cost_matrix=COSTS), False
    for users in (False, True):
        data = rows(users=users)
        found = measure(data, choice)
        assert all(one.value is not None for one in found)
        taken = seconds(lambda data=data: measure(data, choice))
        missed |= taken >= LIMIT_SECONDS
        kind = "100,000 users" if users else "independent rows"
        print(f"{len(found)} metrics with intervals, {ROWS:,} rows, {kind}: {taken:.2f} s")
    taken = seconds(lambda: by_peer(rows(users=False)))
    print(f"scikit-learn, 10 values without intervals: {taken:.2f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
