"""Two models on the same rows: each metric of both, and its difference with a paired interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchkeeper.errors import DataError
from watchkeeper.metrics.quality.catalogue import chosen
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.clusters import clusters
from watchkeeper.metrics.quality.estimated import Estimated, Unsaid
from watchkeeper.metrics.quality.intervals import interval
from watchkeeper.metrics.quality.measuring import findings_of
from watchkeeper.metrics.quality.scored import ScoredRows

_USUAL = QualityChoice()


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedMetric:
    """One metric of two models on the same rows.

    Parameters
    ----------
    name
        Key of :data:`METRICS`.
    first, second
        The metric of either model.
    difference, low, high
        Second minus first, with its interval at 95 %; ``None`` where a side cannot be said, or
        the end is not known.
    rows
        Labelled predictions of both.
    """

    name: str
    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None
    rows: int


def measure_paired(
    first: ScoredRows, second: ScoredRows, choice: QualityChoice = _USUAL
) -> tuple[PairedMetric, ...]:
    """Return the chosen metrics of two models on the same rows, and their differences.

    What a row adds to either metric (its influence) is subtracted row by row, so that what both
    models find easy or hard cancels; sums over entities where rows repeat.

    Raises
    ------
    DataError
        If the rows are not of the same task and number.
    SettingsError
        If a chosen metric does not go with the task.

    References
    ----------
    E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Comparing the areas under two or more
    correlated ROC curves, Biometrics 44: the same for ROC AUC.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([1, 0, 1, 1, 0, 1])
    >>> one = ScoredRows(task="binary", labels=labels, predicted=np.array([1, 0, 0, 1, 0, 1]))
    >>> two = ScoredRows(task="binary", labels=labels, predicted=np.array([1, 0, 1, 1, 0, 1]))
    >>> [found] = measure_paired(one, two, QualityChoice(metrics=("accuracy",)))
    >>> round(found.difference, 3)
    0.167
    """
    if first.task != second.task or len(first) != len(second):
        raise DataError(
            f"expected the same rows of both; got {len(first)} of {first.task} and"
            f" {len(second)} of {second.task}"
        )
    names = chosen(first.task, choice)
    if not len(first):
        return tuple(_unsaid(name, None, None, 0) for name in names)
    together = clusters(first.entities)
    sides = [findings_of(rows, choice, together) for rows in (first, second)]
    found: list[PairedMetric] = []
    for name in names:
        one, two = (side(name) for side in sides)
        if isinstance(one, Unsaid) or isinstance(two, Unsaid):
            values = [None if isinstance(side, Unsaid) else side.value for side in (one, two)]
            found.append(_unsaid(name, values[0], values[1], len(first)))
            continue
        difference = Estimated(
            value=two.value - one.value,
            influence=two.influence - one.influence,
            scale="free",
            support=min(one.support, two.support),
        )
        ends = [end if math.isfinite(end) else None for end in interval(difference, together)]
        found.append(
            PairedMetric(
                name=name,
                first=one.value,
                second=two.value,
                difference=difference.value,
                low=ends[0],
                high=ends[1],
                rows=len(first),
            )
        )
    return tuple(found)


def _unsaid(name: str, first: float | None, second: float | None, rows: int) -> PairedMetric:
    return PairedMetric(
        name=name, first=first, second=second, difference=None, low=None, high=None, rows=rows
    )
