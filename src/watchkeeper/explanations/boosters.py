"""LightGBM, XGBoost and CatBoost, which work out the contributions to their trees themselves."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from watchkeeper.explanations.attributed import Attributed, attributed


@dataclass(frozen=True, slots=True)
class LightGBM:
    """A model of ``lightgbm``: its ``Booster``, or a model of its scikit-learn interface."""

    booster: Any

    def attribute(self, rows: Any, output: int | None = None) -> Attributed:
        """Return the contributions to the raw score of each row."""
        found = np.asarray(self.booster.predict(rows, pred_contrib=True), float)
        width = self.booster.num_feature() + 1
        return attributed(found.reshape(len(found), -1, width), output)


@dataclass(frozen=True, slots=True)
class XGBoost:
    """A model of ``xgboost``: its ``Booster``, and how many rounds of it count (0: all)."""

    booster: Any
    rounds: int

    def attribute(self, rows: Any, output: int | None = None) -> Attributed:
        """Return the contributions to the margin of each row."""
        xgboost = importlib.import_module("xgboost")
        named = {} if hasattr(rows, "columns") else {"feature_names": self.booster.feature_names}
        data = xgboost.DMatrix(rows, enable_categorical=True, **named)
        asked = {"pred_contribs": True, "strict_shape": True}
        found = self.booster.predict(data, iteration_range=(0, self.rounds), **asked)
        return attributed(np.asarray(found, float), output)


@dataclass(frozen=True, slots=True)
class CatBoost:
    """A model of ``catboost``."""

    model: Any

    def attribute(self, rows: Any, output: int | None = None) -> Attributed:
        """Return the contributions to the raw value of each row."""
        catboost = importlib.import_module("catboost")
        pool = catboost.Pool(rows, cat_features=self.model.get_cat_feature_indices())
        found = np.asarray(self.model.get_feature_importance(pool, type="ShapValues"), float)
        return attributed(found.reshape(len(found), -1, found.shape[-1]), output)


def booster_of(model: Any, library: str) -> LightGBM | XGBoost | CatBoost:
    """Return a model of one of the three libraries as what explains it."""
    if library == "catboost":
        return CatBoost(model)
    if library == "lightgbm":
        return LightGBM(getattr(model, "booster_", model))
    if not hasattr(model, "get_booster"):
        return XGBoost(model, 0)
    # Asked where no rounds were left out, it is an AttributeError.
    best = getattr(model, "best_iteration", None)
    return XGBoost(model.get_booster(), 0 if best is None else int(best) + 1)


def booster_names(model: Any, library: str) -> list[str]:
    """Return the names that a booster was fitted with; none if it was fitted with a bare array."""
    if library == "catboost":
        names, made_up = model.feature_names_, "{}"
    elif library == "lightgbm":
        names, made_up = getattr(model, "booster_", model).feature_name(), "Column_{}"
    else:
        names, made_up = getattr(model, "get_booster", lambda: model)().feature_names or [], "f{}"
    names = [str(name) for name in names]
    return [] if names == [made_up.format(place) for place in range(len(names))] else names


def booster_width(model: Any, library: str) -> int:
    """Return how many columns a booster was fitted with."""
    if library == "catboost":
        return len(model.feature_names_)
    if library == "lightgbm":
        return int(getattr(model, "booster_", model).num_feature())
    return int(getattr(model, "get_booster", lambda: model)().num_features())


def wants_frame(model: Any, library: str) -> bool:
    """Return whether a booster was fitted with columns of categories, known by their names."""
    if library == "catboost":
        return bool(model.get_cat_feature_indices())
    if library == "lightgbm":
        return bool(getattr(model, "booster_", model).pandas_categorical)
    return "c" in (getattr(model, "get_booster", lambda: model)().feature_types or [])
