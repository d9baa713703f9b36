"""True and predicted classes counted in pairs: the confusion matrix and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.metrics.quality.estimated import Estimated, Finding, Scale, Unsaid
from watchkeeper.metrics.quality.scored import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """``n`` rows as pairs of a true and a predicted class, of ``k`` classes.

    Attributes
    ----------
    codes
        ``k * true + predicted`` of each row, shape (n,).
    counts
        The confusion matrix, shape (k, k): true classes down, predicted ones across.
    """

    codes: Integers
    counts: Floats

    @classmethod
    def of(cls, true: Integers, predicted: Integers, classes: int) -> Pairs:
        """Count the pairs of class indices, each shape (n,), from 0 to ``classes - 1``."""
        codes = true * classes + predicted
        counts = np.bincount(codes, minlength=classes**2).astype(np.float64)
        return cls(codes=codes, counts=counts.reshape(classes, classes))

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.counts)

    def mean(self, worth: Floats, scale: Scale) -> Estimated:
        """Return the mean of what each pair is worth, shape (k, k)."""
        rows = float(self.counts.sum())
        value = float((self.counts * worth).sum()) / rows
        return self.estimated(value, worth - value, scale, support=rows)

    def ratio(self, above: Floats, below: Floats, empty: str) -> Finding:
        """Return the sum of ``above`` over that of ``below``, each the worth of a pair, (k, k)."""
        rows, total = float(self.counts.sum()), float((self.counts * below).sum())
        if total <= 0:
            return Unsaid(reason=empty)
        value = float((self.counts * above).sum()) / total
        influence = (above - value * below) * (rows / total)
        return self.estimated(value, influence, "share", support=total / float(below.max()))

    def estimated(self, value: float, influence: Floats, scale: Scale, support: float) -> Estimated:
        """Return a metric whose influence depends on the pair alone, shape (k, k)."""
        return Estimated(
            value=value,
            influence=influence.reshape(-1)[self.codes],
            scale=scale,
            support=support,
        )

    def hit(self, index: int) -> Floats:
        """1 for the pair of class ``index`` predicted and true, shape (k, k)."""
        worth = np.zeros_like(self.counts)
        worth[index, index] = 1.0
        return worth

    def true(self, index: int) -> Floats:
        """1 for pairs whose true class is ``index``, shape (k, k)."""
        worth = np.zeros_like(self.counts)
        worth[index, :] = 1.0
        return worth

    def predicted(self, index: int) -> Floats:
        """1 for pairs whose predicted class is ``index``, shape (k, k)."""
        return self.true(index).T
