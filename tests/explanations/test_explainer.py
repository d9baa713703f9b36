from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn import ensemble, linear_model, model_selection, neighbors

from watchkeeper.errors import DataError, UsageError
from watchkeeper.explanations import Explainer

TABLE = pa.table(
    {
        "age": np.random.default_rng(0).normal(40, 9, 200),
        "id": [f"c{n}" for n in range(200)],
        "visits": np.random.default_rng(1).integers(0, 9, 200),
    }
)
INPUTS = TABLE.select(["visits", "age"]).to_pandas()
TRUTH = INPUTS["visits"] * 2.0 + INPUTS["age"]
FOREST = ensemble.RandomForestRegressor(5, random_state=0).fit(INPUTS, TRUTH)


@pytest.mark.parametrize("table", [TABLE, TABLE.to_pandas(), pl.from_arrow(TABLE)])
def test_columns_are_found_by_name_in_any_table(table: object) -> None:
    explained = Explainer.of(FOREST).explain(table)
    assert explained.columns == ("visits", "age")
    assert explained.margin == pytest.approx(FOREST.predict(INPUTS))


def test_a_row_is_a_mapping_of_which_only_the_inputs_count() -> None:
    explainer = Explainer.of(FOREST, background=TABLE)
    row = {"id": "c7", "age": 44, "visits": np.int64(3)}
    found = explainer(row)
    assert list(found) == ["visits", "age"]
    base = explainer.explain(row).base[0]
    said = FOREST.predict(pd.DataFrame({"visits": [3], "age": [44]}))[0]
    assert base + sum(found.values()) == pytest.approx(said)


def test_a_table_is_given_a_column_for_each_input() -> None:
    explainer = Explainer.of(FOREST)
    explained = explainer.explain_table(TABLE)
    assert explained.column_names == [*TABLE.column_names, "explanation:visits", "explanation:age"]
    with pytest.raises(DataError, match="explanations already"):
        explainer.explain_table(explained)


def test_the_best_of_a_search_is_explained() -> None:
    search = model_selection.GridSearchCV(linear_model.Ridge(), {"alpha": [0.1, 10]}, cv=2)
    search.fit(INPUTS, TRUTH)
    explained = Explainer.of(search, background=INPUTS).explain(INPUTS)
    assert explained.margin == pytest.approx(search.predict(INPUTS))


def test_a_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(DataError, match=r"'visits' is missing.*Did you mean 'visit'"):
        Explainer.of(FOREST)({"age": 3, "visit": 4})


def test_text_where_the_model_takes_numbers_is_named() -> None:
    with pytest.raises(DataError, match=r"'age' must hold numbers.*'old'"):
        Explainer.of(FOREST)({"age": "old", "visits": 4})


def test_another_kind_of_model_is_told_what_is_known() -> None:
    near = neighbors.KNeighborsRegressor().fit(INPUTS, TRUTH)
    with pytest.raises(UsageError, match=r"KNeighborsRegressor.*any other tool"):
        Explainer.of(near, background=INPUTS)
    with pytest.raises(UsageError, match="No contributions are known for a function"):
        Explainer.of(lambda row: 1.0)


def test_a_model_without_names_asks_for_them() -> None:
    model = ensemble.RandomForestRegressor(2).fit(INPUTS.to_numpy(), TRUTH)
    with pytest.raises(UsageError, match=r"takes 2 columns.*columns=\[\.\.\.\]"):
        Explainer.of(model)
    assert Explainer.of(model, columns=["x", "y"]).columns == ("x", "y")
    assert Explainer.of(model, background=INPUTS).columns == ("visits", "age")


def test_a_model_that_is_not_fitted_is_refused() -> None:
    with pytest.raises(UsageError, match="not fitted yet"):
        Explainer.of(linear_model.Ridge(), background=INPUTS)


class Shifted(linear_model.Ridge):
    """One that does more than its coefficients say."""

    def predict(self, X: object) -> object:  # noqa: N803
        return super().predict(X) ** 2


def test_a_model_that_does_more_than_its_kind_is_refused() -> None:
    with pytest.raises(UsageError, match="miss what it says by up to"):
        Explainer.of(Shifted().fit(INPUTS, TRUTH), background=INPUTS)
