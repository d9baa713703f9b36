"""Concept drift: whether what a model loses has risen, row by row as labels come.

Losses, the evidence that their mean rose, when that began, which kind of change it is, and whether
the relation between predictions and labels is one of before. It knows nothing of stores and clocks.
"""

from watchkeeper.watch.concept.bets import Bets, make_bets
from watchkeeper.watch.concept.course import Course, Onset, find_onset
from watchkeeper.watch.concept.detector import ConceptDriftDetector
from watchkeeper.watch.concept.evidence import CHUNK, Evidence
from watchkeeper.watch.concept.losses import (
    LARGEST_LOG_LOSS,
    LossName,
    absolute_losses,
    brier_losses,
    error_losses,
    label_losses,
    largest_loss,
    log_losses,
)
from watchkeeper.watch.concept.monitor import RiskMonitor, RiskSettings, Turn
from watchkeeper.watch.concept.reference import Reference
from watchkeeper.watch.concept.relation import (
    Regime,
    Relation,
    bin_edges,
    nearest_regime,
    places_of,
    remember,
)
from watchkeeper.watch.concept.rise_kinds import kind_of_rise
from watchkeeper.watch.concept.risk_rows import LossScale, RiskRows, WatchedLoss
from watchkeeper.watch.concept.risk_watch import RiskEvent, RiskPlan, RiskWatch
from watchkeeper.watch.concept.trace import Trace, TraceStep

__all__ = [
    "CHUNK",
    "LARGEST_LOG_LOSS",
    "Bets",
    "ConceptDriftDetector",
    "Course",
    "Evidence",
    "LossName",
    "LossScale",
    "Onset",
    "Reference",
    "Regime",
    "Relation",
    "RiskEvent",
    "RiskMonitor",
    "RiskPlan",
    "RiskRows",
    "RiskSettings",
    "RiskWatch",
    "Trace",
    "TraceStep",
    "Turn",
    "WatchedLoss",
    "absolute_losses",
    "bin_edges",
    "brier_losses",
    "error_losses",
    "find_onset",
    "kind_of_rise",
    "label_losses",
    "largest_loss",
    "log_losses",
    "make_bets",
    "nearest_regime",
    "places_of",
    "remember",
]
