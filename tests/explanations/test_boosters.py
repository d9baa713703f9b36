from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import pytest
import xgboost
from sklearn import pipeline, preprocessing

from watchkeeper.errors import UsageError
from watchkeeper.explanations import Explainer

NAMES = ["speed", "load", "hour"]


def frame(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    found = pd.DataFrame(rng.normal(size=(300, 3)), columns=NAMES)
    found.iloc[::7, 1] = np.nan
    return found


def target(seen: pd.DataFrame, classes: int = 2) -> Any:
    score = seen["speed"] * seen["hour"] + seen["load"].fillna(1)
    return np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))


QUIET = {"n_estimators": 10, "n_jobs": 1, "verbosity": 0}


def lightgbm_model(**settings: Any) -> Any:
    return lightgbm.LGBMClassifier(n_estimators=10, n_jobs=1, verbose=-1, **settings)


def test_lightgbm_s_own_values_are_given() -> None:
    seen = frame()
    model = lightgbm_model().fit(seen, target(seen))
    found = Explainer.of(model).explain(seen)
    own = model.predict(seen, pred_contrib=True)
    assert found.columns == tuple(NAMES)
    assert np.column_stack([found.values, found.base]) == pytest.approx(own)
    assert found.margin == pytest.approx(model.predict(seen, raw_score=True))


@pytest.mark.parametrize("model", [lightgbm_model(), xgboost.XGBClassifier(**QUIET)])
def test_of_many_classes_the_predicted_one_is_explained(model: Any) -> None:
    seen = frame()
    model.fit(seen, target(seen, 3))
    found = Explainer.of(model).explain(seen)
    assert (found.output == model.predict(seen)).all()
    always = Explainer.of(model, label=2).explain(seen)
    assert (always.output == 2).all()
    same = found.output == 2
    assert (always.values[same] == found.values[same]).all()


def test_lightgbm_s_categories_of_one_row_are_told_as_in_the_frame() -> None:
    seen = frame()
    seen["load"] = pd.Categorical(np.random.default_rng(1).choice(["low", "mid", "high"], 300))
    model = lightgbm_model(min_child_samples=5)
    model.fit(seen, (seen["load"] == "high") ^ (seen["speed"] > 0.5))
    explainer = Explainer.of(model, background=seen)
    together = explainer.explain(seen)
    assert together.margin == pytest.approx(model.predict(seen, raw_score=True))
    assert explainer(seen.iloc[5].to_dict()) == pytest.approx(together.row(5))
    assert explainer.explain(pl.from_pandas(seen)).row(5) == pytest.approx(together.row(5))
    assert explainer({**seen.iloc[5].to_dict(), "hour": None}).keys() == set(NAMES)
    with pytest.raises(UsageError, match="columns of categories"):
        Explainer.of(model)


def test_a_booster_of_lightgbm_without_names_takes_them() -> None:
    seen = frame()
    data = lightgbm.Dataset(seen.to_numpy(), target(seen))
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 5)
    found = Explainer.of(booster, columns=NAMES).explain(seen)
    assert found.margin == pytest.approx(booster.predict(seen, raw_score=True))


def test_xgboost_s_contributions_add_up_to_its_margin_at_its_best_round() -> None:
    seen, later = frame(), frame(1)
    model = xgboost.XGBClassifier(**{**QUIET, "n_estimators": 60}, early_stopping_rounds=3)
    model.fit(seen, target(seen), eval_set=[(later, target(later))], verbose=False)
    found = Explainer.of(model).explain(later)
    assert found.margin == pytest.approx(model.predict(later, output_margin=True), abs=1e-5)
    assert Explainer.of(model)(later.iloc[3].to_dict()) == pytest.approx(found.row(3))


def test_a_booster_of_xgboost_is_explained() -> None:
    seen = frame()
    booster = xgboost.train({"nthread": 1}, xgboost.DMatrix(seen, target(seen)), 5)
    found = Explainer.of(booster).explain(seen)
    assert found.margin == pytest.approx(booster.predict(xgboost.DMatrix(seen)), abs=1e-5)


def test_a_booster_behind_a_scaler_is_explained_by_the_inputs() -> None:
    seen = frame()
    model = pipeline.make_pipeline(preprocessing.StandardScaler(), lightgbm_model())
    model.fit(seen.to_numpy(), target(seen))
    found = Explainer.of(model, columns=NAMES).explain(seen)
    own = model[-1].booster_.predict(model[0].transform(seen.to_numpy()), raw_score=True)
    assert found.margin == pytest.approx(own)
