"""Rows in, every metric with its interval out."""

from __future__ import annotations

from collections.abc import Callable

from watchkeeper.metrics.quality.binary import BINARY, BinaryRows
from watchkeeper.metrics.quality.catalogue import chosen
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.clusters import Clusters, clusters
from watchkeeper.metrics.quality.estimated import Finding, Unsaid
from watchkeeper.metrics.quality.measured import Measured, told
from watchkeeper.metrics.quality.multiclass import MULTICLASS, MulticlassRows
from watchkeeper.metrics.quality.multilabel import MULTILABEL, MultilabelRows
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
    findings = findings_of(rows, choice, together)
    return tuple(told(name, findings(name), len(rows), together) for name in names)


def findings_of(
    rows: ScoredRows, choice: QualityChoice, together: Clusters | None
) -> Callable[[str], Finding]:
    """Return what finds a metric of the rows' task, by name; the rows are prepared once."""
    if rows.task == "binary":
        binary = BinaryRows(rows, choice, together)
        return lambda name: BINARY[name](binary)
    if rows.task == "multiclass":
        multiclass = MulticlassRows(rows, choice, together)
        return lambda name: MULTICLASS[name](multiclass)
    if rows.task == "multilabel":
        multilabel = MultilabelRows(rows, choice)
        return lambda name: MULTILABEL[name](multilabel)
    regression = RegressionRows(rows, choice)
    return lambda name: REGRESSION[name](regression)
