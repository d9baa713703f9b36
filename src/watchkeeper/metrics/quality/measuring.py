"""Rows in, every metric with its interval out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from watchkeeper.errors import UsageError
from watchkeeper.metrics.quality.binary import BINARY, BinaryRows
from watchkeeper.metrics.quality.catalogue import chosen
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.estimated import Finding, Unsaid
from watchkeeper.metrics.quality.intervals import Clusters, clusters, interval
from watchkeeper.metrics.quality.measured import Measured
from watchkeeper.metrics.quality.regression import REGRESSION, RegressionRows
from watchkeeper.metrics.quality.scored import ScoredRows

_USUAL = QualityChoice()


def measure(rows: ScoredRows, choice: QualityChoice = _USUAL) -> tuple[Measured, ...]:
    """Return the chosen metrics of some labelled predictions, each with an interval at 95 %.

    Rows of one entity are treated as one draw. What the rows cannot say (no row, one class
    only, no spread) has the value ``None`` and a reason.

    Raises
    ------
    SettingsError
        If a chosen metric does not go with the task.

    Examples
    --------
    >>> import numpy as np
    >>> rows = ScoredRows(
    ...     task="binary", labels=np.array([1, 0, 1, 1]), scores=np.array([0.9, 0.2, 0.4, 0.7])
    ... )
    >>> [measured.value for measured in measure(rows, QualityChoice(metrics=("accuracy",)))]
    [0.75]
    """
    names = chosen(rows.task, choice)
    if not len(rows):
        empty = Unsaid(reason="There is no labelled prediction.")
        return tuple(told(name, empty, 0, None) for name in names)
    together = clusters(rows.entities)
    findings = _findings(rows, choice)
    return tuple(told(name, findings(name), len(rows), together) for name in names)


def told(name: str, finding: Finding, rows: int, together: Clusters | None) -> Measured:
    """Return a finding as a value with its interval."""
    if isinstance(finding, Unsaid):
        return Measured(
            name=name, value=None, low=None, high=None, rows=rows, unsaid=finding.reason
        )
    low, high = (end if math.isfinite(end) else None for end in interval(finding, together))
    return Measured(name=name, value=finding.value, low=low, high=high, rows=rows)


def _findings(rows: ScoredRows, choice: QualityChoice) -> Callable[[str], Finding]:
    table: Mapping[str, Callable[[Any], Finding]]
    prepared: Any
    if rows.task == "binary":
        table, prepared = BINARY, BinaryRows(rows, choice)
    elif rows.task == "regression":
        table, prepared = REGRESSION, RegressionRows(rows, choice)
    else:
        raise UsageError(f"There is no metric for the task {rows.task!r} yet.")

    def find(name: str) -> Finding:
        if name not in table:
            return Unsaid(reason=f"{name} is not computed yet.")
        return table[name](prepared)

    return find
