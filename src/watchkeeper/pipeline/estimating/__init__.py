"""How good predictions will turn out to be, before their labels come: estimated, kept, scored."""

from __future__ import annotations

from watchkeeper.pipeline.estimating.cell import CorrectedValue, EstimatedCell, EstimatedValue
from watchkeeper.pipeline.estimating.estimate_incidents import (
    CONTRADICTED,
    FALLEN,
    EstimateIncidents,
)
from watchkeeper.pipeline.estimating.estimates import estimates
from watchkeeper.pipeline.estimating.estimates_answer import (
    Estimates,
    EstimateScore,
    EstimateSeries,
    OutsideColumn,
)
from watchkeeper.pipeline.estimating.rounds import EstimateRounds

__all__ = [
    "CONTRADICTED",
    "FALLEN",
    "CorrectedValue",
    "EstimateIncidents",
    "EstimateRounds",
    "EstimateScore",
    "EstimateSeries",
    "EstimatedCell",
    "EstimatedValue",
    "Estimates",
    "OutsideColumn",
    "estimates",
]
