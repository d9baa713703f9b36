"""Evidence against "nothing has changed" that may be looked at after every bucket."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def tilt(z: Floats, size: Floats) -> Floats:
    """Return the logarithm of the e-value of a normal score for a shift of a given size.

    ``exp(size * z - size**2 / 2)`` has expectation 1 when ``z`` is standard normal, and at most 1
    when ``z`` comes from a valid p-value by ``z = -ndtri(p)`` and ``size >= 0``.

    Parameters
    ----------
    z
        Normal scores, any shape.
    size
        Shifts looked for, in standard deviations; broadcast against ``z``.

    Notes
    -----
    The likelihood ratio of N(size, 1) to N(0, 1); as a p-to-e calibrator: Vovk, Wang 2021,
    "E-values: calibration, combination and applications".

    Examples
    --------
    >>> float(np.exp(tilt(np.array(3.0), np.array(2.0))).round(4))
    54.5982
    """
    return size * z - 0.5 * size * size


def e_value(p: Floats) -> Floats:
    """Turn p-values into e-values by the mixture of all power calibrators.

    ``integral of eps * p**(eps - 1) d eps over (0, 1) = (1 - p + p ln p) / (p (ln p)**2)``.

    Parameters
    ----------
    p
        p-values in (0, 1].

    Notes
    -----
    Vovk, Wang 2021, "E-values: calibration, combination and applications", equation (2).

    Examples
    --------
    >>> e_value(np.array([0.001, 0.01, 0.1, 0.5])).round(4).tolist()
    [20.7911, 4.451, 1.2632, 0.6387]
    """
    p = np.asarray(p, dtype=np.float64)
    log = np.log(p)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (1.0 - p + p * log) / (p * log * log)
    # The quotient loses all digits near 1, where its series is 1/2 - ln(p)/6.
    return np.where(log > -1e-4, 0.5 - log / 6.0, value)


def cusum(evidence: Floats, first: Floats, next_: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Advance e-detectors of CUSUM form by one bucket, in logarithms.

    An e-detector follows, for every possible time of change, an e-process that starts there, and
    keeps the largest. The first bucket after a change may look different from the later ones (in a
    process with memory a shift first jumps, then persists), so the two have factors of their own.

    Parameters
    ----------
    evidence
        Log evidence before the bucket; ``-inf`` at the start.
    first
        Log e-value of the bucket as the first one after a change.
    next_
        Log e-value of the bucket as a later one.

    Returns
    -------
    tuple
        Log evidence after the bucket, and whether the best explanation starts at this bucket.

    Notes
    -----
    Shin, Ramdas, Rinaldo 2022, "E-detectors: a nonparametric framework for sequential change
    detection": the mean time to a false alarm at threshold ``A`` is at least ``A`` buckets, and
    averages of e-detectors are e-detectors under any dependence. The form with a sum
    (Shiryaev-Roberts) is larger, but with small shifts of long memory it grows by itself
    like the number of buckets and then alarms about every ``A`` buckets on nothing; the
    maximum does not.
    """
    continued = evidence + next_
    restarted = first >= continued
    return np.where(restarted, first, continued), restarted


def e_bh(e_values: Floats, level: float) -> NDArray[np.bool_]:
    """Select the e-values that are significant at a false discovery rate.

    Parameters
    ----------
    e_values
        One e-value per hypothesis, shape (n,).
    level
        Accepted false discovery rate, in (0, 1].

    Notes
    -----
    Wang, Ramdas 2022, "False discovery rate control with e-values"; valid under any dependence.

    Examples
    --------
    >>> e_bh(np.array([100.0, 2.0, 45.0]), 0.05).tolist()
    [True, False, True]
    """
    n = len(e_values)
    order = np.argsort(-e_values, kind="stable")
    passes = e_values[order] * np.arange(1, n + 1) >= n / level
    selected = np.zeros(n, dtype=np.bool_)
    if passes.any():
        selected[order[: int(np.flatnonzero(passes)[-1]) + 1]] = True
    return selected
