"""What enters Watchkeeper: records, the schema of a model's columns, and their checks.

Types and wire formats live here; how records are kept is the store's business.
"""

from __future__ import annotations

from watchkeeper.events.acknowledgement import Acknowledgement, Rejection
from watchkeeper.events.inference import Inference, infer_schema
from watchkeeper.events.records import (
    FeatureValue,
    Feedback,
    Outcome,
    Output,
    Prediction,
    Record,
)
from watchkeeper.events.schema import Column, ColumnRole, ColumnType, Schema
from watchkeeper.events.validation import MODEL_NAME, Checked, validate

__all__ = [
    "MODEL_NAME",
    "Acknowledgement",
    "Checked",
    "Column",
    "ColumnRole",
    "ColumnType",
    "FeatureValue",
    "Feedback",
    "Inference",
    "Outcome",
    "Output",
    "Prediction",
    "Record",
    "Rejection",
    "Schema",
    "infer_schema",
    "validate",
]
