"""Whether rows of two sides can be told apart by all their columns together, and by which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from watchkeeper.errors import UsageError
from watchkeeper.stats.auc import Auc, FoldScores, fold_auc
from watchkeeper.stats.features import Features
from watchkeeper.stats.interactions import choose_products
from watchkeeper.stats.joint_means import JointMeansTest

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEW_ROWS = 500
"""Below so many rows on the smaller side, p-values are found by permutation."""
_MOST_TIMES_LARGER = 20
_LEAST_ROWS = 2_000
_LEAST_DEVIATION = 1e-2
_LEAST_PRIOR = 1e-3


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

    The features are those given and the products that `choose_products` picks. The p-value is that
    of `JointMeansTest`, of all rows; it needs no classifier, so no dependence between folds can
    spoil it. The classifier is a linear discriminant with a ridge, fitted on all folds but one
    and tested on that; a feature's ridge is the lighter the more it differs by itself.

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
    values, is_current = _thinned(features.values, np.asarray(is_current, dtype=np.bool_), rng)
    smaller = int(min(is_current.sum(), (~is_current).sum()))
    folds = min(folds, smaller // 2)
    even = np.full(features.column_count, 1.0 / max(features.column_count, 1))
    if folds < 2 or not values.shape[1]:
        return Separation(
            auc=0.5, auc_low=0.0, auc_high=1.0, p_value=1.0, rows=len(values), shares=even
        )
    design = _Design.of(features, values, is_current, smaller, folds, rng)
    test = JointMeansTest(design.total.correlation, design.blocks, len(values))
    if smaller < FEW_ROWS:
        p_value = test.permuted_p_value(design.standardised(), design.is_current, rng)
    else:
        p_value = float(test.p_values(design.total.distances[:, None])[0])
    auc, gains = _cross_fitted(design)
    shares = np.zeros(features.column_count)
    for owners in (design.first_columns, design.second_columns):
        np.add.at(shares, owners, np.maximum(gains, 0.0))
    total = float(shares.sum())
    return Separation(
        auc=auc.auc,
        auc_low=auc.low,
        auc_high=auc.high,
        p_value=p_value,
        rows=len(values),
        shares=shares / total if total > 0 else even,
    )


class _Sums:
    """Sums over some rows of features (the last of them 1), and of those rows that are current."""

    def __init__(self, products: Floats, current: Floats) -> None:
        self.products, self.current = products, current
        self.rows, self.current_rows = products[-1, -1], current[-1]
        self.mean = products[-1, :-1] / self.rows
        variance = np.diagonal(products)[:-1] / self.rows - self.mean**2
        self.deviation = np.sqrt(np.maximum(variance, 0.0))
        self.constant = self.deviation < _LEAST_DEVIATION
        self.scale = np.where(self.constant, np.inf, self.deviation)
        part = self.current_rows * (self.rows - self.current_rows) / (self.rows - 1.0)
        off = current[:-1] - self.current_rows * self.mean
        self.distances: Floats = off / self.scale / np.sqrt(part)

    @property
    def correlation(self) -> Floats:
        covariance = self.products[:-1, :-1] / self.rows - np.outer(self.mean, self.mean)
        correlation: Floats = covariance / self.scale[:, None] / self.scale[None, :]
        np.fill_diagonal(correlation, 1.0)
        return correlation

    def without(self, other: _Sums) -> _Sums:
        return _Sums(self.products - other.products, self.current - other.current)

    def difference(self) -> Floats:
        """Return the current rows' mean of each feature less the reference rows'."""
        others = self.rows - self.current_rows
        rest = self.products[-1, :-1] - self.current[:-1]
        difference: Floats = self.current[:-1] / self.current_rows - rest / others
        return difference


@dataclass(frozen=True, slots=True, kw_only=True)
class _Design:
    """All rows, sorted by fold, with features, products and 1."""

    values: Floats32
    is_current: Flags
    bounds: Indices
    fold_sums: tuple[_Sums, ...]
    total: _Sums
    blocks: tuple[Indices, Indices]
    first_columns: Indices
    second_columns: Indices

    @classmethod
    def of(
        cls,
        features: Features,
        values: Floats32,
        is_current: Flags,
        smaller: int,
        folds: int,
        rng: np.random.Generator,
    ) -> _Design:
        first, second = choose_products(replace(features, values=values), smaller, rng)
        order, bounds = _folds(is_current, folds, rng)
        singles, pairs = values.shape[1], len(first)
        # A feature's rows lie together, so that a product is one pass over memory.
        design = np.empty((singles + pairs + 1, len(values)), dtype=np.float32).T
        design[:, :singles] = np.take(values.T, order, axis=1).T
        for place, (one, other) in enumerate(zip(first, second, strict=True), singles):
            np.multiply(design[:, one], design[:, other], out=design[:, place])
        design[:, -1] = 1.0
        sides = is_current[order]
        sums = []
        for begin, end in pairwise(bounds):
            part = design[begin:end]
            current = part.T @ sides[begin:end].astype(np.float32)
            sums.append(_Sums((part.T @ part).astype(np.float64), current.astype(np.float64)))
        total = _Sums(
            np.sum([s.products for s in sums], axis=0), np.sum([s.current for s in sums], axis=0)
        )
        varied = np.flatnonzero(~total.constant)
        plain = np.append(features.degrees == 1, np.zeros(pairs, dtype=np.bool_))
        return cls(
            values=design,
            is_current=sides,
            bounds=bounds,
            fold_sums=tuple(sums),
            total=total,
            blocks=(varied[plain[varied]], varied[~plain[varied]]),
            first_columns=np.append(features.columns, features.columns[first]),
            second_columns=np.append(features.columns, features.columns[second]),
        )

    def standardised(self) -> Floats32:
        mean, scale = self.total.mean, self.total.scale
        standard: Floats32 = (self.values[:, :-1] - mean.astype(np.float32)) / scale.astype(
            np.float32
        )
        return standard


def _cross_fitted(design: _Design) -> tuple[Auc, Floats]:
    """Return the AUC and what each feature adds to the distance of held-out rows' mean scores."""
    scores = []
    held_out, fitted = np.zeros(len(design.first_columns)), 0.0
    for fold, sums in enumerate(design.fold_sums):
        training = design.total.without(sums)
        weights = _discriminant(training, design.blocks)
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


