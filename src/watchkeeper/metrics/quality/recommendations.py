"""Metrics of recommended lists beside relevance: variety, novelty, popularity, tastes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.quality.estimated import Estimated, Finding, Unsaid
from watchkeeper.metrics.quality.means import ratio
from watchkeeper.metrics.quality.ranked import RankedRows
from watchkeeper.metrics.quality.scored import Floats

Flags = NDArray[np.bool_]

_SMOOTHING = 0.01
"""Share of the user's own tastes mixed into a list's, as H. Steck (2018) chose it."""


def coverage(rows: RankedRows, shown: Flags) -> Finding:
    """Return the share of the catalogue that was shown in any list.

    It grows with the number of lists, so compare equally many. Its variance is at most the
    number of items that only one user (or list) was shown (B. Efron, C. Stein 1981).

    References
    ----------
    M. Ge, C. Delgado-Battenfeld, D. Jannach (2010), Beyond accuracy: evaluating recommender
    systems by coverage and serendipity, RecSys.
    """
    if rows.items is None or not rows.catalogue:
        return Unsaid(reason="The size of the catalogue or the items are not known.")
    users = rows.lists if rows.entities is None else rows.entities[rows.lists]
    pairs = np.unique(np.stack((rows.items[shown], users[shown])), axis=1)
    seen = np.unique(pairs[0], return_counts=True)[1]
    once = float(np.count_nonzero(seen == 1))
    return Estimated(
        value=min(len(seen) / rows.catalogue, 1.0),
        influence=np.zeros(rows.count),
        scale="share",
        support=float(rows.catalogue),
        least_variance=once / rows.catalogue**2,
    )


def novelty(rows: RankedRows, shown: Flags) -> Finding:
    """Return how surprising the shown items are: the mean of -log2 of an item's popularity.

    Popularity is the item's share of all that was taken before; one is added to each item's
    count, so that a new item is finitely surprising.

    References
    ----------
    T. Zhou, Z. Kuscsik, J.-G. Liu, M. Medo, J. R. Wakeling, Y.-C. Zhang (2010), Solving the
    apparent diversity-accuracy dilemma of recommender systems, PNAS 107.
    """
    if rows.items is None or rows.popularity is None:
        return Unsaid(reason="How popular the items are is not known.")
    taken = rows.popularity + 1.0
    surprise = -np.log2(taken / taken.sum())[rows.items]
    above = rows.per_list(np.where(shown, surprise, 0.0))
    return ratio(above, _lengths(rows, shown), scale="positive", empty="No list shows an item.")


def diversity(rows: RankedRows, shown: Flags) -> Finding:
    """Return how different the items of a list are: the mean of 1 - cosine over its pairs.

    The mean over lists of two items or more.

    References
    ----------
    C.-N. Ziegler, S. M. McNee, J. A. Konstan, G. Lausen (2005), Improving recommendation lists
    through topic diversification, WWW.
    """
    if rows.items is None or rows.traits is None:
        return Unsaid(reason="What the items are made of is not known.")
    sizes = np.sqrt((rows.traits**2).sum(axis=1, keepdims=True))
    units = np.divide(rows.traits, sizes, out=np.zeros_like(rows.traits), where=sizes > 0)
    sums = _trait_sums(rows, shown, units)
    own = rows.per_list(np.where(shown, (units**2).sum(axis=1)[rows.items], 0.0))
    lengths = _lengths(rows, shown)
    several = lengths > 1
    pairs = np.where(several, lengths * (lengths - 1.0), 1.0)
    apart = np.clip(1.0 - ((sums**2).sum(axis=1) - own) / pairs, 0.0, 1.0)
    return ratio(
        np.where(several, apart, 0.0),
        several.astype(np.float64),
        empty="No list shows two items.",
    )


def popularity_bias(rows: RankedRows, shown: Flags, relevant: Flags) -> Finding:
    """Return how many times as popular the shown items are as the relevant ones.

    1: the lists are as popular as what people want; above: they lean to what is popular.

    References
    ----------
    H. Abdollahpouri, M. Mansoury, R. Burke, B. Mobasher (2019), The unfairness of popularity bias
    in recommendation, RMSE workshop at RecSys.
    """
    if rows.items is None or rows.popularity is None:
        return Unsaid(reason="How popular the items are is not known.")
    popularity = rows.popularity[rows.items].astype(np.float64)
    counts = [float(shown.sum()), float(relevant.sum())]
    totals = [float(popularity[shown].sum()), float(popularity[relevant].sum())]
    if not min(counts) or totals[1] <= 0:
        return Unsaid(reason="No item was shown, or none that was taken before is relevant.")
    means = [total / count for total, count in zip(totals, counts, strict=True)]
    value = means[0] / means[1]
    off_shown = np.where(shown, popularity - means[0], 0.0) / totals[0] if totals[0] else 0.0
    off_relevant = np.where(relevant, popularity - means[1], 0.0) / totals[1]
    influence = rows.per_list(value * rows.count * (off_shown - off_relevant))
    return Estimated(value=value, influence=influence, scale="positive", support=counts[0])


def taste_miscalibration(rows: RankedRows, shown: Flags) -> Finding:
    """Return how far the lists are from the tastes of their users: the mean divergence, 0 at best.

    The Kullback-Leibler divergence, in nats, of the shares of traits among the shown items from
    those that the user took before, over lists that show an item.

    References
    ----------
    H. Steck (2018), Calibrated recommendations, RecSys.
    """
    if rows.items is None or rows.traits is None or rows.tastes is None:
        return Unsaid(reason="Users' tastes, or what the items are made of, are not known.")
    tastes = _shares(rows.tastes)
    listed = _shares(_trait_sums(rows, shown, _shares(rows.traits)))
    mixed = (1.0 - _SMOOTHING) * listed + _SMOOTHING * tastes
    has_taste = tastes > 0
    logs = np.log(np.where(has_taste, tastes, 1.0) / np.where(has_taste, mixed, 1.0))
    known = ((_lengths(rows, shown) > 0) & (tastes.sum(axis=1) > 0)).astype(np.float64)
    apart = np.maximum((tastes * logs).sum(axis=1), 0.0) * known
    return ratio(apart, known, scale="positive", empty="No list with known tastes shows an item.")


def _lengths(rows: RankedRows, shown: Flags) -> Floats:
    return rows.per_list(shown.astype(np.float64))


def _trait_sums(rows: RankedRows, shown: Flags, traits: Floats) -> Floats:
    """Return the sum of the shown items' traits, of each list, shape (m, g)."""
    assert rows.items is not None
    chosen = [np.where(shown, column[rows.items], 0.0) for column in traits.T]
    return np.stack([rows.per_list(column) for column in chosen], axis=1)


def _shares(values: Floats) -> Floats:
    totals = values.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(values, totals, out=np.zeros(values.shape), where=totals > 0)
    return shares
