"""``watchkeeper.compare``: a comparison, and with it every form in which people share one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from watchkeeper.comparison import Comparison
from watchkeeper.pipeline import compare as compare_data
from watchkeeper.report.comparison import ComparisonReport

P = ParamSpec("P")


def _reported(function: Callable[P, Comparison]) -> Callable[P, ComparisonReport]:
    @wraps(function)
    def reported(*args: P.args, **kwargs: P.kwargs) -> ComparisonReport:
        return ComparisonReport(function(*args, **kwargs))

    return reported


compare = _reported(compare_data)
