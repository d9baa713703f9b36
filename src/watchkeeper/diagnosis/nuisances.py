"""What trees expect of rows that they have not seen: the quantity, and which side a row is on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis.coded_columns import NULL_CODE, CodedColumn
from watchkeeper.errors import SettingsError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_FOLDS = 3
_MOST_VALUES = 250
_CLIP = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuisances:
    """Expected by the inputs: the quantity, and the chance of a current row, shape (rows,)."""

    value: Floats
    is_current: Floats


def fit_nuisances(
    columns: Sequence[CodedColumn],
    values: Floats,
    is_current: Flags,
    *,
    clusters: Ints | None,
    rng: np.random.Generator,
) -> Nuisances:
    """Return what gradient-boosted trees expect of each row, fitted on two thirds without it.

    Rows of one cluster are in one fold.

    Raises
    ------
    SettingsError
        If scikit-learn is not installed.

    References
    ----------
    V. Chernozhukov et al. (2018), Double/debiased machine learning, Econometrics Journal 21.
    """
    trees, limits = _trees()
    design = np.stack([_feature(column) for column in columns], axis=1)
    is_category = [column.edges is None and column.size <= _MOST_VALUES for column in columns]
    units = np.arange(len(values)) if clusters is None else clusters
    names, of = np.unique(units, return_inverse=True)
    fold = rng.integers(0, _FOLDS, len(names))[of]
    is_flag = bool(((values == 0.0) | (values == 1.0)).all()) and 0.0 < values.mean() < 1.0
    settings: dict[str, Any] = {
        "max_iter": 50,
        "learning_rate": 0.15,
        "max_leaf_nodes": 15,
        "min_samples_leaf": 50,
        "l2_regularization": 5.0,
        "early_stopping": True,
        "categorical_features": is_category,
        "random_state": int(rng.integers(2**31)),
    }
    found = {"value": np.empty(len(values)), "side": np.empty(len(values))}
    # One thread: those that wait for each other take all of a busy machine.
    with limits(limits=1, user_api="openmp"):
        for one in range(_FOLDS):
            test = fold == one
            side = trees.HistGradientBoostingClassifier(**settings)
            side.fit(design[~test], is_current[~test])
            found["side"][test] = side.predict_proba(design[test])[:, 1]
            if is_flag and len(np.unique(values[~test])) == 2:
                loss = trees.HistGradientBoostingClassifier(**settings)
                loss.fit(design[~test], values[~test] > 0.5)
                found["value"][test] = loss.predict_proba(design[test])[:, 1]
            else:
                loss = trees.HistGradientBoostingRegressor(**settings)
                loss.fit(design[~test], values[~test])
                found["value"][test] = loss.predict(design[test])
    return Nuisances(value=found["value"], is_current=np.clip(found["side"], _CLIP, 1.0 - _CLIP))


def _trees() -> tuple[Any, Any]:
    try:
        from sklearn import ensemble
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise SettingsError(
            "telling inputs from relationship needs scikit-learn; install it with"
            " `pip install 'watchkeeper[quality]'`"
        ) from error
    return ensemble, threadpool_limits


def _feature(column: CodedColumn) -> NDArray[np.float32]:
    codes = column.codes.astype(np.float32)
    codes[column.codes == NULL_CODE] = np.nan
    return codes
