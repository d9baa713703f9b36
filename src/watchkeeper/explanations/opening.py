"""Any supported model, opened: its transformers, and what explains the model behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from watchkeeper.errors import UsageError
from watchkeeper.explanations import boosters
from watchkeeper.explanations.attributed import Matrix, Outputs, Source
from watchkeeper.explanations.linear import linear_sums
from watchkeeper.explanations.origins import Places, origins
from watchkeeper.explanations.sklearn_trees import TREE_MODELS, tree_sums

_BOOSTERS = ("lightgbm", "xgboost", "catboost")
_LOG_LINKS = frozenset({"GammaRegressor", "PoissonRegressor"})
_LINEAR_ROOMS = ("sklearn.linear_model", "sklearn.svm", "sklearn.discriminant_analysis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A model taken apart.

    Attributes
    ----------
    whole
        The model as it was given.
    core
        The model at the end of the pipeline.
    kind, library
        The name of its class, and of the package whose class it is.
    steps
        Fitted transformers before it, in order.
    """

    whole: Any
    core: Any
    kind: str
    library: str
    steps: tuple[Any, ...]

    @property
    def is_linear(self) -> bool:
        """Whether it is a linear model of scikit-learn."""
        ancestors = type(self.core).__mro__
        in_room = any(one.__module__.startswith(_LINEAR_ROOMS) for one in ancestors)
        return self.library == "sklearn" and in_room and hasattr(self.core, "coef_")

    @property
    def has_log_link(self) -> bool:
        """Whether the margin of a regression of scikit-learn is the logarithm of its prediction."""
        if self.kind == "TweedieRegressor":
            power, link = float(self.core.power), str(self.core.link)
            return link == "log" or (link == "auto" and power > 0)
        is_counts = getattr(self.core, "loss", "") in {"gamma", "poisson"}
        return self.kind in _LOG_LINKS or ("Hist" in self.kind and is_counts)

    @property
    def is_known(self) -> bool:
        """Whether contributions to it can be computed."""
        is_tree = self.library == "sklearn" and self.kind in TREE_MODELS
        return self.library in _BOOSTERS or is_tree or self.is_linear

    def classes(self) -> Sequence[object]:
        """Return the classes of a classifier, in the order of its outputs; else none."""
        known = getattr(self.core, "classes_", None)
        return () if known is None else np.asarray(known).tolist()

    @property
    def has_categories(self) -> bool:
        """Whether it knows the types of columns of categories only from their frame."""
        return self.library in {"lightgbm", "xgboost"} and self.wants_frame

    def names(self) -> list[str]:
        """Return the names of the columns that it was fitted with, as far as it knows them."""
        first = self.steps[0] if self.steps else self.core
        known = getattr(first, "feature_names_in_", None)
        if known is not None:
            return [str(name) for name in known]
        if not self.steps and self.library in _BOOSTERS:
            return boosters.booster_names(self.core, self.library)
        return []

    def width(self) -> int:
        """Return how many columns it was fitted with."""
        if not self.steps and self.library in _BOOSTERS:
            return boosters.booster_width(self.core, self.library)
        return int((self.steps[0] if self.steps else self.core).n_features_in_)

    @property
    def wants_frame(self) -> bool:
        """Whether it takes a data frame only: what it does depends on names or types."""
        if self.steps:
            return hasattr(self.steps[0], "feature_names_in_")
        return self.library in _BOOSTERS and boosters.wants_frame(self.core, self.library)

    def transform(self, rows: Any) -> Any:
        """Return rows as the core takes them."""
        for step in self.steps:
            rows = step.transform(rows)
        if not self.steps:
            return rows
        dense = rows.toarray() if hasattr(rows, "toarray") else rows
        return np.asarray(dense, float)

    def origins(self) -> Places:
        """Return the input column of each column of the core."""
        found = np.arange(self.width())
        for step in self.steps:
            found = origins(step, found)
        return found

    def source(self, background: Callable[[], Matrix]) -> Source:
        """Return what explains the core.

        Parameters
        ----------
        background
            Called where means are needed; gives rows as the core takes them.
        """
        if self.library in _BOOSTERS:
            return boosters.booster_of(self.core, self.library)
        if self.is_linear:
            targets = len(getattr(self.core, "classes_", "1"))
            return Outputs(parts=linear_sums(self.core, background().mean(axis=0), targets))
        is_single = "Hist" not in self.kind
        precision = np.float32 if is_single else np.float64
        return Outputs(parts=tree_sums(self.core, self.kind), precision=precision)


def opened(model: Any) -> Opened:
    """Take a fitted model apart: the best of a search, the steps of a pipeline.

    Raises
    ------
    UsageError
        If contributions to it are not known, or it is not fitted.
    """
    whole, steps = model, list[Any]()
    while True:
        kind, library = _kind(model)
        if library == "sklearn" and hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        elif library == "sklearn" and kind == "Pipeline":
            steps += [step for _, step in model.steps[:-1] if step not in (None, "passthrough")]
            model = model.steps[-1][1]
        else:
            break
    if library == "sklearn" and not hasattr(model, "n_features_in_"):
        message = f"This {kind} is not fitted yet: fit it, then explain what it says."
        raise UsageError(message)
    encoder = getattr(model, "_preprocessor", None) if "HistGradient" in kind else None
    if encoder is not None:
        steps.append(encoder)
    found = Opened(whole=whole, core=model, kind=kind, library=library, steps=tuple(steps))
    if not found.is_known:
        raise _unknown(kind)
    return found


def _kind(model: Any) -> tuple[str, str]:
    """Return the class that a model is or is made from, and its package."""
    for one in type(model).__mro__:
        library = one.__module__.partition(".")[0]
        if library in (*_BOOSTERS, "sklearn"):
            return one.__name__, library
    return type(model).__name__, ""


def _unknown(kind: str) -> UsageError:
    return UsageError(
        f"No contributions are known for a {kind}. They can be computed for linear models and trees"
        " of scikit-learn (also in a Pipeline or a search), LightGBM, XGBoost and CatBoost. SHAP"
        " values of any other tool can be given as they are: explanation={column: value}."
    )
