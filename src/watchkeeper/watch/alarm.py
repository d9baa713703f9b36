"""What makes an incident open."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.watch.incidents import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Units that carry the evidence, most first, with the stream that speaks for each.

    Attributes
    ----------
    units, tracked
        Units, and for each the stream by which its return will be judged.
    share, score
        Part of all evidence, and evidence as a multiple of the threshold.
    significant
        Whether the unit would be reported by itself.
    """

    cause: Cause
    units: tuple[int, ...]
    tracked: tuple[int, ...]
    share: tuple[float, ...]
    score: tuple[float, ...]
    significant: tuple[bool, ...]
    note: str
