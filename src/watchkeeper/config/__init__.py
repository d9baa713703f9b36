"""Settings: `watchkeeper.yaml` and the environment, read once and checked.

What lives here: the file's types, what makes a setting wrong and the messages that say so, the
JSON Schema for editors, and a first look at a data set that drafts the file. What does not: what a
setting does; the rooms below know that.
"""

from __future__ import annotations

from watchkeeper.config.alerts import load_alerts
from watchkeeper.config.checks_loading import load_checks
from watchkeeper.config.config import Baseline, Config
from watchkeeper.config.drafting import draft, model_name
from watchkeeper.config.json_schema import SCHEMA_FILE, alerts_json_schema, json_schema
from watchkeeper.config.loading import BUDGET_VARIABLE, STORE_VARIABLE, load
from watchkeeper.config.looking import ColumnSeen, DataSeen, look
from watchkeeper.config.settings import DEFAULT_BUDGET, DEFAULT_STORE
from watchkeeper.config.suggesting import Suggestion, Suggestions, suggest

__all__ = [
    "BUDGET_VARIABLE",
    "DEFAULT_BUDGET",
    "DEFAULT_STORE",
    "SCHEMA_FILE",
    "STORE_VARIABLE",
    "Baseline",
    "ColumnSeen",
    "Config",
    "DataSeen",
    "Suggestion",
    "Suggestions",
    "alerts_json_schema",
    "draft",
    "json_schema",
    "load",
    "load_alerts",
    "load_checks",
    "look",
    "model_name",
    "suggest",
]
