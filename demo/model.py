"""The models that are watched: what they predict at the scheduled departure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flights import Flights
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from watchkeeper import Explainer

_FOLDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What was predicted of each flight, and the model that serves after the first of them."""

    outputs: np.ndarray
    inputs: np.ndarray
    names: list[str]
    model: HistGradientBoostingClassifier | HistGradientBoostingRegressor

    def reasons(self, rows: np.ndarray) -> list[dict[str, float]]:
        """Return what each input of some flights contributes to what the model says of them."""
        explained = Explainer.of(self.model, columns=self.names).explain(self.inputs[rows])
        return [dict(zip(self.names, row, strict=True)) for row in explained.values.tolist()]


def predict(flights: Flights, target: np.ndarray, until: int) -> Predicted:
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
    outputs = np.empty(len(flights))
    for held_out in range(_FOLDS):
        here = np.flatnonzero(fold == held_out)
        model = _trained(inputs, target, np.flatnonzero(fold != held_out), len(codes))
        outputs[here] = _asked(model, inputs[here])
    model = _trained(inputs, target, np.arange(until), len(codes))
    outputs[until:] = _asked(model, inputs[until:])
    names = [*flights.categories, *flights.numbers]
    return Predicted(outputs=outputs, inputs=inputs, names=names, model=model)


def _trained(
    inputs: np.ndarray, target: np.ndarray, rows: np.ndarray, categories: int
) -> HistGradientBoostingClassifier | HistGradientBoostingRegressor:
    """Learn from rows of inputs, of which the first columns are codes of categories."""
    settings = {
        "max_iter": 100,
        "learning_rate": 0.1,
        "categorical_features": list(range(categories)),
        "random_state": 0,
    }
    # One thread: on a busy machine, threads that wait for each other take many times as long.
    with threadpool_limits(1):
        if target.dtype == bool:
            return HistGradientBoostingClassifier(**settings).fit(inputs[rows], target[rows])
        known = rows[~np.isnan(target[rows])]
        return HistGradientBoostingRegressor(**settings).fit(inputs[known], target[known])


def _asked(
    model: HistGradientBoostingClassifier | HistGradientBoostingRegressor, inputs: np.ndarray
) -> np.ndarray:
    with threadpool_limits(1):
        if isinstance(model, HistGradientBoostingClassifier):
            return model.predict_proba(inputs)[:, 1]
        return model.predict(inputs)
