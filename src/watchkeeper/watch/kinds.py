"""Which kind of drift a change is, from its course over the buckets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.incidents import Kind

Floats = NDArray[np.float64]

_LEAST = 6
_GRADUAL_SWITCHES = 3
_RAMP_GAIN = 0.6


def kind_of_course(course: Floats) -> Kind:
    """Tell sudden, incremental and gradual changes apart.

    Parameters
    ----------
    course
        How far each bucket lay from the expectation, in usual deviations, oldest first, from
        some buckets before the change until now.

    Notes
    -----
    Kinds as in Gama et al. 2014, "A survey on concept drift adaptation": *sudden*, one step;
    *incremental*, a ramp through intermediate states; *gradual*, old and new state
    alternating, the new one ever more often. Too short a course is called sudden.

    Examples
    --------
    >>> kind_of_course(np.array([0.0] * 8 + [5.0] * 8))
    'sudden'
    >>> kind_of_course(np.concatenate([np.zeros(8), np.linspace(0, 8, 20)]))
    'incremental'
    """
    values = course[np.isfinite(course)]
    if len(values) < _LEAST:
        return "sudden"
    step, onset = _best_step(values)
    ramp = _best_ramp(values)
    after = values[onset:]
    noise = max(1.0, float(np.std(values[:onset])) if onset > 1 else 1.0)
    if _switches(after, noise):
        return "gradual"
    return "incremental" if ramp < _RAMP_GAIN * step else "sudden"


def _best_step(values: Floats) -> tuple[float, int]:
    """Least squared error of zero-then-constant, and where the constant starts."""
    squares = values**2
    best, onset = float(squares.sum()), 0
    for k in range(len(values) - 1):
        rest = values[k:]
        error = float(squares[:k].sum() + ((rest - rest.mean()) ** 2).sum())
        if error < best or k == 0:
            best, onset = min(best, error), k
    return max(best, 1e-9), onset


def _best_ramp(values: Floats) -> float:
    """Least squared error of zero, then a straight rise through zero, then a constant."""
    n = len(values)
    times = np.arange(n, dtype=np.float64)
    best = np.inf
    for start in range(n - 4):
        for stop in {n - 1, start + (n - start) // 2, start + 3 * (n - start) // 4}:
            if stop - start < 4:
                continue
            shape = np.clip((times - start) / (stop - start), 0.0, 1.0)
            slope = float(shape @ values) / float(shape @ shape)
            best = min(best, float(((values - slope * shape) ** 2).sum()))
    return best


def _switches(after: Floats, noise: float) -> bool:
    """Whether the course keeps changing between about zero and about its upper state."""
    if len(after) < _LEAST:
        return False
    size = float(np.quantile(np.abs(after), 0.8))
    if size < 4.0 * noise:
        return False
    high = np.abs(after) > 0.65 * size
    low = np.abs(after) < 0.35 * size
    clear = high | low
    if clear.mean() < 0.8 or low.sum() < 2:
        return False
    state = high[clear]
    return int((state[1:] != state[:-1]).sum()) >= _GRADUAL_SWITCHES
