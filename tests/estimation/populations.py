"""Rows whose truth is known, and a model of them that is wrong in a known way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from watchkeeper.estimation import ClassPredictions, Inputs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    rows: ClassPredictions
    labels: NDArray[np.int64]


def drawn(seed: int, rows: int, *, centre: float = 0.0, turned: bool = False) -> Drawn:
    """Two numbers; the model knows only the first, and is too sure of it."""
    rng = np.random.default_rng(seed)
    first = rng.normal(centre, 1.0, rows)
    second = rng.normal(centre, 1.0, rows)
    odds = 1.5 * first + 1.0 * second
    labels = (rng.random(rows) < expit(-odds if turned else odds)).astype(np.int64)
    inputs = Inputs(rows=rows, columns={"first": first, "second": second})
    return Drawn(rows=ClassPredictions.binary(expit(2.5 * first), inputs), labels=labels)
