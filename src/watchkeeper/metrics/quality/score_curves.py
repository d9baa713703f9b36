"""Metrics of the order that scores put rows in: ROC AUC, PR AUC, lift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from watchkeeper.metrics.quality.clusters import Clusters
from watchkeeper.metrics.quality.estimated import Estimated, Finding, Unsaid
from watchkeeper.metrics.quality.intervals import interval
from watchkeeper.metrics.quality.scored import Floats
from watchkeeper.stats import ScoreRanks, auc_worth

ONE_CLASS = Unsaid(reason="All rows have one class.")
_FEW = 5
_NO_POSITIVES = Unsaid(reason="No row has the positive class.")


class ScoreOrder:
    """Labels, 0 or 1, in the order of their scores, both shape (n,), n above 0."""

    def __init__(self, scores: Floats, labels: Floats) -> None:
        self.scores = scores
        self.labels = labels
        self.positives = float(labels.sum())

    @cached_property
    def ranks(self) -> ScoreRanks:
        """The rows sorted, once for all metrics."""
        return ScoreRanks.of(self.scores, self.labels > 0)


def roc_auc(order: ScoreOrder) -> Finding:
    """Return the area under the ROC curve: the chance that a positive row scores above a negative.

    Ties count half; the variance is DeLong's.

    References
    ----------
    E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Comparing the areas under two or more
    correlated receiver operating characteristic curves, Biometrics 44.
    """
    rows, positives = len(order.labels), order.positives
    negatives = rows - positives
    if not positives or not negatives:
        return ONE_CLASS
    above, below = order.ranks.placements()
    value = float(order.ranks.positives @ above) / positives
    # DeLong's variances have one degree of freedom less for each side.
    for_positive = (above - value) * (rows / np.sqrt(positives * max(positives - 1.0, 1.0)))
    for_negative = (below - value) * (rows / np.sqrt(negatives * max(negatives - 1.0, 1.0)))
    influence = np.where(
        order.labels > 0, order.ranks.per_row(for_positive), order.ranks.per_row(for_negative)
    )
    worth = auc_worth(value, int(positives), int(negatives))
    return Estimated(
        value=value,
        influence=influence,
        scale="share",
        support=worth.likely,
        least_variance=value * (1.0 - value) / worth.most,
    )


def pr_auc(order: ScoreOrder) -> Finding:
    """Return the average precision: the area under the steps of precision over recall.

    Not interpolated. The mean, over positive rows, of the precision among the rows that score at
    least as high.

    References
    ----------
    K. Boyd, K. H. Eng, C. D. Page (2013), Area under the precision-recall curve: point estimates
    and confidence intervals, ECML PKDD; the influence function is derived here.
    """
    rows, positives = len(order.labels), order.positives
    if not positives:
        return _NO_POSITIVES
    ranks = order.ranks
    reached = np.cumsum(ranks.rows)
    precision = np.cumsum(ranks.positives) / reached
    value = float(ranks.positives @ precision) / positives
    # A row changes the precision of every positive that scores no higher.
    share = ranks.positives / reached
    more = np.cumsum(share[::-1])[::-1]
    less = np.cumsum((share * precision)[::-1])[::-1]
    if_positive = ranks.per_row(precision + more - less - value)
    influence = np.where(order.labels > 0, if_positive, -ranks.per_row(less))
    # Each positive row counts in the precision at its own score.
    others = np.maximum(reached - 1.0, 1.0)
    return Estimated(
        value=min(value, 1.0),
        influence=influence * (rows / positives),
        scale="share",
        support=positives,
        degrees=max(positives - 1.0, 1.0),
        excess=float(ranks.positives @ ((1.0 - precision) / others)) / positives,
    )


def lift(order: ScoreOrder, top_ratio: float) -> Finding:
    """Return how many times as often rows are positive among the top scores as among all.

    Parameters
    ----------
    order
        Scores and labels.
    top_ratio
        Share of rows, above 0 to 1, rounded to whole rows. Of rows that tie for the last places
        an equal part is taken.

    Notes
    -----
    The interval allows for the cut being an estimated quantile: near it, a row more above moves
    the cut past a row that is positive as often as its neighbours are.
    """
    rows, positives = len(order.labels), order.positives
    if not positives:
        return _NO_POSITIVES
    ranks = order.ranks
    places = max(round(top_ratio * rows), 1)
    inside = np.clip((places - (np.cumsum(ranks.rows) - ranks.rows)) / ranks.rows, 0.0, 1.0)
    ratio, base = places / rows, positives / rows
    hits = float(inside @ ranks.positives)
    value = hits / positives / ratio
    at_cut = _positive_near(order, places)
    taken = ranks.per_row(inside)
    influence = (order.labels * taken - at_cut * (taken - ratio)) / (ratio * base)
    influence -= value * order.labels / base
    misses = places - hits
    # Hardly any miss among the top: how often one comes cannot be seen in their variance.
    unseen = (misses + 1.0) / ((hits + 1.0) * (places + 2.0)) if misses < _FEW else 0.0
    return Estimated(
        value=value,
        influence=influence,
        scale="share",
        support=positives,
        least_variance=value**2 * unseen,
        most=1.0 / ratio,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftPoint:
    """Lift among the top rows: its value and interval at 95 %."""

    top_ratio: float
    lift: float
    low: float
    high: float


def lift_curve(
    order: ScoreOrder, top_ratios: Sequence[float], together: Clusters | None = None
) -> tuple[LiftPoint, ...]:
    """Return the lift at each share of top rows; empty without a positive row."""
    points = []
    for top_ratio in top_ratios:
        found = lift(order, top_ratio)
        if isinstance(found, Unsaid):
            return ()
        low, high = interval(found, together)
        points.append(LiftPoint(top_ratio=top_ratio, lift=found.value, low=low, high=high))
    return tuple(points)


def _positive_near(order: ScoreOrder, places: int) -> float:
    """Return the share of positives among the rows around a place in the order."""
    ranks, rows = order.ranks, len(order.labels)
    around = max(round(rows ** (2.0 / 3.0) / 2.0), 5)
    begin, end = max(places - around, 0), min(places + around, rows)
    groups = slice(int(ranks.group[begin]), int(ranks.group[end - 1]) + 1)
    return float(ranks.positives[groups].sum() / ranks.rows[groups].sum())
