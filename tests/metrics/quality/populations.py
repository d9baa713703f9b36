"""Models whose true quality is known, drawn row by row or as entities whose rows are alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from watchkeeper.metrics.quality import QualityChoice, ScoredRows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A task, how its metrics are chosen, and how rows come from a standard normal each.

    ``draw`` takes the generator and a column of normals that entities share in part.
    """

    choice: QualityChoice
    draw: Callable[[np.random.Generator, Floats], ScoredRows]

    def rows(self, rng: np.random.Generator, rows: int, entities: int | None) -> ScoredRows:
        """Return rows, independent or of so many entities, with half of the spread in common."""
        own = rng.normal(size=rows)
        if entities is None:
            return self.draw(rng, own)
        # Entities differ in how many rows they have.
        codes = np.sort(rng.integers(0, entities, rows))
        common = rng.normal(size=entities)[codes]
        drawn = self.draw(rng, (own + common) / np.sqrt(2.0))
        return ScoredRows(task=drawn.task, labels=drawn.labels, scores=drawn.scores, entities=codes)


def _binary(rng: np.random.Generator, x: Floats) -> ScoredRows:
    labels = rng.random(len(x)) < expit(1.5 * x - 1.0)
    return ScoredRows(task="binary", labels=labels.astype(int), scores=expit(1.2 * x - 0.8))


def _rare(rng: np.random.Generator, x: Floats) -> ScoredRows:
    labels = rng.random(len(x)) < expit(1.5 * x - 2.7)
    return ScoredRows(task="binary", labels=labels.astype(int), scores=expit(1.5 * x - 2.7))


def _multiclass(rng: np.random.Generator, x: Floats) -> ScoredRows:
    true = softmax(np.stack((1.5 * x, -1.5 * x, 0.3 + 0.0 * x), axis=1), axis=1)
    labels = (rng.random((len(x), 1)) > np.cumsum(true, axis=1)).sum(axis=1)
    scores = softmax(np.stack((1.2 * x, -1.2 * x, 0.0 * x), axis=1), axis=1)
    return ScoredRows(task="multiclass", labels=np.minimum(labels, 2), scores=scores)


def _multilabel(rng: np.random.Generator, x: Floats) -> ScoredRows:
    told = expit(np.stack((1.2 * x, -x - 0.5, 0.5 - 1.5 * x), axis=1))
    labels = rng.random(told.shape) < told
    return ScoredRows(task="multilabel", labels=labels.astype(int), scores=told)


def _regression(rng: np.random.Generator, x: Floats) -> ScoredRows:
    labels = np.exp(0.4 * x + 0.3 * rng.normal(size=len(x)) + 1.0)
    return ScoredRows(task="regression", labels=labels, scores=np.exp(0.4 * x + 1.05))


_COSTS = ((0.0, 1.0), (10.0, -2.0))
POPULATIONS = {
    "binary": Population(choice=QualityChoice(cost_matrix=_COSTS), draw=_binary),
    "rare": Population(choice=QualityChoice(cost_matrix=_COSTS, threshold=0.2), draw=_rare),
    "multiclass": Population(
        choice=QualityChoice(cost_matrix=((0, 1, 2), (3, 0, 1), (1, 5, -1))), draw=_multiclass
    ),
    "multilabel": Population(choice=QualityChoice(), draw=_multilabel),
    "regression": Population(choice=QualityChoice(quantile=0.8), draw=_regression),
}
