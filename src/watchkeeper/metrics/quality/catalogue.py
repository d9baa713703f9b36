"""Every metric of quality that there is: its label, unit, direction and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from watchkeeper.errors import SettingsError, nearest
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.scored import Task

Unit: TypeAlias = Literal["ratio", "score", "nats", "bits", "label", "cost", "factor"]
"""``ratio``: 0 to 1; ``score``: a number without unit; ``label``: the unit of the predicted value;
``cost``: the unit of the owner's cost matrix; ``factor``: times as often as without the model."""

Better: TypeAlias = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFacts:
    """What is known of a metric before any row is seen.

    Parameters
    ----------
    label
        Its name for people.
    unit
        What its value counts.
    better
        Which direction is good; ``neither`` where the best value lies between (bias: 0).
    tasks
        Tasks that it is defined for.
    """

    label: str
    unit: Unit
    better: Better
    tasks: frozenset[Task]

    @property
    def higher_is_better(self) -> bool | None:
        """Whether a higher value is a better model, ``None`` if neither direction is."""
        return None if self.better == "neither" else self.better == "higher"


def _facts(label: str, unit: Unit, better: Better, *tasks: Task) -> MetricFacts:
    return MetricFacts(label=label, unit=unit, better=better, tasks=frozenset(tasks))


METRICS: Mapping[str, MetricFacts] = MappingProxyType(
    {
        "roc_auc": _facts("ROC AUC", "ratio", "higher", "binary", "multiclass", "multilabel"),
        "pr_auc": _facts("PR AUC", "ratio", "higher", "binary", "multilabel"),
        "log_loss": _facts("log loss", "nats", "lower", "binary", "multiclass", "multilabel"),
        "brier": _facts("Brier score", "score", "lower", "binary", "multiclass", "multilabel"),
        "accuracy": _facts("accuracy", "ratio", "higher", "binary", "multiclass", "multilabel"),
        "balanced_accuracy": _facts("balanced accuracy", "ratio", "higher", "binary", "multiclass"),
        "precision": _facts("precision", "ratio", "higher", "binary"),
        "recall": _facts("recall", "ratio", "higher", "binary"),
        "f_beta": _facts("F-beta", "ratio", "higher", "binary"),
        "specificity": _facts("specificity", "ratio", "higher", "binary"),
        "macro_precision": _facts(
            "precision, macro", "ratio", "higher", "multiclass", "multilabel"
        ),
        "macro_recall": _facts("recall, macro", "ratio", "higher", "multiclass", "multilabel"),
        "macro_f_beta": _facts("F-beta, macro", "ratio", "higher", "multiclass", "multilabel"),
        "weighted_precision": _facts(
            "precision, weighted", "ratio", "higher", "multiclass", "multilabel"
        ),
        "weighted_recall": _facts(
            "recall, weighted", "ratio", "higher", "multiclass", "multilabel"
        ),
        "weighted_f_beta": _facts(
            "F-beta, weighted", "ratio", "higher", "multiclass", "multilabel"
        ),
        "micro_f_beta": _facts("F-beta, micro", "ratio", "higher", "multilabel"),
        "hamming_loss": _facts("Hamming loss", "ratio", "lower", "multilabel"),
        "positive_rate": _facts("share predicted positive", "ratio", "neither", "binary"),
        "mcc": _facts("Matthews correlation", "score", "higher", "binary", "multiclass"),
        "calibration_error": _facts("calibration error", "ratio", "lower", "binary", "multiclass"),
        "lift": _facts("lift", "factor", "higher", "binary"),
        "cost": _facts("cost per prediction", "cost", "lower", "binary", "multiclass"),
        "mae": _facts("mean absolute error", "label", "lower", "regression"),
        "rmse": _facts("root mean squared error", "label", "lower", "regression"),
        "mape": _facts("mean absolute percentage error", "factor", "lower", "regression"),
        "smape": _facts("symmetric MAPE", "factor", "lower", "regression"),
        "pinball": _facts("pinball loss", "label", "lower", "regression"),
        "r2": _facts("R²", "score", "higher", "regression"),
        "bias": _facts("bias", "label", "neither", "regression"),
        "ndcg": _facts("NDCG", "ratio", "higher", "ranking"),
        "map": _facts("mean average precision", "ratio", "higher", "ranking"),
        "mrr": _facts("mean reciprocal rank", "ratio", "higher", "ranking"),
        "recall_at_k": _facts("recall at k", "ratio", "higher", "ranking"),
        "hit_rate": _facts("hit rate at k", "ratio", "higher", "ranking"),
        "coverage": _facts("catalogue coverage", "ratio", "higher", "ranking"),
        "novelty": _facts("novelty", "bits", "higher", "ranking"),
        "diversity": _facts("diversity within lists", "ratio", "higher", "ranking"),
        "popularity_bias": _facts("popularity bias", "factor", "neither", "ranking"),
        "taste_miscalibration": _facts("miscalibration to tastes", "nats", "lower", "ranking"),
    }
)
"""The metrics by name, in the order in which they are shown."""


def chosen(task: Task, choice: QualityChoice) -> tuple[str, ...]:
    """Return the names of the metrics to measure, in the order of :data:`METRICS`.

    Without a choice these are all of the task; ``cost`` needs a cost matrix, and ``pinball`` a
    quantile.

    Raises
    ------
    SettingsError
        If a chosen metric is unknown, is not defined for the task, or misses its setting.
    """
    known = [name for name, facts in METRICS.items() if task in facts.tasks]
    needs = {"cost": choice.cost_matrix, "pinball": choice.quantile}
    if not choice.metrics:
        return tuple(name for name in known if needs.get(name, True) is not None)
    for name in choice.metrics:
        if name not in METRICS:
            raise SettingsError(f"Unknown metric {name!r}.{nearest(name, METRICS)}")
        if name not in known:
            tasks = ", ".join(sorted(METRICS[name].tasks))
            raise SettingsError(f"{name!r} is a metric for {tasks}, and the task is {task}.")
        if needs.get(name, True) is None:
            setting = "cost_matrix" if name == "cost" else "quantile"
            raise SettingsError(f"{name!r} needs the setting {setting}, and there is none.")
    return tuple(name for name in known if name in choice.metrics)
