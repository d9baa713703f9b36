"""scikit-learn's trees, read node by node, and how its ensembles add them up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import UsageError
from watchkeeper.explanations.tree_paths import CATEGORY_PLACES, Tree, leaf_paths
from watchkeeper.explanations.tree_shap import TreeSum

_SINGLE = {
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreeClassifier",
    "ExtraTreeRegressor",
}
_AVERAGED = {
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
}
_BOOSTED = {"GradientBoostingClassifier", "GradientBoostingRegressor"}
_HISTOGRAMS = {"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"}

#: scikit-learn's models of trees that can be read.
TREE_MODELS = frozenset(_SINGLE | _AVERAGED | _BOOSTED | _HISTOGRAMS)


def tree_sums(model: Any, kind: str) -> tuple[TreeSum, ...]:
    """Return one sum of trees for each output of the margin.

    A binary classifier has one output, of its second class. Of boosted trees it is the log-odds
    (one by class, before the softmax, where there are more), of a forest the probability.

    Parameters
    ----------
    model
        Fitted.
    kind
        Name of its class, one of ``TREE_MODELS``.
    """
    if kind in _HISTOGRAMS:
        return _histograms(model)
    if kind in _BOOSTED:
        return _boosted(model)
    if int(model.n_outputs_) != 1:
        message = (
            f"This {kind} was fitted to {model.n_outputs_} targets at once; one target can be"
            " explained. Fit one model for each, or give the SHAP values of another tool."
        )
        raise UsageError(message)
    members = [model] if kind in _SINGLE else list(model.estimators_)
    return _averaged([member.tree_ for member in members], model.n_features_in_)


def _averaged(trees: list[Any], width: int) -> tuple[TreeSum, ...]:
    classes = trees[0].value.shape[2]
    chosen = [1] if classes == 2 else list(range(classes))
    return tuple(
        _sum([_tree(tree, tree.value[:, 0, output] / len(trees)) for tree in trees], width=width)
        for output in chosen
    )


def _boosted(model: Any) -> tuple[TreeSum, ...]:
    offsets = _first_guess(model)
    rate = model.learning_rate
    return tuple(
        _sum(
            [_tree(one.tree_, one.tree_.value[:, 0, 0] * rate) for one in model.estimators_[:, k]],
            width=model.n_features_in_,
            offset=float(offset),
        )
        for k, offset in enumerate(offsets)
    )


def _first_guess(model: Any) -> NDArray[np.float64]:
    """Return the margin before the first tree, one number for each output."""
    outputs = model.estimators_.shape[1]
    if model.init_ == "zero":
        return np.zeros(outputs)
    if type(model.init_).__name__ not in {"DummyClassifier", "DummyRegressor"}:
        message = (
            "This gradient boosting begins from another model (init=); the contributions to that"
            " one are not known. Fit it without init=, or give the SHAP values of another tool."
        )
        raise UsageError(message)
    row = np.zeros((1, model.n_features_in_))
    if not hasattr(model.init_, "predict_proba"):
        return np.asarray(model.init_.predict(row), float).ravel()
    least = np.finfo(np.float32).eps
    shares = np.clip(np.asarray(model.init_.predict_proba(row)[0], float), least, 1 - least)
    if outputs > 1:
        logs: NDArray[np.float64] = np.log(shares) - np.log(shares).mean()
        return logs
    log_odds: NDArray[np.float64] = np.log(shares[1:] / shares[:1])
    return log_odds * (0.5 if model.loss == "exponential" else 1.0)


def _tree(tree: Any, value: NDArray[np.float64]) -> Tree:
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        is_leaf=tree.children_left < 0,
        feature=tree.feature,
        threshold=tree.threshold,
        missing_left=np.asarray(tree.missing_go_to_left, bool),
        cover=tree.weighted_n_node_samples,
        value=value,
    )


def _histograms(model: Any) -> tuple[TreeSum, ...]:
    # Not public; tests hold the sums against decision_function, and so does Explainer.of.
    known, place_of = model._bin_mapper.make_known_categories_bitsets()
    outputs = zip(*model._predictors, strict=True)
    offsets = np.ravel(model._baseline_prediction)
    return tuple(
        _sum(
            [_histogram_tree(one, known, place_of) for one in trees],
            width=model._n_features,
            offset=float(offset),
        )
        for trees, offset in zip(outputs, offsets, strict=True)
    )


def _histogram_tree(
    predictor: Any, known: NDArray[np.uint32], place_of: NDArray[np.uint32]
) -> Tree:
    nodes = predictor.nodes
    missing_left = nodes["missing_go_to_left"].astype(bool)
    goes_left = {}
    for node in np.flatnonzero(nodes["is_categorical"] & ~nodes["is_leaf"].astype(bool)):
        seen = _codes(known[place_of[nodes["feature_idx"][node]]])
        chosen = _codes(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
        goes_left[int(node)] = np.where(seen | chosen, chosen, missing_left[node])
    return Tree(
        left=nodes["left"],
        right=nodes["right"],
        is_leaf=nodes["is_leaf"].astype(bool),
        feature=nodes["feature_idx"],
        threshold=nodes["num_threshold"],
        missing_left=missing_left,
        cover=nodes["count"].astype(float),
        value=nodes["value"],
        goes_left=goes_left,
    )


def _codes(bits: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return by code whether its bit is set; the last place, of what is missing, is not."""
    found = np.zeros(CATEGORY_PLACES, bool)
    found[:-1] = ((bits[:, None] >> np.arange(32, dtype=np.uint32)) & 1).ravel()
    return found


def _sum(trees: Iterable[Tree], *, width: int, offset: float = 0.0) -> TreeSum:
    return TreeSum(width=int(width), offset=offset, paths=leaf_paths(trees))
