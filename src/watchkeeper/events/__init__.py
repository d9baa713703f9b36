"""What enters Watchkeeper: records, the schema of a model's columns, and their checks.

Types and wire formats live here; how records are kept is the store's business. What looks at
whole tables loads when it is first used, so that the SDK does not load Arrow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from watchkeeper.events.acknowledgement import Acknowledgement, Rejection
from watchkeeper.events.business_settings import BusinessMetric, ReadyMade, business_faults
from watchkeeper.events.costs import CostSettings, PriceSettings, TokenSettings, cost_faults
from watchkeeper.events.durations import parse_duration
from watchkeeper.events.objectives import ObjectiveSettings, objective_faults
from watchkeeper.events.operating import (
    MaskRule,
    OperatingSettings,
    PrivacySettings,
    RetentionSettings,
)
from watchkeeper.events.private_columns import privacy_faults, stored_names
from watchkeeper.events.quality_settings import QualitySettings, quality_faults
from watchkeeper.events.records import (
    Contribution,
    FeatureValue,
    Feedback,
    Label,
    Outcome,
    Output,
    Prediction,
    Record,
)
from watchkeeper.events.schema import (
    EXPLANATION,
    WATCHED_ROLES,
    Column,
    ColumnRole,
    ColumnType,
    Schema,
)
from watchkeeper.events.setting_fault import SettingFault
from watchkeeper.events.validation import MODEL_NAME, Checked, validate

if TYPE_CHECKING:
    from watchkeeper.events.inference import Inference, infer_schema

__all__ = [
    "EXPLANATION",
    "MODEL_NAME",
    "WATCHED_ROLES",
    "Acknowledgement",
    "BusinessMetric",
    "Checked",
    "Column",
    "ColumnRole",
    "ColumnType",
    "Contribution",
    "CostSettings",
    "FeatureValue",
    "Feedback",
    "Inference",
    "Label",
    "MaskRule",
    "ObjectiveSettings",
    "OperatingSettings",
    "Outcome",
    "Output",
    "Prediction",
    "PriceSettings",
    "PrivacySettings",
    "QualitySettings",
    "ReadyMade",
    "Record",
    "Rejection",
    "RetentionSettings",
    "Schema",
    "SettingFault",
    "TokenSettings",
    "business_faults",
    "cost_faults",
    "infer_schema",
    "objective_faults",
    "parse_duration",
    "privacy_faults",
    "quality_faults",
    "stored_names",
    "validate",
]

_TABLES = ("Inference", "infer_schema")


def __getattr__(name: str) -> object:
    if name not in _TABLES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.inference"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
