"""From where on a score is too far out, so that a share of unseen rows reaches it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from watchkeeper.watch.outliers.number_scores import Floats

_ENOUGH: Final = 20
_TAIL: Final = 0.1
_MOST_IN_TAIL: Final = 200
_LEAST: Final = 1.0  # one standard deviation is never far out


def limit(scores: Floats, share: float) -> float:
    """Return the limit that a share of further scores is expected to reach.

    It lies just above one of the scores, so that those beyond are the share. Where these are fewer
    than twenty, the share that is to come is uncertain; then the limit is no lower than where an
    exponential tail has it, which the squares of normal scores have: that of the upper tenth. Its
    scale is told by the median, so that a few rows that do not belong do not move it.

    References
    ----------
    Vovk, V., Gammerman, A., Shafer, G. (2005), Algorithmic learning in a random world.
    Pickands, J. (1975), Statistical inference using extreme order statistics.
    """
    ranked = np.sort(scores)[::-1]
    beyond = int(share * len(ranked) + 0.5)
    # Just above the next one, so that equal scores do not count all.
    own = float(ranked[beyond]) * (1.0 + 1e-3)
    return max(own, _LEAST, 0.0 if beyond >= _ENOUGH else _of_tail(ranked, share))


def _of_tail(ranked: Floats, share: float) -> float:
    """Return the limit by the squares of the upper tenth, of scores from the largest on."""
    tail = max(min(int(_TAIL * len(ranked)), _MOST_IN_TAIL), 1)
    start = float(ranked[tail]) ** 2
    scale = (float(np.median(ranked[:tail])) ** 2 - start) / math.log(2.0)
    further = math.log(tail / len(ranked) / share)
    return math.sqrt(start + scale * max(further, 0.0))
