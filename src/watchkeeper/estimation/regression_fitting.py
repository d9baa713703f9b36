"""What is learnt of a regression on its reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import DataError, NotEnoughDataError, UsageError
from watchkeeper.estimation.class_fitting import LEAST_ROWS, MOST_ROWS
from watchkeeper.estimation.inputs import Inputs
from watchkeeper.estimation.loss_estimator import LossEstimator, chance_variance
from watchkeeper.estimation.loss_model import fit_loss_model
from watchkeeper.estimation.losses import REGRESSION_METRICS
from watchkeeper.estimation.predictions import RegressionPredictions
from watchkeeper.estimation.pseudo_shifts import pseudo_shifts
from watchkeeper.estimation.regressor import USUAL, RegressionEstimator, with_prediction
from watchkeeper.estimation.reweighting import Placed, place
from watchkeeper.estimation.support import fit_support

Floats = NDArray[np.float64]

_PSEUDO_SHIFTS, _PSEUDO_ROWS = 60, 2_000


def fit_regression_estimator(
    rows: RegressionPredictions,
    truth: Floats,
    metrics: tuple[str, ...] = USUAL,
    *,
    seed: int = 0,
) -> RegressionEstimator:
    """Learn to estimate a regression's performance.

    Parameters
    ----------
    rows
        The reference: rows that the model was not trained on.
    truth
        True value of each row, shape (rows,).
    metrics
        Of mae, rmse, bias (predicted less true), mape and smape.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 500 rows.
    DataError
        If a loss of the reference is not finite, as a percentage of a truth of 0 is.

    References
    ----------
    Direct loss estimation: N. Perrakis, W. Kuberski (NannyML, 2022); corrected by weights as in
    J. M. Robins, A. Rotnitzky, L. P. Zhao (1994), JASA 89.
    """
    _require(metrics, len(truth))
    if len(truth) > MOST_ROWS:
        kept = np.random.default_rng(seed).permutation(len(truth))[:MOST_ROWS]
        rows, truth = rows.take(kept), truth[kept]
    known = with_prediction(rows)
    support = fit_support(known, seed=seed)
    placed = place(support.columns, known, seed=seed)
    losses = [
        _fitted(name, REGRESSION_METRICS[name].of_rows(truth, rows.predicted), known, placed, seed)
        for name in metrics
    ]
    return RegressionEstimator(
        metrics=metrics,
        losses=tuple(losses),
        placed=placed,
        support=support,
        reference_rows=len(truth),
    )


def _fitted(name: str, losses: Floats, known: Inputs, placed: Placed, seed: int) -> LossEstimator:
    if not np.isfinite(losses).all():
        bad = int((~np.isfinite(losses)).sum())
        raise DataError(
            f"{name} is not defined for {bad} of {len(losses)} rows of the reference; leave it out,"
            " or leave those rows out"
        )
    is_signed = REGRESSION_METRICS[name].is_signed
    fitted = fit_loss_model(losses, known, is_signed=is_signed, seed=seed)
    expected = fitted.out_of_fold
    estimator = LossEstimator(
        members=fitted.members,
        expected=expected[placed.chosen],
        losses=losses[placed.chosen],
        own_variance=0.0,
    )
    own = _own_variance(losses, expected, known, is_signed=is_signed, seed=seed)
    return replace(estimator, own_variance=own)


def _own_variance(
    losses: Floats, expected: Floats, known: Inputs, *, is_signed: bool, seed: int
) -> float:
    """Return the variance of errors on shifted samples of the reference, less that of chance."""
    size = min(_PSEUDO_ROWS, len(losses) // 3)
    excess = []
    for chosen in pseudo_shifts(known, rows=size, count=_PSEUDO_SHIFTS, seed=seed):
        guessed, real = expected[chosen], losses[chosen]
        chance = chance_variance(
            real - guessed, guessed, guessed, weights=np.ones(size), is_signed=is_signed
        )
        unit = 1.0 if is_signed else max(float(guessed.mean()) ** 2, 1e-300)
        excess.append((float(guessed.mean() - real.mean()) ** 2 - chance) / unit)
    return max(float(np.mean(excess)), 0.0)


def _require(metrics: tuple[str, ...], rows: int) -> None:
    for name in metrics:
        if name not in REGRESSION_METRICS:
            known = ", ".join(REGRESSION_METRICS)
            raise UsageError(f"{name!r} cannot be estimated for a regression; these can: {known}")
    if rows < LEAST_ROWS:
        raise NotEnoughDataError(
            f"the reference has {rows} rows with a true value; to estimate performance without"
            f" them, {LEAST_ROWS} are needed"
        )