def _discriminant(training: _Sums, blocks: tuple[Indices, ...]) -> Floats:
    """Return the weights of the features, such that scores have variance about 1."""
    distances = training.distances
    prior = np.zeros(len(distances))
    for block in blocks:
        if len(block):
            squares = distances[block] ** 2
            # What all share, and what a single one shows beyond the largest of as many noises.
            narrow = np.where(squares > 2.0 * np.log(len(distances) + 1.0), squares, 0.0)
            prior[block] = max(float(squares.mean()) - 1.0, _LEAST_PRIOR) + narrow
    prior[training.constant] = 0.0
    root = np.sqrt(prior)
    correlation = training.correlation
    inner = root[:, None] * correlation * root[None, :] + np.eye(len(root))
    weights = root * cho_solve(cho_factor(inner), root * distances)
    deviation = np.sqrt(max(float(weights @ correlation @ weights), 1e-300))
    scaled: Floats = weights / training.scale / deviation
    return scaled


def _folds(is_current: Flags, folds: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Return rows sorted by fold and the folds' bounds; each has its part of both sides."""
    fold = np.empty(len(is_current), dtype=np.int64)
    for side in (is_current, ~is_current):
        rows = rng.permutation(np.flatnonzero(side))
        fold[rows] = np.arange(len(rows)) % folds
    order = np.argsort(fold, kind="stable")
    return order, np.searchsorted(fold[order], np.arange(folds + 1))


def _thinned(
    values: Floats32, is_current: Flags, rng: np.random.Generator
) -> tuple[Floats32, Flags]:
    """Leave rows of the larger side out that would add work and next to no certainty."""
    kept = []
    smaller = int(min(is_current.sum(), (~is_current).sum()))
    most = max(_MOST_TIMES_LARGER * smaller, _LEAST_ROWS)
    for side in (is_current, ~is_current):
        rows = np.flatnonzero(side)
        kept.append(rng.choice(rows, most, replace=False) if len(rows) > most else rows)
    chosen = np.sort(np.concatenate(kept))
    if len(chosen) == len(values):
        return values, is_current
    return np.take(values.T, chosen, axis=1).T, is_current[chosen]
