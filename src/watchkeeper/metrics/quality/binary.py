"""Metrics of a classifier with two classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType

import numpy as np

from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.estimated import Finding, Unsaid
from watchkeeper.metrics.quality.means import mean, ratio
from watchkeeper.metrics.quality.scored import Floats, ScoredRows

_NO_SCORES = Unsaid(reason="Only classes were predicted, no probabilities.")
_NO_POSITIVES = "No row has the positive class."
_NO_NEGATIVES = "No row has the negative class."


class BinaryRows:
    """Rows of a binary task, with what several metrics need computed once."""

    def __init__(self, rows: ScoredRows, choice: QualityChoice) -> None:
        self.choice = choice
        self.labels: Floats = np.asarray(rows.labels, dtype=np.float64)
        self.scores: Floats | None = None
        if rows.scores is not None:
            self.scores = np.asarray(rows.scores, dtype=np.float64)
        self._predicted = rows.predicted

    @cached_property
    def predicted(self) -> Floats:
        """1 where the positive class was predicted."""
        if self._predicted is not None:
            return np.asarray(self._predicted, dtype=np.float64)
        assert self.scores is not None
        return (self.scores >= self.choice.threshold).astype(np.float64)

    @cached_property
    def hits(self) -> Floats:
        """1 where the positive class was predicted and true."""
        return self.labels * self.predicted


def _log_loss(rows: BinaryRows) -> Finding:
    if rows.scores is None:
        return _NO_SCORES
    # A certain score that is wrong costs 36 nats, not infinitely many.
    least = np.finfo(np.float64).eps
    told = np.where(rows.labels > 0, rows.scores, 1.0 - rows.scores)
    return mean(-np.log(np.clip(told, least, 1.0 - least)), "positive")


def _brier(rows: BinaryRows) -> Finding:
    if rows.scores is None:
        return _NO_SCORES
    return mean((rows.scores - rows.labels) ** 2, "positive")


def _accuracy(rows: BinaryRows) -> Finding:
    return mean((rows.labels == rows.predicted).astype(np.float64), "share")


def _precision(rows: BinaryRows) -> Finding:
    return ratio(rows.hits, rows.predicted, empty="The positive class was never predicted.")


def _recall(rows: BinaryRows) -> Finding:
    return ratio(rows.hits, rows.labels, empty=_NO_POSITIVES)


def _specificity(rows: BinaryRows) -> Finding:
    negative = 1.0 - rows.labels
    return ratio(negative * (1.0 - rows.predicted), negative, empty=_NO_NEGATIVES)


BINARY: Mapping[str, Callable[[BinaryRows], Finding]] = MappingProxyType(
    {
        "log_loss": _log_loss,
        "brier": _brier,
        "accuracy": _accuracy,
        "precision": _precision,
        "recall": _recall,
        "specificity": _specificity,
    }
)
