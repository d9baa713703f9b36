"""How long to leave a destination alone after it failed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential back-off with jitter.

    The wait after failure ``n`` (from 0) is drawn uniformly from the upper half of
    ``min(longest, first * 2**n)``, so that many clients of one server do not return in step
    (Brooker, 2015, "Exponential Backoff And Jitter", the "equal jitter" variant).

    Attributes
    ----------
    first_seconds, longest_seconds
        Ceiling of the first wait and of every wait.
    """

    first_seconds: float = 0.2
    longest_seconds: float = 30.0
    _random: random.Random = field(default_factory=random.SystemRandom, repr=False, compare=False)

    def delay_seconds(self, failures: int, retry_after_seconds: float | None = None) -> float:
        """Return the wait after a number of failures in a row.

        Parameters
        ----------
        failures
            How many sends failed in a row before this one, from 0.
        retry_after_seconds
            What the other side asked for; never undercut, believed up to ten minutes.
        """
        ceiling = min(self.longest_seconds, self.first_seconds * 2.0 ** min(failures, 60))
        drawn = self._random.uniform(ceiling / 2, ceiling)
        return max(drawn, min(retry_after_seconds or 0.0, 600.0))
