"""The model that is watched: minutes of arrival delay, predicted at the scheduled departure."""

from __future__ import annotations

import numpy as np
from flights import Flights
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

_FOLDS = 3


def train(flights: Flights, until: int) -> tuple[HistGradientBoostingRegressor, np.ndarray]:
    """Train on the first ``until`` flights and predict them as well, never having seen them.

    The reference's predictions come from models that were trained on the other days, since a
    model knows its own training data better than anything it meets later.
    """
    inputs = inputs_of(flights)[:until]
    delay = flights.arrival_delay[:until]
    fold = flights.days()[:until].astype(int) % _FOLDS
    unseen = np.empty(until)
    for held_out in range(_FOLDS):
        here = fold == held_out
        unseen[here] = _fit(flights, inputs[~here], delay[~here]).predict(inputs[here])
    return _fit(flights, inputs, delay), unseen


def inputs_of(flights: Flights) -> np.ndarray:
    """Lay out what the model sees: one row per flight, categories as their codes."""
    codes = [category.codes for category in flights.categories.values()]
    return np.column_stack([*codes, *flights.numbers.values()])


def _fit(flights: Flights, inputs: np.ndarray, delay: np.ndarray) -> HistGradientBoostingRegressor:
    arrived = ~np.isnan(delay)
    # One thread: on a busy machine, threads that wait for each other take many times as long.
    trees = HistGradientBoostingRegressor(
        max_iter=100,
        learning_rate=0.1,
        categorical_features=list(range(len(flights.categories))),
        random_state=0,
    )
    with threadpool_limits(1):
        return trees.fit(inputs[arrived], delay[arrived])
