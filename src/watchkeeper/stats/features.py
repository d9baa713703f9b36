"""Rows of both sides as numbers of mean 0 and variance 1, and where each came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

_LEAST_VARIANCE = 1e-6
_RARE_ROWS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Rows as features, each of mean 0 and variance 1 over both sides together.

    Attributes
    ----------
    values
        Shape (rows, features); best if a feature's rows lie together in memory (Fortran order).
    columns
        Index of the column that each feature comes from, shape (features,).
    groups
        Features of one group are not multiplied with one another, since their products say nothing
        new; those below 0 with none at all; shape (features,).
    degrees
        1 for a feature of location, 2 for one of spread, shape (features,).
    column_count
        How many columns there were; one without any feature (a constant) counts too.
    """

    values: Floats32
    columns: NDArray[np.int64]
    groups: NDArray[np.int64]
    degrees: NDArray[np.int64]
    column_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature, values of mean 0 and variance 1."""

    values: Floats32
    column: int = 0
    group: int = 0
    degree: int = 1


def standard_feature(raw: Floats, *, group: int = 0, degree: int = 1) -> list[Feature]:
    """Return the standardised feature, or none if it is as good as constant."""
    centred = raw - raw.mean() if len(raw) else raw
    variance = float(centred @ centred) / max(len(centred), 1)
    if not variance >= _LEAST_VARIANCE:
        return []
    values = (centred / np.sqrt(variance)).astype(np.float32)
    return [Feature(values=values, group=group, degree=degree)]


def rank_features(values: Floats, *, spread: bool, group: int = 0) -> list[Feature]:
    """Return the rank of each number on -1..1 and, with spread, its second Legendre polynomial.

    NaN lies in the middle; equal numbers share their mean rank.
    """
    known = ~np.isnan(values)
    inner = _places(values[known])
    place = np.zeros(len(values))
    place[known] = inner
    features = standard_feature(place, group=group)
    if spread and features:
        square = np.zeros(len(values))
        bent = inner**2 - (inner @ inner) / len(inner)
        # Ties leave the square some slope; without it the two features are orthogonal.
        square[known] = bent - float(bent @ inner) / float(inner @ inner) * inner
        features += standard_feature(square, group=group, degree=2)
    return features


def are_common(values: Floats32, smaller_side: int) -> NDArray[np.bool_]:
    """Return which features, of mean 0 and variance 1, no few rows can decide alone.

    Of a flag: those that about five rows or more of the smaller side should have. In general by
    the kurtosis, to which the error of the normal approximation is tied.

    Parameters
    ----------
    values
        Shape (rows, features).
    smaller_side
        Rows of the smaller side.
    """
    kurtosis = np.array([np.square(feature**2).mean(dtype=np.float64) for feature in values.T])
    common: NDArray[np.bool_] = (kurtosis > 0) & (kurtosis <= smaller_side / _RARE_ROWS + 3.0)
    return common


def gather(features: Sequence[Feature], *, rows: int, column_count: int) -> Features:
    """Return features side by side."""
    return Features(
        values=np.stack([f.values for f in features]).T
        if features
        else np.zeros((rows, 0), np.float32),
        columns=np.array([f.column for f in features], dtype=np.int64),
        groups=np.array([f.group for f in features], dtype=np.int64),
        degrees=np.array([f.degree for f in features], dtype=np.int64),
        column_count=column_count,
    )


def _places(values: Floats) -> Floats:
    if not len(values):
        return values
    order = np.argsort(values)
    ordered = values[order]
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    ends = np.append(begins[1:], len(values))
    places = np.empty(len(values))
    places[order] = np.repeat((begins + ends) / len(values) - 1.0, ends - begins)
    return places
