from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import compose, discriminant_analysis, linear_model, pipeline, preprocessing, svm
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer

from watchkeeper.errors import UsageError
from watchkeeper.explanations import Explainer

from .brute_force import shapley

NAMES = ["a", "b", "c"]
ROWS = np.random.default_rng(0).normal(size=(300, 3))
TRUTH = (ROWS[:, 0] - ROWS[:, 1] > 0).astype(int)


@settings(max_examples=25, deadline=None)
@given(
    weights=st.lists(st.floats(-5, 5), min_size=3, max_size=3),
    row=st.lists(st.floats(-100, 100), min_size=3, max_size=3),
)
def test_a_linear_model_is_given_the_shapley_values_against_the_means(
    weights: list[float], row: list[float]
) -> None:
    model = linear_model.LinearRegression().fit(ROWS, ROWS @ weights + 2)
    means = ROWS.mean(axis=0)

    def worth(known: frozenset[int]) -> float:
        seen = [row[place] if place in known else means[place] for place in range(3)]
        return float(model.predict([seen])[0])

    explained = Explainer.of(model, background=ROWS, columns=NAMES)
    found = explained(dict(zip(NAMES, row, strict=True)))
    assert list(found.values()) == pytest.approx(shapley(worth, 3), abs=1e-8)


@pytest.mark.parametrize(
    "model",
    [
        linear_model.LogisticRegression(),
        linear_model.SGDClassifier(random_state=0),
        linear_model.RidgeClassifier(),
        svm.LinearSVC(),
        svm.SVC(kernel="linear"),
        discriminant_analysis.LinearDiscriminantAnalysis(),
    ],
)
def test_of_a_classifier_the_decision_function_is_explained(model: Any) -> None:
    model.fit(ROWS, TRUTH)
    explained = Explainer.of(model, background=ROWS, columns=NAMES).explain(ROWS)
    assert explained.margin == pytest.approx(model.decision_function(ROWS), abs=1e-9)


def test_of_many_classes_the_predicted_one_is_explained() -> None:
    classes = np.digitize(ROWS[:, 0], [-0.5, 0.5])
    model = linear_model.LogisticRegression().fit(ROWS, np.array(["x", "y", "z"])[classes])
    explained = Explainer.of(model, background=ROWS, columns=NAMES).explain(ROWS)
    assert (model.classes_[explained.output] == model.predict(ROWS)).all()
    always = Explainer.of(model, background=ROWS, columns=NAMES, label="y").explain(ROWS)
    assert always.margin == pytest.approx(model.decision_function(ROWS)[:, 1])
    with pytest.raises(UsageError, match=r"no class 'w'.*Valid choices: x, y, z"):
        Explainer.of(model, background=ROWS, columns=NAMES, label="w")


@pytest.mark.parametrize(
    "model", [linear_model.PoissonRegressor(), linear_model.TweedieRegressor(power=1.5)]
)
def test_with_a_log_link_the_logarithm_is_explained(model: Any) -> None:
    model.fit(ROWS, np.exp(ROWS[:, 0]))
    explained = Explainer.of(model, background=ROWS, columns=NAMES).explain(ROWS)
    assert np.exp(explained.margin) == pytest.approx(model.predict(ROWS))


def flights() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "ignored": rng.normal(size=400),
            "origin": rng.choice(["EWR", "JFK", "LGA"], 400),
            "distance": rng.gamma(2.0, 400.0, 400),
            "weekday": rng.choice(["Mon", "Tue"], 400),
            "wind": rng.normal(10, 3, 400),
        }
    )
    frame.loc[::9, "wind"] = np.nan
    return frame


def fitted_pipeline(frame: pd.DataFrame, model: Any) -> Any:
    numbers = pipeline.make_pipeline(
        SimpleImputer(add_indicator=True), preprocessing.StandardScaler()
    )
    columns = compose.ColumnTransformer(
        [
            ("numbers", numbers, ["wind", "distance"]),
            ("names", preprocessing.OneHotEncoder(drop="first"), ["weekday", "origin"]),
            ("steps", preprocessing.KBinsDiscretizer(4, quantile_method="linear"), ["distance"]),
        ]
    )
    late = (frame["origin"] == "EWR") & (frame["wind"].fillna(10) > 9)
    chosen = SelectKBest(k=7)
    return pipeline.Pipeline([("columns", columns), ("best", chosen), ("model", model)]).fit(
        frame, late
    )


def test_a_pipeline_is_explained_by_its_input_columns() -> None:
    frame = flights()
    model = fitted_pipeline(frame, linear_model.LogisticRegression())
    explainer = Explainer.of(model, background=frame)
    explained = explainer.explain(frame)
    assert explainer.columns == tuple(frame.columns)
    assert explained.margin == pytest.approx(model.decision_function(frame), abs=1e-9)
    assert (explained.values[:, 0] == 0).all()
    # What an input adds depends on nothing but itself.
    by_origin = {name: set() for name in frame["origin"].unique()}
    for name, value in zip(frame["origin"], explained.values[:, 1], strict=True):
        by_origin[name].add(round(float(value), 9))
    assert all(len(values) == 1 for values in by_origin.values())


def test_one_row_of_a_pipeline_is_explained_as_in_the_table() -> None:
    frame = flights()
    model = fitted_pipeline(frame, linear_model.LogisticRegression())
    explainer = Explainer.of(model, background=frame)
    row = {**frame.iloc[9].to_dict(), "wind": None}  # the 9th's was not known
    assert explainer(row) == pytest.approx(explainer.explain(frame).row(9))


def test_a_pipeline_that_mixes_columns_is_refused_by_name() -> None:
    mixing = pipeline.make_pipeline(
        preprocessing.PolynomialFeatures(), linear_model.LinearRegression()
    )
    with pytest.raises(UsageError, match="PolynomialFeatures may mix columns"):
        Explainer.of(mixing.fit(ROWS, TRUTH), background=ROWS, columns=NAMES)


def test_a_linear_model_without_background_is_told_what_to_give() -> None:
    model = linear_model.LogisticRegression().fit(ROWS, TRUTH)
    with pytest.raises(UsageError, match=r"Explainer\.of\(model, background=table\)"):
        Explainer.of(model, columns=NAMES)


def test_several_targets_at_once_are_refused() -> None:
    model = linear_model.LinearRegression().fit(ROWS, ROWS[:, :2])
    with pytest.raises(UsageError, match="several numbers"):
        Explainer.of(model, background=ROWS, columns=NAMES)
