from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import ensemble, tree

from watchkeeper.errors import UsageError
from watchkeeper.explanations import Explainer

from .brute_force import shapley, tree_worth

NAMES = ["a", "b", "c", "d"]


def rows(seed: int, count: int = 200, *, missing: bool = False) -> Any:
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(count, 4)).round(1)
    if missing:
        found[rng.random(found.shape) < 0.15] = np.nan
    return found


def target(seen: Any, classes: int = 2) -> Any:
    score = np.nan_to_num(seen)[:, 0] * np.nan_to_num(seen)[:, 1] + np.nan_to_num(seen)[:, 2]
    return np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), missing=st.booleans(), depth=st.integers(1, 6))
def test_a_tree_is_given_the_shapley_values_of_its_game(
    seed: int, missing: bool, depth: int
) -> None:
    seen = rows(seed, missing=missing)
    weights = np.random.default_rng(seed).integers(0, 3, len(seen))
    model = tree.DecisionTreeRegressor(max_depth=depth, random_state=0)
    model.fit(seen, target(seen, 9), weights)
    found = Explainer.of(model, columns=NAMES).explain(seen[:3])
    for row, values in zip(seen[:3], found.values, strict=True):
        worth = tree_worth(model.tree_, row, model.tree_.value[:, 0, 0])
        assert values == pytest.approx(shapley(worth, 4), abs=1e-9)


MODELS = {
    "tree": tree.DecisionTreeClassifier(max_depth=5),
    "extra tree": tree.ExtraTreeRegressor(max_depth=6, random_state=0),
    "forest": ensemble.RandomForestClassifier(8, random_state=0),
    "extra trees": ensemble.ExtraTreesClassifier(8, random_state=0),
    "forest of a regression": ensemble.RandomForestRegressor(8, random_state=0),
    "boosting": ensemble.GradientBoostingClassifier(n_estimators=8),
    "boosting by weights": ensemble.GradientBoostingClassifier(n_estimators=8, loss="exponential"),
    "boosting from zero": ensemble.GradientBoostingRegressor(n_estimators=8, init="zero"),
    "boosting of a quantile": ensemble.GradientBoostingRegressor(n_estimators=8, loss="quantile"),
    "histograms": ensemble.HistGradientBoostingClassifier(max_iter=8),
    "histograms of a regression": ensemble.HistGradientBoostingRegressor(max_iter=8),
}


def margin(model: Any, seen: Any) -> Any:
    """What a model adds up, by its own words; of many classes a column each."""
    if hasattr(model, "decision_function"):
        return model.decision_function(seen)
    if not hasattr(model, "predict_proba"):
        return model.predict(seen)
    shares = model.predict_proba(seen)
    return shares[:, 1] if shares.shape[1] == 2 else shares


@pytest.mark.parametrize("name", MODELS)
def test_base_and_contributions_add_up_to_the_margin(name: str) -> None:
    seen = rows(1, missing="boosting" not in name)
    model = MODELS[name].fit(seen, target(seen))
    explained = Explainer.of(model, background=seen, columns=NAMES).explain(seen)
    assert explained.margin == pytest.approx(margin(model, seen), abs=1e-9)


@pytest.mark.parametrize("name", ["tree", "forest", "boosting", "histograms"])
def test_of_many_classes_the_predicted_one_is_explained(name: str) -> None:
    seen = rows(2)
    model = MODELS[name].fit(seen, target(seen, 4) * 10)
    explained = Explainer.of(model, background=seen, columns=NAMES).explain(seen)
    assert (model.classes_[explained.output] == model.predict(seen)).all()
    assert explained.margin == pytest.approx(margin(model, seen).max(axis=1), abs=1e-9)


def test_categories_of_histograms_are_followed_wherever_their_column_stands() -> None:
    seen = rows(3, 600, missing=True)
    seen[:, 2] = np.random.default_rng(3).integers(0, 9, 600)
    truth = np.isin(seen[:, 2], [1, 4, 7]) * 2 + np.nan_to_num(seen[:, 0])
    model = ensemble.HistGradientBoostingRegressor(max_iter=20, categorical_features=[2])
    model.fit(seen, truth)
    strange = seen.copy()
    strange[:200, 2] = np.nan
    strange[200:400, 2] = 77  # never seen
    explained = Explainer.of(model, background=seen, columns=NAMES).explain(strange)
    assert explained.margin == pytest.approx(model.predict(strange), abs=1e-9)
    assert np.abs(explained.values).mean(axis=0).argmax() == 2


def test_histograms_of_counts_are_explained_by_their_logarithm() -> None:
    seen = rows(6)
    model = ensemble.HistGradientBoostingRegressor(max_iter=5, loss="poisson")
    model.fit(seen, target(seen, 5))
    explained = Explainer.of(model, background=seen, columns=NAMES).explain(seen)
    assert np.exp(explained.margin) == pytest.approx(model.predict(seen))


def test_a_row_alone_and_among_many_is_explained_alike() -> None:
    seen = rows(4, 5000)
    model = ensemble.RandomForestRegressor(5, random_state=0).fit(seen, target(seen, 9))
    explainer = Explainer.of(model, columns=NAMES)
    together = explainer.explain(seen)
    alone = explainer(dict(zip(NAMES, seen[4321], strict=True)))
    assert alone == pytest.approx(together.row(4321), abs=1e-12)


def test_boosting_that_begins_from_another_model_is_refused() -> None:
    seen = rows(5)
    model = ensemble.GradientBoostingRegressor(n_estimators=3, init=tree.DecisionTreeRegressor())
    with pytest.raises(UsageError, match="init="):
        Explainer.of(model.fit(seen, target(seen)), columns=NAMES)
