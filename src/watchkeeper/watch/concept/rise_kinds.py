"""Which kind of change a rise of the risk is, from its course."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.concept.course import Course, Onset
from watchkeeper.watch.concept.reference import Reference
from watchkeeper.watch.incidents import Kind
from watchkeeper.watch.kinds import kind_of_course

_PIECES = 12


def kind_of_rise(course: Course, onset: Onset, reference: Reference) -> Kind:
    """Tell sudden, incremental and gradual rises apart.

    The course from before the onset until now is cut into pieces of equal length, twelve of them
    after it; how far each lies above the reference, in its own standard errors, is looked at as
    `kind_of_course` does.
    """
    rows = max(1.0, onset.rows / _PIECES)
    ends = np.cumsum(np.array(course.rows, dtype=np.float64))
    pieces = min(2 * _PIECES, int(ends[-1] // rows))
    if pieces < 2:
        return "sudden"
    cuts = ends[-1] - rows * np.arange(pieces, -1, -1)
    totals = np.interp(cuts, _from_zero(ends), _from_zero(np.cumsum(np.array(course.totals))))
    means = np.diff(totals) / rows
    error = np.sqrt(reference.variance * reference.time / rows)
    return kind_of_course((means - reference.mean) / error)


def _from_zero(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([[0.0], values])
