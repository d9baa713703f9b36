"""Why a model changed: which rows carry it, which columns, what happened at the same time.

Pure: coded columns and a quantity per row come in, findings come out. Which rows and which
quantity is for ``pipeline`` to say.
"""

from __future__ import annotations

from watchkeeper.diagnosis.change_split import ChangeSplit, ColumnPart, split_change
from watchkeeper.diagnosis.coded_columns import CodedColumn, code_categories, code_numbers
from watchkeeper.diagnosis.coincidences import (
    Coincidence,
    CoincidenceKind,
    Course,
    coincidence_text,
    courses_of_shares,
    find_coincidences,
)
from watchkeeper.diagnosis.conditions import Condition, text_of
from watchkeeper.diagnosis.confirmed import Segment
from watchkeeper.diagnosis.estimate import Estimate
from watchkeeper.diagnosis.held_out import mean_change
from watchkeeper.diagnosis.impact import Impact, impact_of
from watchkeeper.diagnosis.segments import SegmentFindings, find_segments
from watchkeeper.diagnosis.traffic_mix import GroupPart, GroupSums, MixSplit, split_by_mix

__all__ = [
    "ChangeSplit",
    "CodedColumn",
    "Coincidence",
    "CoincidenceKind",
    "ColumnPart",
    "Condition",
    "Course",
    "Estimate",
    "GroupPart",
    "GroupSums",
    "Impact",
    "MixSplit",
    "Segment",
    "SegmentFindings",
    "code_categories",
    "code_numbers",
    "coincidence_text",
    "courses_of_shares",
    "find_coincidences",
    "find_segments",
    "impact_of",
    "mean_change",
    "split_by_mix",
    "split_change",
    "text_of",
]
