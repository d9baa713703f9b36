"""Rows that hypothesis draws: small, with ties, constant scores and single classes."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from watchkeeper.metrics.quality import Measured, QualityChoice, ScoredRows, measure


def values(rows: ScoredRows, choice: QualityChoice | None = None) -> dict[str, float | None]:
    """Return the values by name."""
    return {found.name: found.value for found in found_in(rows, choice).values()}


def found_in(rows: ScoredRows, choice: QualityChoice | None = None) -> dict[str, Measured]:
    """Return what was measured, by name."""
    return {found.name: found for found in measure(rows, choice or QualityChoice())}


@st.composite
def binary_rows(draw: st.DrawFn) -> ScoredRows:
    """Return binary rows with scores on a coarse or a fine grid."""
    seed, rows = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 60))
    rng = np.random.default_rng(seed)
    steps = draw(st.sampled_from([1, 4, 1000]))
    labels = (rng.random(rows) < draw(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))).astype(int)
    return ScoredRows(task="binary", labels=labels, scores=rng.integers(0, steps + 1, rows) / steps)


@st.composite
def multiclass_rows(draw: st.DrawFn) -> ScoredRows:
    """Return rows of three or four classes, of which some may never occur."""
    seed, rows = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 60))
    classes, used = draw(st.sampled_from([(3, 3), (4, 4), (4, 2), (3, 1)]))
    rng = np.random.default_rng(seed)
    scores = rng.dirichlet(np.full(classes, 0.5), rows)
    labels = rng.integers(0, used, rows)
    return ScoredRows(task="multiclass", labels=labels, scores=scores)


@st.composite
def multilabel_rows(draw: st.DrawFn) -> ScoredRows:
    """Return rows of three labels."""
    seed, rows = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 60))
    rng = np.random.default_rng(seed)
    share = draw(st.sampled_from([0.0, 0.2, 0.7]))
    labels = (rng.random((rows, 3)) < share).astype(int)
    return ScoredRows(task="multilabel", labels=labels, scores=rng.integers(0, 11, (rows, 3)) / 10)


@st.composite
def regression_rows(draw: st.DrawFn) -> ScoredRows:
    """Return true and predicted values that are never 0."""
    seed, rows = draw(st.integers(0, 2**32 - 1)), draw(st.integers(2, 60))
    rng = np.random.default_rng(seed)
    labels = rng.normal(3.0, 1.0, rows) + 0.001
    return ScoredRows(task="regression", labels=labels, scores=labels + rng.normal(0.1, 0.5, rows))
