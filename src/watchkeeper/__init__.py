"""Watchkeeper stands watch over machine-learning models, with a budget for false alarms.

The names below are loaded when first used (PEP 562), so that ``import watchkeeper`` in a service
costs next to nothing and pulls in neither NumPy nor PyArrow.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # what ``typing`` says, without importing it; type checkers know the name

if TYPE_CHECKING:
    from watchkeeper import checks, errors
    from watchkeeper.events import Feedback, Outcome, Prediction
    from watchkeeper.explanations import Explainer
    from watchkeeper.pipeline import backtest, load_profile, profile_table, run_checks, save_profile
    from watchkeeper.report.compared import compare
    from watchkeeper.sdk import Client
    from watchkeeper.watch.concept import ConceptDriftDetector

__version__ = "0.1.0"

__all__ = [
    "Client",
    "ConceptDriftDetector",
    "Explainer",
    "Feedback",
    "Outcome",
    "Prediction",
    "__version__",
    "backtest",
    "checks",
    "compare",
    "errors",
    "load_profile",
    "profile_table",
    "run_checks",
    "save_profile",
]

_HOMES = {
    "Client": "watchkeeper.sdk",
    "ConceptDriftDetector": "watchkeeper.watch.concept",
    "Explainer": "watchkeeper.explanations",
    "Feedback": "watchkeeper.events",
    "Outcome": "watchkeeper.events",
    "Prediction": "watchkeeper.events",
    "backtest": "watchkeeper.pipeline",
    "compare": "watchkeeper.report.compared",
    "load_profile": "watchkeeper.pipeline",
    "profile_table": "watchkeeper.pipeline",
    "run_checks": "watchkeeper.pipeline",
    "save_profile": "watchkeeper.pipeline",
}


def __getattr__(name: str) -> object:
    if name in {"checks", "errors"}:
        return importlib.import_module(f"watchkeeper.{name}")
    if name not in _HOMES:
        message = f"module 'watchkeeper' has no attribute {name!r}"
        raise AttributeError(message, name=name, obj=importlib.import_module(__name__))
    value: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
