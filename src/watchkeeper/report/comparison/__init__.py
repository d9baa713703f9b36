"""A comparison of two data sets as a page, a comment, test results, a table and a record.

Rendering only: a comparison comes in, text goes out. Each form loads when it is first used, so
that a comparison nobody looks at costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from watchkeeper.report.comparison.report import ComparisonReport

if TYPE_CHECKING:
    from watchkeeper.report.comparison.junit import comparison_junit
    from watchkeeper.report.comparison.markdown import comparison_markdown
    from watchkeeper.report.comparison.page import comparison_html
    from watchkeeper.report.comparison.terminal import comparison_table
    from watchkeeper.report.comparison.wire import comparison_json

__all__ = [
    "ComparisonReport",
    "comparison_html",
    "comparison_json",
    "comparison_junit",
    "comparison_markdown",
    "comparison_table",
]

_FILES = {
    "comparison_html": "page",
    "comparison_json": "wire",
    "comparison_junit": "junit",
    "comparison_markdown": "markdown",
    "comparison_table": "terminal",
}


def __getattr__(name: str) -> object:
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_FILES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
