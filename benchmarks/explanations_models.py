"""Models of 30 inputs that explanations are measured on; the same in every process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn import ensemble, linear_model

INPUTS, ROWS = 30, 5_000
NAMES = tuple(f"x{place}" for place in range(INPUTS))


def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Return rows and labels: ten inputs count, one of them by twelve categories."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(ROWS, INPUTS))
    rows[:, 3] = rng.integers(0, 12, ROWS)
    score = rows[:, 0] * rows[:, 1] + np.isin(rows[:, 3], [2, 5, 7]) + rows[:, 4:11].sum(axis=1) / 3
    return rows, (score + rng.normal(size=ROWS) > 0).astype(int)


def fitted() -> Iterator[tuple[str, Any, int]]:
    """Yield the name of a model, the model, and how many rows of it are explained."""
    import lightgbm

    rows, labels = drawn()
    histograms = {"max_iter": 100, "random_state": 0}
    models = {
        "logistic regression": (linear_model.LogisticRegression(), ROWS),
        "forest, 100 trees of depth 8": (
            ensemble.RandomForestClassifier(100, max_depth=8, random_state=0),
            2_000,
        ),
        "forest, 100 trees, as deep as they grow": (
            ensemble.RandomForestClassifier(100, random_state=0),
            200,
        ),
        "gradient boosting, 100 trees": (
            ensemble.GradientBoostingClassifier(n_estimators=100, random_state=0),
            ROWS,
        ),
        "histogram boosting, 100 trees": (
            ensemble.HistGradientBoostingClassifier(**histograms),
            ROWS,
        ),
        "the same with categories": (
            ensemble.HistGradientBoostingClassifier(categorical_features=[3], **histograms),
            ROWS,
        ),
        "LightGBM, 100 trees": (lightgbm.LGBMClassifier(random_state=0, verbose=-1), ROWS),
    }
    for name, (model, count) in models.items():
        yield name, model.fit(rows, labels), count


def seconds(run: Callable[[], object], times: int) -> float:
    """Return the median processor time of a call, after one that does not count."""
    run()
    taken = []
    for _ in range(times):
        begin = time.process_time()
        run()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)
