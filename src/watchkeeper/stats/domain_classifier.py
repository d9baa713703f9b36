"""Whether rows of two sides can be told apart by all their columns together, and by which."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import UsageError
from watchkeeper.stats.auc import Auc, FoldScores, fold_auc
from watchkeeper.stats.discriminant import discriminant
from watchkeeper.stats.features import Features, are_common
from watchkeeper.stats.folded_rows import FoldedRows
from watchkeeper.stats.joint_means import JointMeansTest, unskewed

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEW_ROWS = 500
"""Below so many rows on the smaller side, p-values are found by permutation."""
_MOST_TIMES_LARGER = 20
_LEAST_ROWS = 2_000
_LARGEST_FAMILY = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """How well rows of two sides can be told apart.

    Attributes
    ----------
    auc
        Chance that the classifier, fitted on other rows, finds a current row more like the current
        ones than a reference row: 0.5 when the sides cannot be told apart, 1 when fully.
    auc_low, auc_high
        Its interval at 95 %.
    p_value
        Of the two sides' being samples of one population.
    rows
        Rows of both sides that were looked at.
    shares
        Part of each column in what tells the sides apart, 0 to 1, sum 1; shape (columns,).
    """

    auc: float
    auc_low: float
    auc_high: float
    p_value: float
    rows: int
    shares: Floats


def separate(features: Features, is_current: Flags, *, folds: int = 5, seed: int = 0) -> Separation:
    """Return how well the rows of two sides can be told apart by their features and products.

    The features are those given, but for rare ones that few rows of the smaller side would decide
    alone, and the products that `choose_products` picks. The p-value is that of `JointMeansTest`,
    of all rows; it needs no classifier, so no dependence between folds can spoil it. The
    classifier is a linear discriminant with a ridge, fitted on all folds but one and tested on
    that; a feature's ridge is the lighter the more it differs by itself.

    Parameters
    ----------
    features
        Of all rows, in the order of `is_current`.
    is_current
        Which rows are the current ones, shape (rows,).
    folds
        2 or more; fewer are used if a side has too few rows for them.
    seed
        Of the folds, the permutations and the rows left out: of the larger side, those beyond
        20 times the smaller one.

    References
    ----------
    D. Lopez-Paz, M. Oquab (2017), Revisiting classifier two-sample tests, ICLR; V. Chernozhukov et
    al. (2018), Double/debiased machine learning (cross-fitting); J. W. Pratt (1987), Dividing the
    indivisible (shares, here of held-out rows).

    Examples
    --------
    >>> from watchkeeper.stats.row_encoding import NumberRows, encode_rows
    >>> rows = np.random.default_rng(1).normal(size=(200, 2))
    >>> is_current = np.arange(200) >= 100
    >>> rows[is_current, 1] += 1
    >>> found = separate(encode_rows([NumberRows(values=x) for x in rows.T]), is_current)
    >>> found.p_value < 0.001, bool(found.shares[1] > 0.8)
    (True, True)
    """
    if features.values.shape[0] != len(is_current):
        raise UsageError(
            f"Expected one side per row, {features.values.shape[0]}, got {len(is_current)}. Encode "
            "the rows of both sides together and say for each which side it is on."
        )
    rng = np.random.default_rng(seed)
    features, is_current = _thinned(features, np.asarray(is_current, dtype=np.bool_), rng)
    smaller = int(min(is_current.sum(), (~is_current).sum()))
    features = _common(features, smaller)
    folds = min(folds, smaller // 2)
    even = np.full(features.column_count, 1.0 / max(features.column_count, 1))
    rows = len(is_current)
    if folds < 2 or not features.values.shape[1]:
        return Separation(auc=0.5, auc_low=0.0, auc_high=1.0, p_value=1.0, rows=rows, shares=even)
    design = FoldedRows.of(features, is_current, folds, rng)
    families = [f for f in design.families if 1 < len(f) <= _LARGEST_FAMILY]
    test = JointMeansTest(design.total.correlation, design.blocks, families, rows)
    if smaller < FEW_ROWS:
        p_value = test.permuted_p_value(design.standardised(), design.is_current, rng)
    else:
        distances = unskewed(design.total.distances, design.skewness())
        p_value = float(test.p_values(distances[:, None])[0])
    auc, gains = cross_fitted_auc(design)
    shares = np.zeros(features.column_count)
    for owners in (design.first_columns, design.second_columns):
        np.add.at(shares, owners, np.maximum(gains, 0.0))
    total = float(shares.sum())
    return Separation(
        auc=auc.auc,
        auc_low=auc.low,
        auc_high=auc.high,
        p_value=p_value,
        rows=rows,
        shares=shares / total if total > 0 else even,
    )


def cross_fitted_auc(design: FoldedRows) -> tuple[Auc, Floats]:
    """Return the AUC and what each feature adds to the distance of held-out rows' mean scores."""
    scores = []
    held_out, fitted = np.zeros(len(design.first_columns)), 0.0
    for fold, sums in enumerate(design.fold_sums):
        training = design.total.without(sums)
        weights = discriminant(training, design.blocks, design.families)
        begin, end = design.bounds[fold], design.bounds[fold + 1]
        score = design.values[begin:end, :-1] @ weights.astype(np.float32)
        sides = design.is_current[begin:end]
        scores.append(
            FoldScores(
                reference=score[~sides].astype(np.float64), current=score[sides].astype(np.float64)
            )
        )
        held_out += weights * sums.difference()
        fitted += float(weights @ training.difference())
    kept_ratio = min(max(held_out.sum() / fitted, 0.0), 1.0) if fitted > 0 else 0.0
    return fold_auc(scores, kept_ratio=float(kept_ratio)), held_out


def _thinned(
    features: Features, is_current: Flags, rng: np.random.Generator
) -> tuple[Features, Flags]:
    """Leave rows of the larger side out that would add work and next to no certainty."""
    kept = []
    smaller = int(min(is_current.sum(), (~is_current).sum()))
    most = max(_MOST_TIMES_LARGER * smaller, _LEAST_ROWS)
    for side in (is_current, ~is_current):
        rows = np.flatnonzero(side)
        kept.append(rng.choice(rows, most, replace=False) if len(rows) > most else rows)
    chosen = np.sort(np.concatenate(kept))
    if len(chosen) == len(is_current):
        return features, is_current
    values = np.take(features.values.T, chosen, axis=1).T
    return replace(features, values=values), is_current[chosen]


def _common(features: Features, smaller: int) -> Features:
    common = are_common(features.values, smaller)
    if common.all():
        return features
    return replace(
        features,
        values=features.values.T[common].T,
        columns=features.columns[common],
        groups=features.groups[common],
        degrees=features.degrees[common],
    )
