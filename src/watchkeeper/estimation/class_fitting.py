"""What is learnt of a classifier on its reference."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import NotEnoughDataError
from watchkeeper.estimation.classifier import (
    ClassChoice,
    ClassEstimator,
    class_metrics_of,
    joined,
)
from watchkeeper.estimation.correction import remember
from watchkeeper.estimation.label_model import fit_label_model, with_score
from watchkeeper.estimation.predictions import ClassPredictions, one_hot
from watchkeeper.estimation.pseudo_shifts import pseudo_shifts
from watchkeeper.estimation.reweighting import place
from watchkeeper.estimation.spread import label_variance
from watchkeeper.estimation.support import fit_support

Floats = NDArray[np.float64]

LEAST_ROWS = 500
"""Labelled rows of the reference that are needed."""
LEAST_OF_CLASS = 20
"""Labelled rows of each class that are needed."""
MOST_ROWS = 40_000
"""Of more rows of a reference, so many random ones are learnt from."""
_PSEUDO_SHIFTS, _PSEUDO_ROWS = 60, 2_000


def fit_class_estimator(
    rows: ClassPredictions,
    labels: NDArray[np.int64],
    classes: tuple[str, ...],
    choice: ClassChoice | None = None,
    *,
    seed: int = 0,
) -> ClassEstimator:
    """Learn to estimate a classifier's performance.

    Parameters
    ----------
    rows
        The reference: rows that the classifier was not trained on.
    labels
        Index of the true class of each row, shape (rows,).
    classes
        Names; of two, the second is the positive one.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 500 rows, or 20 of a class.

    References
    ----------
    J. Bialek, J. Kivimaki, W. Kuberski, N. Perrakis (2024), Estimating model performance under
    covariate shift without labels.
    """
    choice = choice or ClassChoice()
    _require_enough(labels, classes)
    if len(labels) > MOST_ROWS:
        kept = np.random.default_rng(seed).permutation(len(labels))[:MOST_ROWS]
        rows, labels = rows.take(kept), labels[kept]
    asked = [1] if len(classes) == 2 else list(range(len(classes)))
    fitted = [
        fit_label_model(
            rows.scores[:, k], (labels == k).astype(np.float64), rows.inputs, seed=seed + 100 * k
        )
        for k in asked
    ]
    expected = joined([part.out_of_fold for part in fitted])
    known = with_score(rows.inputs, rows.scores[:, -1])
    support = fit_support(known, seed=seed)
    placed = place(support.columns, known, seed=seed)
    estimator = ClassEstimator(
        classes=classes,
        choice=choice,
        models=tuple(part.model for part in fitted),
        placed=placed,
        remembered=remember(placed, expected, labels),
        support=support,
        own_variances=dict.fromkeys(class_metrics_of(choice, len(classes)), 0.0),
        reference_rows=len(labels),
    )
    return _with_own_variances(estimator, rows, labels, expected, seed)


def _with_own_variances(
    estimator: ClassEstimator,
    rows: ClassPredictions,
    labels: NDArray[np.int64],
    expected: Floats,
    seed: int,
) -> ClassEstimator:
    """Return the estimator with its errors on shifted samples of the reference."""
    truth = one_hot(labels, len(estimator.classes))
    excess: dict[str, list[float]] = {name: [] for name in estimator.metrics}
    size = min(_PSEUDO_ROWS, len(labels) // 3)
    inputs = with_score(rows.inputs, rows.scores[:, -1])
    for chosen in pseudo_shifts(inputs, rows=size, count=_PSEUDO_SHIFTS, seed=seed):
        part = rows.take(chosen)
        for name, found in excess.items():
            guessed = estimator.value(name, expected[chosen], part)
            real = estimator.value(name, truth[chosen], part)
            if not math.isnan(guessed.value) and not math.isnan(real.value):
                chance = label_variance(expected[chosen], guessed)
                found.append((guessed.value - real.value) ** 2 - chance)
    variances = {name: max(float(np.mean(v)), 0.0) if v else 0.0 for name, v in excess.items()}
    return replace(estimator, own_variances=variances)


def _require_enough(labels: NDArray[np.int64], classes: tuple[str, ...]) -> None:
    counts = np.bincount(labels, minlength=len(classes))
    if len(labels) < LEAST_ROWS or counts.min() < LEAST_OF_CLASS:
        rarest = int(np.argmin(counts))
        raise NotEnoughDataError(
            f"the reference has {len(labels)} rows with a label, {counts[rarest]} of class"
            f" {classes[rarest]!r}; to estimate performance without labels, {LEAST_ROWS} are"
            f" needed and {LEAST_OF_CLASS} of each class"
        )
