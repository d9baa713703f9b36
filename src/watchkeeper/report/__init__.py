"""A backtest or a comparison as a page, a terminal table, a record and what else people share.

Rendering only: a result comes in, text goes out; files are written only where a report is told to
save itself. Nothing here decides or reads data. Each form loads when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchkeeper.report.backtest_verdict import Verdict, verdict
    from watchkeeper.report.comparison import (
        ComparisonReport,
        comparison_html,
        comparison_json,
        comparison_junit,
        comparison_markdown,
        comparison_table,
    )
    from watchkeeper.report.estimates_terminal import estimates_page
    from watchkeeper.report.explanation_terminal import explanation_page
    from watchkeeper.report.importance_terminal import importance_page
    from watchkeeper.report.incident_terminal import incident_page, incident_table
    from watchkeeper.report.page import to_html
    from watchkeeper.report.performance_terminal import performance_page
    from watchkeeper.report.terminal import table
    from watchkeeper.report.wire import to_json

__all__ = [
    "ComparisonReport",
    "Verdict",
    "comparison_html",
    "comparison_json",
    "comparison_junit",
    "comparison_markdown",
    "comparison_table",
    "estimates_page",
    "explanation_page",
    "importance_page",
    "incident_page",
    "incident_table",
    "performance_page",
    "table",
    "to_html",
    "to_json",
    "verdict",
]

_FILES = {
    "ComparisonReport": "comparison",
    "Verdict": "backtest_verdict",
    "comparison_html": "comparison",
    "comparison_json": "comparison",
    "comparison_junit": "comparison",
    "comparison_markdown": "comparison",
    "comparison_table": "comparison",
    "estimates_page": "estimates_terminal",
    "explanation_page": "explanation_terminal",
    "importance_page": "importance_terminal",
    "incident_page": "incident_terminal",
    "performance_page": "performance_terminal",
    "incident_table": "incident_terminal",
    "table": "terminal",
    "to_html": "page",
    "to_json": "wire",
    "verdict": "backtest_verdict",
}


def __getattr__(name: str) -> object:
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_FILES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
