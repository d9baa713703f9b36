"""Baselines and seasons, detectors under one false-alarm budget, and incidents.

What lives here decides, from profiles alone, whether something happened. It reads no files and no
clock, and sends nothing.
"""

from watchkeeper.events import parse_duration
from watchkeeper.watch.adoption import adopt, as_adopted
from watchkeeper.watch.baseline import LEAST_BUCKETS, Baseline, Settings, fit
from watchkeeper.watch.bucketing import Bucketing
from watchkeeper.watch.budget import (
    BUSINESS_SHARE,
    ESTIMATES_SHARE,
    LABELS_SHARE,
    LOSS_SHARE,
    OUTLIERS_SHARE,
    QUALITY_SHARE,
    Budget,
)
from watchkeeper.watch.coverage_falls import CoverageFall, coverage_falls
from watchkeeper.watch.cycles import Calendar, Cycle, NamedEvent
from watchkeeper.watch.day_shifts import DayShift, accepted, day_shifts
from watchkeeper.watch.detector import Step, step
from watchkeeper.watch.expected import expected_shares
from watchkeeper.watch.explanation_weights import explanation_weights
from watchkeeper.watch.incidents import (
    CategoryChange,
    Cause,
    Effect,
    Incident,
    Kind,
    NotEnough,
    StreamEvidence,
)
from watchkeeper.watch.label_coverage import CoverageReference, LabelledDay, UsualCoverage
from watchkeeper.watch.ledger import current
from watchkeeper.watch.outlier_rises import (
    OutlierRise,
    ScoredHour,
    UsualOutliers,
    outlier_rises,
)
from watchkeeper.watch.scoring import Score, drift, score
from watchkeeper.watch.season import Expected, expected_over
from watchkeeper.watch.state import State, start
from watchkeeper.watch.usual_days import (
    LEAST_DAYS,
    LEAST_ENTITIES,
    JudgedDay,
    RatioDay,
    UsualDays,
    usual_days,
)
from watchkeeper.watch.wire import (
    baseline_from_bytes,
    baseline_to_bytes,
    state_from_bytes,
    state_to_bytes,
)
from watchkeeper.watch.wording import moment_text, no_input_moved, span_text

__all__ = [
    "BUSINESS_SHARE",
    "ESTIMATES_SHARE",
    "LABELS_SHARE",
    "LEAST_BUCKETS",
    "LEAST_DAYS",
    "LEAST_ENTITIES",
    "LOSS_SHARE",
    "OUTLIERS_SHARE",
    "QUALITY_SHARE",
    "Baseline",
    "Bucketing",
    "Budget",
    "Calendar",
    "CategoryChange",
    "Cause",
    "CoverageFall",
    "CoverageReference",
    "Cycle",
    "DayShift",
    "Effect",
    "Expected",
    "Incident",
    "JudgedDay",
    "Kind",
    "LabelledDay",
    "NamedEvent",
    "NotEnough",
    "OutlierRise",
    "RatioDay",
    "Score",
    "ScoredHour",
    "Settings",
    "State",
    "Step",
    "StreamEvidence",
    "UsualCoverage",
    "UsualDays",
    "UsualOutliers",
    "accepted",
    "adopt",
    "as_adopted",
    "baseline_from_bytes",
    "baseline_to_bytes",
    "coverage_falls",
    "current",
    "day_shifts",
    "drift",
    "expected_over",
    "expected_shares",
    "explanation_weights",
    "fit",
    "moment_text",
    "no_input_moved",
    "outlier_rises",
    "parse_duration",
    "score",
    "span_text",
    "start",
    "state_from_bytes",
    "state_to_bytes",
    "step",
    "usual_days",
]
