"""Evidence that the risk has risen at some time: the sum of all bets that began since."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.concept.bets import WEIGHTS, Bets

Floats: TypeAlias = NDArray[np.float64]

CHUNK: Final = 64
"""Rows for which bets are made at once, and after which the products are written down anew."""

_MOST = 1e15


class Evidence(msgspec.Struct, kw_only=True):
    """An e-detector of Shiryaev-Roberts form: at each row one more set of bets begins.

    ``R <- (1 + R) * factor`` for every rise looked for, and their weighted mean is the evidence.
    While the risk is at most the bets' centre, its expectation grows by at most 1 a row, so
    that the mean number of rows until it reaches ``A`` is at least ``A``.

    Attributes
    ----------
    carried
        ``R`` of each rise at the start of the chunk.
    product
        Product of the factors of the chunk's rows.
    inverse
        Sum of the inverse products before each of them.

    Notes
    -----
    Shin, Ramdas, Rinaldo 2022, "E-detectors: a nonparametric framework for sequential change
    detection". Within a chunk ``R = product * (carried + inverse)``: one row at a time and a
    whole chunk at once do the same operations in the same order, and give equal numbers.
    """

    carried: list[float]
    product: list[float]
    inverse: list[float]

    @classmethod
    def none(cls) -> Evidence:
        """Return the evidence at the start: none."""
        count = len(WEIGHTS)
        return cls(carried=[0.0] * count, product=[1.0] * count, inverse=[0.0] * count)

    def add(self, deviation: float, bets: Bets) -> float:
        """Take in a row within a chunk, and return the evidence after it.

        Parameters
        ----------
        deviation
            Its loss minus the bets' centre.
        """
        product, inverse, carried = self.product, self.inverse, self.carried
        total = 0.0
        for j, slope in enumerate(bets.slopes):
            before = product[j]
            after = before * ((slope * deviation + 1.0) - bets.costs[j])
            since = inverse[j] + 1.0 / before
            product[j], inverse[j] = after, since
            total += WEIGHTS[j] * (after * (carried[j] + since))
        return total

    def after(self, losses: Floats, bets: Bets | None) -> tuple[Floats, list[float]]:
        """Return the evidence after each row of a whole chunk, and what is carried on from it.

        Parameters
        ----------
        losses
            Shape (64,).
        bets
            ``None``: nothing is bet, and nothing changes.
        """
        if bets is None:
            return np.zeros(len(losses)), self.carried
        slopes, costs = np.array(bets.slopes)[:, None], np.array(bets.costs)[:, None]
        with np.errstate(over="ignore"):
            factors = (slopes * (losses - bets.centre) + 1.0) - costs
            products = np.multiply.accumulate(factors, axis=1)
            inverses = np.ones_like(products)
            np.divide(1.0, products[:, :-1], out=inverses[:, 1:])
            sums = np.add.accumulate(inverses, axis=1)
            grown = products * (np.array(self.carried)[:, None] + sums)
            total = np.zeros(len(losses))
            for weight, one in zip(WEIGHTS, grown, strict=True):
                total += weight * one
        return total, [float(last) for last in grown[:, -1]]

    def turn(self) -> None:
        """End a chunk that was taken in row by row."""
        if self.inverse[0] == 0.0:
            return  # nothing was bet
        pairs = zip(self.product, self.carried, self.inverse, strict=True)
        self.begin([product * (carried + inverse) for product, carried, inverse in pairs])

    def begin(self, carried: list[float]) -> None:
        """Begin a chunk with what the last one left."""
        count = len(WEIGHTS)
        self.carried = [min(evidence, _MOST) for evidence in carried]
        self.product, self.inverse = [1.0] * count, [0.0] * count
