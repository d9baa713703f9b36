"""Rows of mixed columns as features that a linear method can add up, whichever side they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import UsageError
from watchkeeper.stats.features import Feature, Features, gather, rank_features, standard_feature
from watchkeeper.stats.principal_directions import principal_directions

Floats = NDArray[np.float64]

MOST_CATEGORIES = 16
"""Categories of one column that get a feature of their own; the rest share one."""
_MOST_FEATURES = 1_200
_MOST_WITH_SPREAD = 64
_DIRECTIONS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRows:
    """A column of numbers, both sides' rows in one array; NaN is null, infinities are values."""

    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRows:
    """A column of categories, both sides' rows in one array of codes from 0; below 0 is null.

    Codes are dense: no more different ones than about as many as there are rows. Their order must
    not tell the sides apart, as that of first appearance would: rare values are put together by it.
    """

    codes: NDArray[np.integer]


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorRows:
    """A column of vectors, shape (rows, dimensions); a row with any NaN is null."""

    values: NDArray[np.floating]


RowColumn: TypeAlias = NumberRows | CategoryRows | VectorRows


def encode_rows(columns: Sequence[RowColumn]) -> Features:
    """Return the features of rows.

    A number becomes its rank among both sides' rows, mapped to -1..1, and, where there are not
    too many columns, the second Legendre polynomial of that (the spread); ranks are bounded, so
    no far value can decide. A null is an own feature, and in the middle otherwise. A category
    becomes one feature for each of its most frequent values and one for the rest. A vector
    becomes the ranks along its leading principal directions.

    Nothing looks at which side a row is on, so rows that were exchangeable still are.

    Parameters
    ----------
    columns
        Of equally many rows: those of the reference and the current ones, in any order.

    References
    ----------
    W. J. Conover, R. L. Iman (1981), Rank transformations as a bridge between parametric and
    nonparametric statistics, The American Statistician 35.

    Examples
    --------
    >>> x = NumberRows(values=np.array([3.0, 1.0, 2.0, np.nan]))
    >>> encode_rows([x, CategoryRows(codes=np.array([0, 0, 1, 1]))]).columns
    array([0, 0, 0, 1])
    """
    sizes = {len(c.codes) if isinstance(c, CategoryRows) else len(c.values) for c in columns}
    if len(sizes) != 1:
        raise UsageError(
            f"Expected one or more columns of equally many rows, got {len(columns)} columns with "
            f"{sorted(sizes)} rows. Give every column the rows of both sides."
        )
    spread = len(columns) <= _MOST_WITH_SPREAD
    most = int(np.clip(_MOST_FEATURES // len(columns), 2, MOST_CATEGORIES))
    found: list[Feature] = []
    for index, column in enumerate(columns):
        if isinstance(column, NumberRows):
            encoded = _number_features(np.asarray(column.values, np.float64), spread=spread)
        elif isinstance(column, CategoryRows):
            encoded = _category_features(np.asarray(column.codes), most)
        else:
            encoded = _vector_features(column.values, spread=spread)
        begin = index * (_DIRECTIONS + 1)
        found += [replace(f, column=index, group=begin + f.group) for f in encoded]
    return gather(found, rows=sizes.pop(), column_count=len(columns))


def _number_features(values: Floats, *, spread: bool) -> list[Feature]:
    null = np.isnan(values)
    return rank_features(values, spread=spread) + standard_feature(null.astype(np.float64))


def _category_features(codes: NDArray[np.integer], most: int) -> list[Feature]:
    codes = np.maximum(codes.astype(np.int64) + 1, 0)
    counts = np.bincount(codes)
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    # Of two values the second says nothing new; of more, each may be what differs.
    own = order[: 1 if len(order) == 2 else most]
    features = [f for code in own for f in standard_feature((codes == code).astype(np.float64))]
    rest = order[most:]
    return features + standard_feature(np.isin(codes, rest).astype(np.float64))


def _vector_features(values: NDArray[np.floating], *, spread: bool) -> list[Feature]:
    null = np.isnan(values).any(axis=1)
    known = principal_directions(values[~null], _DIRECTIONS)
    features = standard_feature(null.astype(np.float64), group=_DIRECTIONS)
    for group, along in enumerate(known.T):
        direction = np.full(len(null), np.nan)
        direction[~null] = along
        features += rank_features(direction, spread=spread, group=group)
    return features
