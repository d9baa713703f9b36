"""Metrics of a classifier with two classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType

import numpy as np

from watchkeeper.metrics.quality.calibration import calibration_error
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.class_metrics import (
    accuracy,
    balanced_accuracy,
    cost_table,
    f_beta,
    mcc,
    mean_cost,
    positive_rate,
    precision,
    recall,
)
from watchkeeper.metrics.quality.clusters import Clusters
from watchkeeper.metrics.quality.estimated import Finding, Unsaid
from watchkeeper.metrics.quality.means import mean, surprise
from watchkeeper.metrics.quality.pairs import Pairs
from watchkeeper.metrics.quality.score_curves import ScoreOrder, lift, pr_auc, roc_auc
from watchkeeper.metrics.quality.scored import Floats, ScoredRows

_NO_SCORES = Unsaid(reason="Only classes were predicted, no probabilities.")


class BinaryRows:
    """Rows of a binary task, with what several metrics need computed once."""

    def __init__(
        self, rows: ScoredRows, choice: QualityChoice, together: Clusters | None = None
    ) -> None:
        self.choice = choice
        self.together = together
        self.labels: Floats = np.asarray(rows.labels, dtype=np.float64)
        self.scores: Floats | None = None
        if rows.scores is not None:
            self.scores = np.asarray(rows.scores, dtype=np.float64)
        self._predicted = rows.predicted

    @cached_property
    def pairs(self) -> Pairs:
        """True and predicted classes, 0 negative and 1 positive."""
        if self._predicted is not None:
            predicted = np.asarray(self._predicted).astype(np.int64)
        else:
            assert self.scores is not None
            predicted = (self.scores >= self.choice.threshold).astype(np.int64)
        return Pairs.of(self.labels.astype(np.int64), predicted, 2)

    @cached_property
    def order(self) -> ScoreOrder | None:
        """The rows in the order of their scores, ``None`` without scores."""
        return None if self.scores is None else ScoreOrder(self.scores, self.labels)


def _by_order(metric: Callable[[ScoreOrder], Finding]) -> Callable[[BinaryRows], Finding]:
    return lambda rows: _NO_SCORES if rows.order is None else metric(rows.order)


def _lift(rows: BinaryRows) -> Finding:
    return _NO_SCORES if rows.order is None else lift(rows.order, rows.choice.top_ratio)


def _log_loss(rows: BinaryRows) -> Finding:
    if rows.scores is None:
        return _NO_SCORES
    return mean(surprise(np.where(rows.labels > 0, rows.scores, 1.0 - rows.scores)), "positive")


def _brier(rows: BinaryRows) -> Finding:
    if rows.scores is None:
        return _NO_SCORES
    return mean((rows.scores - rows.labels) ** 2, "share")


def _calibration_error(rows: BinaryRows) -> Finding:
    if rows.scores is None:
        return _NO_SCORES
    return calibration_error(rows.scores, rows.labels, rows.choice.bins, rows.together)


def _cost(rows: BinaryRows) -> Finding:
    return mean_cost(rows.pairs, cost_table(rows.choice, 2))


BINARY: Mapping[str, Callable[[BinaryRows], Finding]] = MappingProxyType(
    {
        "roc_auc": _by_order(roc_auc),
        "pr_auc": _by_order(pr_auc),
        "log_loss": _log_loss,
        "brier": _brier,
        "accuracy": lambda rows: accuracy(rows.pairs),
        "balanced_accuracy": lambda rows: balanced_accuracy(rows.pairs),
        "precision": lambda rows: precision(rows.pairs, 1),
        "recall": lambda rows: recall(rows.pairs, 1),
        "f_beta": lambda rows: f_beta(rows.pairs, 1, rows.choice.beta),
        "specificity": lambda rows: recall(rows.pairs, 0),
        "positive_rate": lambda rows: positive_rate(rows.pairs),
        "mcc": lambda rows: mcc(rows.pairs),
        "calibration_error": _calibration_error,
        "lift": _lift,
        "cost": _cost,
    }
)
"""How each metric of a binary task is computed."""
