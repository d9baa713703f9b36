"""Wilson's interval of a share."""

from __future__ import annotations

import math

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution: both ends of an interval at 95 %."""


def wilson(share: float, size: float, z: float = Z_95) -> tuple[float, float]:
    """Return both ends of the interval of a share; they hold the share, and lie within 0 and 1.

    Parameters
    ----------
    share
        What was observed, 0 to 1.
    size
        Number of independent rows, above 0; a fraction where rows are worth less than one each.
    z
        Quantile that the interval reaches to, 1.96 for 95 %.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22.

    Examples
    --------
    >>> [round(end, 4) for end in wilson(0.8, 10)]
    [0.4902, 0.9433]
    """
    centre = (share + z**2 / (2.0 * size)) / (1.0 + z**2 / size)
    reach = share * (1.0 - share) / size + z**2 / (4.0 * size**2)
    half = z * math.sqrt(reach) / (1.0 + z**2 / size)
    return max(min(centre - half, share), 0.0), min(max(centre + half, share), 1.0)
