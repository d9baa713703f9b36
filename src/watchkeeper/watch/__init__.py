"""Baselines and seasons, detectors under one false-alarm budget, and incidents.

What lives here decides, from profiles alone, whether something happened. It reads no files and no
clock, and sends nothing.
"""

from watchkeeper.watch.bucketing import Bucketing, parse_duration
from watchkeeper.watch.budget import Budget
from watchkeeper.watch.incidents import (
    CategoryChange,
    Cause,
    Effect,
    Incident,
    Kind,
    NotEnough,
    StreamEvidence,
)

__all__ = [
    "Bucketing",
    "Budget",
    "CategoryChange",
    "Cause",
    "Effect",
    "Incident",
    "Kind",
    "NotEnough",
    "StreamEvidence",
    "parse_duration",
]
