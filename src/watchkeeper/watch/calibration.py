"""How unusual a forecast error is: errors turned into standard normal scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr

from watchkeeper.stats import moderate

Floats = NDArray[np.float64]

_TAIL = 64
_KURTOSIS_FROM = 50
# Rows of a bucket are rarely more even than chance; a variance far below theory is an artefact.
_LEAST_RATIO = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Spread and tails of each stream's forecast errors, learned from the reference.

    Attributes
    ----------
    variance, degrees
        Moderated variance of an error at a usual bucket and its degrees of freedom, (streams,).
    sampling_share
        Part of that variance that comes from the number of rows in the bucket, 0 to 1: a
        bucket with half the rows has that part doubled.
    usual_sampling
        Sampling variance of a usual bucket, (streams,).
    upper, lower
        The reference's largest standardised errors, and the largest with the sign turned,
        ascending, shape (streams, 64), padded with ``inf``.
    count
        Errors in the reference, (streams,).
    tail_degrees
        Degrees of freedom of the tails, from the reference's kurtosis, (streams,).
    """

    variance: Floats
    degrees: Floats
    sampling_share: Floats
    usual_sampling: Floats
    upper: Floats
    lower: Floats
    count: Floats
    tail_degrees: Floats

    def deviation(self, sampling: Floats) -> Floats:
        """Return the deviation of a forecast error, given the bucket's sampling variance."""
        ratio = sampling / self.usual_sampling
        scale = 1.0 - self.sampling_share + self.sampling_share * ratio
        return np.sqrt(self.variance * np.maximum(scale, 1e-12))

    def normal_scores(self, standardised: Floats, *, more: Floats) -> Floats:
        """Turn standardised errors into scores that are standard normal when nothing changed.

        Parameters
        ----------
        standardised
            Errors in deviations, shape (streams,).
        more
            Degrees of freedom learned since the reference, shape (streams,).

        Notes
        -----
        A score is as large as both the tail of Student's t and the reference's own tail allow,
        and never says rarer than a hundredth of what the reference could have shown: one
        odd bucket alone does not make an alarm.
        """
        size = np.abs(standardised)
        table = np.where((standardised >= 0)[:, None], self.upper, self.lower)
        beyond = (table >= size[:, None]) & np.isfinite(table)
        p_reference = beyond.sum(axis=1) / (self.count + 1.0)
        degrees = np.minimum(self.degrees + more, self.tail_degrees)
        # A t of few degrees is scaled to unit variance where the tail was measured by kurtosis.
        measured = self.tail_degrees < self.degrees + more
        scale = np.where(measured, np.sqrt(degrees / np.maximum(degrees - 2.0, 1.0)), 1.0)
        p_tail = stdtr(degrees, -size * scale)
        floor = np.clip(0.01 / (self.count + 1.0), 1e-6, 1e-3)
        p = np.clip(np.maximum(p_tail, p_reference), floor, 0.5)
        scores: Floats = np.sign(standardised) * -ndtri(p)
        return scores


def calibrate(
    errors: Floats, sampling: Floats, spent: Floats, theory: Floats, kind: NDArray[np.intp]
) -> Calibration:
    """Learn spread and tails from the reference's forecast errors.

    Parameters
    ----------
    errors
        One-step forecast errors, shape (time, streams), NaN where unseen.
    sampling
        Sampling variance of each bucket's value, same shape.
    spent
        Degrees of freedom spent on expectation and memory, (streams,).
    theory
        Variance that rows drawn independently would give, (streams,), > 0: variances are
        moderated as multiples of it.
    kind
        Streams of the same kind are moderated together, (streams,).
    """
    seen = np.isfinite(errors)
    count = seen.sum(axis=0).astype(np.float64)
    usual = np.where(seen, sampling, 0.0).sum(axis=0) / np.maximum(count, 1.0)
    usual = np.maximum(usual, 1e-300)
    degrees = np.maximum(count - spent, 1.0)
    filled = np.where(seen, errors, 0.0)
    raw = (filled**2).sum(axis=0) / degrees
    share = np.clip(usual / np.maximum(raw, 1e-300), 0.0, 1.0)
    # Weigh each bucket's error by how precise its value is, once the share is known.
    scale = 1.0 - share + share * np.where(seen, sampling, usual) / usual
    weighted = filled**2 / np.maximum(scale, 1e-12)
    raw = weighted.sum(axis=0) / degrees
    ratio = np.maximum(raw / theory, _LEAST_RATIO)
    variance, total = ratio.copy(), degrees.copy()
    for group in np.unique(kind):
        of = (kind == group) & (count > spent + 2)
        if of.sum() >= 2:
            moderated = moderate(ratio[of], degrees[of])
            variance[of], total[of] = moderated.variance, moderated.degrees
    variance = variance * theory
    share = np.clip(usual / variance, 0.0, 1.0)
    standardised = filled / np.sqrt(variance * np.maximum(scale, 1e-12))
    standardised = np.where(seen, standardised, np.nan)
    upper, lower = _extremes(standardised)
    return Calibration(
        variance=variance,
        degrees=total,
        sampling_share=share,
        usual_sampling=usual,
        upper=upper,
        lower=lower,
        count=count,
        tail_degrees=_tail_degrees(standardised, count),
    )


def _extremes(standardised: Floats) -> tuple[Floats, Floats]:
    kept = min(_TAIL, len(standardised))
    padded = np.full((2, standardised.shape[1], _TAIL), np.inf)
    for side, sign in enumerate((1.0, -1.0)):
        values = np.where(np.isnan(standardised), -np.inf, sign * standardised)
        largest = np.sort(values, axis=0)[-kept:].T
        padded[side, :, :kept] = np.where(largest > 0, largest, np.inf)
    padded.sort(axis=2)
    return padded[0], padded[1]


def _tail_degrees(standardised: Floats, count: Floats) -> Floats:
    """Student's t with the reference's kurtosis, where that is clearly above the normal's."""
    seen = np.isfinite(standardised)
    z = np.where(seen, standardised, 0.0)
    safe = np.maximum(count, 1.0)
    second = (z**2).sum(axis=0) / safe
    fourth = (z**4).sum(axis=0) / safe
    excess = fourth / np.maximum(second, 1e-100) ** 2 - 3.0
    clear = excess - 2.0 * np.sqrt(24.0 / safe)
    heavy = (clear > 0) & (count >= _KURTOSIS_FROM)
    return np.where(heavy, 4.0 + 6.0 / np.maximum(clear, 1e-3), 1e6)
