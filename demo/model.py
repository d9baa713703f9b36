"""The models that are watched: what they predict at the scheduled departure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flights import Flights
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

_FOLDS = 3


def predict(flights: Flights, target: np.ndarray, until: int) -> np.ndarray:
    """Train on the first ``until`` flights and predict all, those too without having seen them.

    The predictions of the flights that a model learns from come from models that were trained on
    the other days, since a model knows its own training data better than anything it meets later.

    Parameters
    ----------
    target
        One entry per flight: a number, NaN where it is not known; or a boolean, whose probability
        is predicted.
    """
    codes = [category.codes for category in flights.categories.values()]
    inputs = np.column_stack([*codes, *flights.numbers.values()])
    fold = flights.days()[:until].astype(int) % _FOLDS
    found = np.empty(len(flights))
    for held_out in range(_FOLDS):
        here = np.flatnonzero(fold == held_out)
        predicting = _trained(inputs, target, np.flatnonzero(fold != held_out), len(codes))
        found[here] = predicting(inputs[here])
    found[until:] = _trained(inputs, target, np.arange(until), len(codes))(inputs[until:])
    return found


def _trained(
    inputs: np.ndarray, target: np.ndarray, rows: np.ndarray, categories: int
) -> Callable[[np.ndarray], np.ndarray]:
    """Return what predicts rows of inputs, of which the first columns are codes of categories."""
    settings = {
        "max_iter": 100,
        "learning_rate": 0.1,
        "categorical_features": list(range(categories)),
        "random_state": 0,
    }
    # One thread: on a busy machine, threads that wait for each other take many times as long.
    with threadpool_limits(1):
        if target.dtype == bool:
            classifier = HistGradientBoostingClassifier(**settings).fit(inputs[rows], target[rows])
            return lambda asked: classifier.predict_proba(asked)[:, 1]
        known = rows[~np.isnan(target[rows])]
        regressor = HistGradientBoostingRegressor(**settings).fit(inputs[known], target[known])
        return regressor.predict
