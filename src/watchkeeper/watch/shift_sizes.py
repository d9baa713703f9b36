"""What one bucket says for a lasting shift of some sizes, where buckets remember each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.stats import tilt

Floats = NDArray[np.float64]

SIZES = np.array([0.6, 1.4, 3.0])
"""Shifts looked for, in deviations of one bucket."""

HEADROOM = 3.5
"""What the evidence of such detectors may be multiplied by before it is held against a budget.

The maximum over times of change grows so much slower than the sum that its mean time to a
false alarm at threshold A is at least 5 A for every shift looked for (Siegmund 1985,
"Sequential Analysis": 2 exp(h + 1.166 d) / d**2 buckets at h = ln A). A threshold below the
budget's own therefore still keeps it, by a margin for what calibration cannot know, which
benchmarks/false_alarms.py shows.
"""

_LARGEST_JUMP = 4.0
# That holds where all buckets after a change look alike. A first jump that may be far larger than
# what lasts makes every bucket a chance of its own, so evidence from it counts down to half.
_JUMP_PRICE = float(np.log(2.0))
_FAIR_JUMP = 4.0


def shift_evidence(z: Floats, gain: Floats, least: Floats) -> tuple[Floats, Floats]:
    """Return the logarithms of a bucket's e-values for shifts upwards of three sizes.

    Parameters
    ----------
    z
        Normal scores of the forecast errors, shape (streams,).
    gain
        Part of a lasting shift that errors still show after the first bucket, (streams,).
    least
        No lasting shift is looked for that is smaller, (streams,).

    Returns
    -------
    tuple
        As the first bucket after the shift, and as a later one, each (streams, 3).
    """
    gain = np.sqrt(gain)[:, None]
    lasting = np.maximum(SIZES * gain, least[:, None])
    jump = np.maximum(np.minimum(SIZES / gain, _LARGEST_JUMP), lasting)
    price = np.clip(np.log(jump / lasting / _FAIR_JUMP), 0.0, _JUMP_PRICE)
    return tilt(z[:, None], jump) - price, tilt(z[:, None], lasting)
