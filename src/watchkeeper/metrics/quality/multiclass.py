"""Metrics of a classifier with several classes, of which each row has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType

import numpy as np

from watchkeeper.errors import DataError
from watchkeeper.metrics.quality.averages import macro, weighted
from watchkeeper.metrics.quality.calibration import calibration_error
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.class_metrics import (
    accuracy,
    balanced_accuracy,
    cost_table,
    f_beta,
    mcc,
    mean_cost,
    precision,
    recall,
)
from watchkeeper.metrics.quality.clusters import Clusters
from watchkeeper.metrics.quality.estimated import Estimated, Finding, Unsaid
from watchkeeper.metrics.quality.means import mean, surprise
from watchkeeper.metrics.quality.pairs import Pairs
from watchkeeper.metrics.quality.score_curves import ONE_CLASS, ScoreOrder, roc_auc
from watchkeeper.metrics.quality.scored import Floats, Integers, ScoredRows

_NO_SCORES = Unsaid(reason="Only classes were predicted, no probabilities.")
_OfClass = Callable[[Pairs, int], Finding]


class MulticlassRows:
    """Rows of a multiclass task, with what several metrics need computed once."""

    def __init__(
        self, rows: ScoredRows, choice: QualityChoice, together: Clusters | None = None
    ) -> None:
        self.choice = choice
        self.together = together
        self.labels: Integers = np.asarray(rows.labels).astype(np.int64)
        self.scores: Floats | None = None
        if rows.scores is not None:
            self.scores = np.asarray(rows.scores, dtype=np.float64)
        self._predicted = rows.predicted
        self.classes = self._count(len(rows.classes))

    def _count(self, named: int) -> int:
        if self.scores is not None and self.scores.ndim != 2:
            raise DataError("scores of a multiclass task need a column for each class.")
        most = int(self.labels.max())
        if self._predicted is not None:
            most = max(most, int(np.max(self._predicted)))
        count = named or (self.scores.shape[1] if self.scores is not None else most + 1)
        if most >= count or (self.scores is not None and self.scores.shape[1] != count):
            raise DataError(f"There are {count} classes, and labels or scores have others.")
        return count

    @cached_property
    def predicted(self) -> Integers:
        """Index of the predicted class, shape (n,)."""
        if self._predicted is not None:
            return np.asarray(self._predicted).astype(np.int64)
        assert self.scores is not None
        likeliest: Integers = np.argmax(self.scores, axis=1)
        return likeliest

    @cached_property
    def pairs(self) -> Pairs:
        """True and predicted classes."""
        return Pairs.of(self.labels, self.predicted, self.classes)

    @cached_property
    def seen(self) -> tuple[int, ...]:
        """Classes that are true or predicted of some row."""
        counts = self.pairs.counts
        return tuple(np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1)).tolist())

    def has(self, index: int) -> Floats:
        """1 where the true class is ``index``, shape (n,)."""
        flags: Floats = (self.labels == index).astype(np.float64)
        return flags


def _log_loss(rows: MulticlassRows) -> Finding:
    if rows.scores is None:
        return _NO_SCORES
    return mean(surprise(rows.scores[np.arange(len(rows.labels)), rows.labels]), "positive")


def _brier(rows: MulticlassRows) -> Finding:
    """Return the sum over classes of squared distances, 0 to 2 (G. W. Brier 1950)."""
    if rows.scores is None:
        return _NO_SCORES
    told = rows.scores[np.arange(len(rows.labels)), rows.labels]
    squares = np.einsum("ij,ij->i", rows.scores, rows.scores)
    found = mean(np.maximum(squares - 2.0 * told + 1.0, 0.0) / 2.0, "share")
    return found.times(2.0)


def _roc_auc(rows: MulticlassRows) -> Finding:
    """Return the mean of each class against the rest, over the classes that have rows."""
    if rows.scores is None:
        return _NO_SCORES
    parts: list[Estimated] = []
    for index in range(rows.classes):
        found = roc_auc(ScoreOrder(rows.scores[:, index], rows.has(index)))
        if isinstance(found, Estimated):
            parts.append(found)
    return macro(parts) if parts else ONE_CLASS


def _calibration_error(rows: MulticlassRows) -> Finding:
    """Return how far the probability of the predicted class is from its accuracy."""
    if rows.scores is None:
        return _NO_SCORES
    told = rows.scores[np.arange(len(rows.labels)), rows.predicted]
    right = (rows.predicted == rows.labels).astype(np.float64)
    return calibration_error(told, right, rows.choice.bins, rows.together)


def _f_beta(rows: MulticlassRows) -> _OfClass:
    return lambda pairs, index: f_beta(pairs, index, rows.choice.beta)


def _parts(rows: MulticlassRows, metric: _OfClass) -> list[Estimated]:
    """Return a metric of each class that is seen; one that cannot be said counts 0."""
    parts = []
    for index in rows.seen:
        found = metric(rows.pairs, index)
        if isinstance(found, Unsaid):
            nothing = np.zeros_like(rows.pairs.counts)
            found = rows.pairs.estimated(0.0, nothing, "share", support=1.0)
        parts.append(found)
    return parts


def _macro(rows: MulticlassRows, metric: _OfClass) -> Finding:
    return macro(_parts(rows, metric))


def _weighted(rows: MulticlassRows, metric: _OfClass) -> Finding:
    return weighted(_parts(rows, metric), [rows.has(index) for index in rows.seen])


MULTICLASS: Mapping[str, Callable[[MulticlassRows], Finding]] = MappingProxyType(
    {
        "roc_auc": _roc_auc,
        "log_loss": _log_loss,
        "brier": _brier,
        "accuracy": lambda rows: accuracy(rows.pairs),
        "balanced_accuracy": lambda rows: balanced_accuracy(rows.pairs),
        "macro_precision": lambda rows: _macro(rows, precision),
        "macro_recall": lambda rows: _macro(rows, recall),
        "macro_f_beta": lambda rows: _macro(rows, _f_beta(rows)),
        "weighted_precision": lambda rows: _weighted(rows, precision),
        "weighted_recall": lambda rows: _weighted(rows, recall),
        "weighted_f_beta": lambda rows: _weighted(rows, _f_beta(rows)),
        "mcc": lambda rows: mcc(rows.pairs),
        "calibration_error": _calibration_error,
        "cost": lambda rows: mean_cost(rows.pairs, cost_table(rows.choice, rows.classes)),
    }
)
"""How each metric of a multiclass task is computed."""
