"""Metrics of a classifier whose rows have any number of several labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType

import numpy as np

from watchkeeper.errors import DataError
from watchkeeper.metrics.quality.averages import macro, weighted
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.class_metrics import f_beta, precision, recall
from watchkeeper.metrics.quality.estimated import Estimated, Finding, Unsaid
from watchkeeper.metrics.quality.means import mean, ratio, surprise
from watchkeeper.metrics.quality.pairs import Pairs
from watchkeeper.metrics.quality.score_curves import ONE_CLASS, ScoreOrder, pr_auc, roc_auc
from watchkeeper.metrics.quality.scored import Floats, ScoredRows

_NO_SCORES = Unsaid(reason="Only labels were predicted, no probabilities.")
_OfClass = Callable[[Pairs, int], Finding]


class MultilabelRows:
    """Rows of a multilabel task: labels, scores and predictions of shape (n, k)."""

    def __init__(self, rows: ScoredRows, choice: QualityChoice) -> None:
        self.choice = choice
        self.labels: Floats = np.asarray(rows.labels, dtype=np.float64)
        self.scores: Floats | None = None
        if rows.scores is not None:
            self.scores = np.asarray(rows.scores, dtype=np.float64)
        if rows.predicted is not None:
            self.predicted: Floats = np.asarray(rows.predicted, dtype=np.float64)
        else:
            assert self.scores is not None
            self.predicted = (self.scores >= choice.threshold).astype(np.float64)
        if self.labels.ndim != 2 or self.predicted.shape != self.labels.shape:
            raise DataError("labels and scores of a multilabel task need one column per label.")

    @cached_property
    def pairs(self) -> tuple[Pairs, ...]:
        """Of each label: true and predicted."""
        true, predicted = self.labels.astype(np.int64), self.predicted.astype(np.int64)
        columns = range(true.shape[1])
        return tuple(Pairs.of(true[:, label], predicted[:, label], 2) for label in columns)


def _by_label(metric: Callable[[ScoreOrder], Finding]) -> Callable[[MultilabelRows], Finding]:
    """Return the mean of a metric of scores over the labels of which it can be said."""

    def measured(rows: MultilabelRows) -> Finding:
        if rows.scores is None:
            return _NO_SCORES
        columns = zip(rows.scores.T, rows.labels.T, strict=True)
        found = [metric(ScoreOrder(scores, labels)) for scores, labels in columns]
        parts = [one for one in found if isinstance(one, Estimated)]
        return macro(parts) if parts else ONE_CLASS

    return measured


def _log_loss(rows: MultilabelRows) -> Finding:
    if rows.scores is None:
        return _NO_SCORES
    told = np.where(rows.labels > 0, rows.scores, 1.0 - rows.scores)
    return mean(surprise(told).mean(axis=1), "positive")


def _brier(rows: MultilabelRows) -> Finding:
    if rows.scores is None:
        return _NO_SCORES
    return mean(((rows.scores - rows.labels) ** 2).mean(axis=1), "share")


def _accuracy(rows: MultilabelRows) -> Finding:
    """Return the share of rows with every label right."""
    return mean((rows.labels == rows.predicted).all(axis=1).astype(np.float64), "share")


def _hamming_loss(rows: MultilabelRows) -> Finding:
    return mean((rows.labels != rows.predicted).mean(axis=1), "share")


def _micro_f_beta(rows: MultilabelRows) -> Finding:
    weight = rows.choice.beta**2
    hits = (rows.labels * rows.predicted).sum(axis=1)
    below = rows.predicted.sum(axis=1) + weight * rows.labels.sum(axis=1)
    return ratio((1.0 + weight) * hits, below, empty="No label was predicted or true.")


def _f_beta(rows: MultilabelRows) -> _OfClass:
    return lambda pairs, index: f_beta(pairs, index, rows.choice.beta)


def _parts(rows: MultilabelRows, metric: _OfClass) -> list[Estimated]:
    """Return a metric of each label; one that cannot be said counts 0."""
    parts = []
    for pairs in rows.pairs:
        found = metric(pairs, 1)
        if isinstance(found, Unsaid):
            found = pairs.estimated(0.0, np.zeros((2, 2)), "share", support=1.0)
        parts.append(found)
    return parts


def _macro(rows: MultilabelRows, metric: _OfClass) -> Finding:
    return macro(_parts(rows, metric))


def _weighted(rows: MultilabelRows, metric: _OfClass) -> Finding:
    if not rows.labels.any():
        return Unsaid(reason="No row has a label.")
    return weighted(_parts(rows, metric), list(rows.labels.T))


MULTILABEL: Mapping[str, Callable[[MultilabelRows], Finding]] = MappingProxyType(
    {
        "roc_auc": _by_label(roc_auc),
        "pr_auc": _by_label(pr_auc),
        "log_loss": _log_loss,
        "brier": _brier,
        "accuracy": _accuracy,
        "macro_precision": lambda rows: _macro(rows, precision),
        "macro_recall": lambda rows: _macro(rows, recall),
        "macro_f_beta": lambda rows: _macro(rows, _f_beta(rows)),
        "weighted_precision": lambda rows: _weighted(rows, precision),
        "weighted_recall": lambda rows: _weighted(rows, recall),
        "weighted_f_beta": lambda rows: _weighted(rows, _f_beta(rows)),
        "micro_f_beta": _micro_f_beta,
        "hamming_loss": _hamming_loss,
    }
)
"""How each metric of a multilabel task is computed."""
