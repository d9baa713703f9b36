"""How far to follow a calibrated score and what inputs add to it, by rows neither had seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from watchkeeper.estimation.reweighting import logistic

Floats = NDArray[np.float64]

_LEVEL_PRECISION, _SLOPE_PRECISION, _TRUST_PRECISION = 1.0, 200.0, 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Log odds are ``level + slope * calibrated + trust * added``.

    Attributes
    ----------
    slope
        Below 1 where the calibrated score and what is added to it are too sure together.
    trust
        How much of what the inputs add counts, from 0 up.
    """

    level: float
    slope: float
    trust: float

    def log_odds(self, calibrated: Floats, added: Floats) -> Floats:
        """Return the log odds of rows, shape (rows,)."""
        return np.asarray(self.level + self.slope * calibrated + self.trust * added)


def fit_stack(calibrated: Floats, added: Floats, labels: Floats) -> Stack:
    """Return the stack under which the labels are likeliest, held back towards the score alone.

    Trees that fit their own rows a little too well make chances too sure along the score, and an
    area under the ROC curve estimated from them too high; rows that they have not seen tell by how
    much. With few rows, or trees that add little, there is little evidence that they are right, and
    they count for less.

    Parameters
    ----------
    calibrated, added
        Log odds of each row by parts that had not seen it, shape (rows,).
    labels
        0 or 1, shape (rows,).

    References
    ----------
    D. H. Wolpert (1992), Stacked generalization, Neural Networks 5; L. Breiman (1996), Stacked
    regressions, Machine Learning 24.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> score, signal, noise = rng.standard_normal((3, 20_000))
    >>> labels = (rng.random(20_000) < expit(score + signal)).astype(float)
    >>> found = fit_stack(score, signal + noise, labels)
    >>> bool(0.4 < found.trust < 0.6)
    True
    """
    spread = expit(calibrated) * expit(-calibrated)
    centre = float(np.average(calibrated, weights=np.maximum(spread, 1e-9)))
    terms = np.column_stack([np.ones(len(labels)), calibrated - centre, added])
    precision = np.array([_LEVEL_PRECISION, _SLOPE_PRECISION, _TRUST_PRECISION])
    level, slope, trust = logistic(terms, labels, np.ones(len(labels)), precision, calibrated)
    return Stack(
        level=float(level - slope * centre), slope=float(1.0 + slope), trust=max(float(trust), 0.0)
    )
