"""How good predictions will turn out to be, before their labels come: estimated, kept, scored."""

from __future__ import annotations

from watchkeeper.pipeline.estimating.cell import CorrectedValue, EstimatedCell, EstimatedValue
from watchkeeper.pipeline.estimating.rounds import HOURLY_DAYS, EstimateRounds

__all__ = [
    "HOURLY_DAYS",
    "CorrectedValue",
    "EstimateRounds",
    "EstimatedCell",
    "EstimatedValue",
]
