"""Settings: `watchkeeper.yaml` and the environment, read once and checked.

What lives here: the file's types, what makes a setting wrong and the messages that say so, and
the JSON Schema for editors. What does not: what a setting does; the rooms below know that.
"""

from __future__ import annotations

from watchkeeper.config.config import Baseline, Config
from watchkeeper.config.json_schema import SCHEMA_FILE, json_schema
from watchkeeper.config.loading import BUDGET_VARIABLE, STORE_VARIABLE, load
from watchkeeper.config.settings import DEFAULT_BUDGET, DEFAULT_STORE

__all__ = [
    "BUDGET_VARIABLE",
    "DEFAULT_BUDGET",
    "DEFAULT_STORE",
    "SCHEMA_FILE",
    "STORE_VARIABLE",
    "Baseline",
    "Config",
    "json_schema",
    "load",
]
