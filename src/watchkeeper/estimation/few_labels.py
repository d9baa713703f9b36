"""A bucket of which a few labels are known: the estimate put right by them, or contradicted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.classifier import ClassEstimator
from watchkeeper.estimation.contradiction import label_p_value, mean_p_value
from watchkeeper.estimation.losses import REGRESSION_METRICS
from watchkeeper.estimation.predictions import ClassPredictions, RegressionPredictions, one_hot
from watchkeeper.estimation.regressor import RegressionEstimator
from watchkeeper.stats import PoweredMean, powered_mean

Floats = NDArray[np.float64]

CONTRADICTED_BELOW = 0.01
"""An estimate is contradicted where chance alone would be so far off less often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedMetric:
    """A metric by the few labels and the estimate together.

    Attributes
    ----------
    powered
        Valid whether or not the relation between inputs and labels has changed, if the labelled
        rows are a random part of the bucket's.
    p_value
        Of the estimate's being as right for the labelled rows as it was on the reference.
    """

    name: str
    powered: PoweredMean
    labelled: int
    p_value: float

    @property
    def is_contradicted(self) -> bool:
        """Whether the labels say that the estimate is wrong."""
        return self.p_value < CONTRADICTED_BELOW


def correct(
    estimator: ClassEstimator,
    name: str,
    rows: ClassPredictions,
    labelled: NDArray[np.int64],
    labels: NDArray[np.int64],
) -> CorrectedMetric | None:
    """Return a metric of a bucket of which some rows have a label.

    The metric counts as the mean of its influence on each row, which for one of means it is.

    Parameters
    ----------
    labelled
        Indices of the rows with a label, a random part of all, shape (n,).
    labels
        Their classes, shape (n,).

    Returns
    -------
    CorrectedMetric or None
        ``None`` where the metric is not defined for the labelled rows.

    Raises
    ------
    NotEnoughDataError
        There are fewer than 10 labels.

    References
    ----------
    A. N. Angelopoulos, J. C. Duchi, T. Zrnic (2023), PPI++: efficient prediction-powered inference.
    """
    chances = estimator.chances(rows)
    others = np.setdiff1d(np.arange(len(rows.predicted)), labelled)
    known = rows.take(labelled)
    truth = estimator.value(name, one_hot(labels, len(estimator.classes)), known)
    guessed = estimator.value(name, chances[labelled], known)
    elsewhere = estimator.value(name, chances[others], rows.take(others))
    if math.isnan(truth.value) or math.isnan(guessed.value):
        return None
    is_known = not math.isnan(elsewhere.value)
    beyond = elsewhere.value + elsewhere.by_row if is_known else np.zeros(0)
    powered = powered_mean(truth.value + truth.by_row, guessed.value + guessed.by_row, beyond)
    p_value = label_p_value(
        labels,
        chances[labelled],
        guessed.by_label,
        own_variance=estimator.own_variances[name],
    )
    return CorrectedMetric(name=name, powered=powered, labelled=len(labelled), p_value=p_value)


def correct_regression(
    estimator: RegressionEstimator,
    name: str,
    rows: RegressionPredictions,
    labelled: NDArray[np.int64],
    truth: Floats,
) -> CorrectedMetric:
    """Return a metric of a regression's bucket of which some rows have a true value.

    Parameters
    ----------
    labelled
        Indices of the rows with a true value, a random part of all, shape (n,).
    truth
        Their true values, shape (n,).

    Raises
    ------
    NotEnoughDataError
        There are fewer than 10 true values.
    """
    metric = REGRESSION_METRICS[name]
    expected = estimator.expected(name, rows)
    others = np.setdiff1d(np.arange(len(rows.predicted)), labelled)
    real = metric.of_rows(truth, rows.predicted[labelled])
    guessed, elsewhere = expected.of_rows[labelled], expected.of_rows[others]
    beyond = metric.influences(elsewhere) if len(others) else elsewhere
    powered = powered_mean(metric.influences(real), metric.influences(guessed), beyond)
    apart = real - guessed
    p_value = mean_p_value(
        float(apart.mean()),
        float(apart.var(ddof=1)) / len(apart),
        expected.loss.chance_variance(guessed, expected.weighted),
        own_variance=expected.loss.own_variance_of(guessed),
    )
    return CorrectedMetric(name=name, powered=powered, labelled=len(labelled), p_value=p_value)
