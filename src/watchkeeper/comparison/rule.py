"""A distance and a threshold of the user's own, such as ``psi > 0.2``, as the rule of drift."""

from __future__ import annotations

import re
from dataclasses import dataclass

from watchkeeper.comparison.result import Distances
from watchkeeper.errors import SettingsError, nearest

_RULE = re.compile(r"\s*([A-Za-z_0-9]+)\s*>\s*([0-9.eE+-]+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A column drifted where a distance is beyond a threshold.

    Examples
    --------
    >>> rule = Rule.parse("psi > 0.2")
    >>> str(rule), rule.broken_by(Distances(psi=0.3))
    ('psi > 0.2', True)
    """

    distance: str
    threshold: float

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read a rule.

        Raises
        ------
        SettingsError
            When it names no distance or no number.
        """
        known = list(Distances.__struct_fields__)
        matched = _RULE.fullmatch(text)
        if matched is None:
            raise SettingsError(
                f"Expected a rule like 'psi > 0.2', got {text!r}. Distances: {', '.join(known)}."
            )
        name, number = matched.groups()
        if name not in known:
            raise SettingsError(
                f"Expected a rule on one of {', '.join(known)}, got {name!r}.{nearest(name, known)}"
            )
        try:
            return cls(distance=name, threshold=float(number))
        except ValueError:
            message = f"Expected a number after '>' in the rule {text!r}, such as 'psi > 0.2'."
            raise SettingsError(message) from None

    def __str__(self) -> str:
        return f"{self.distance} > {self.threshold:g}"

    def broken_by(self, distances: Distances) -> bool:
        """Whether a column's distance is beyond the threshold; not where it has none."""
        value: float | None = getattr(distances, self.distance)
        return value is not None and value > self.threshold
