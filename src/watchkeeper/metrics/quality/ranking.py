"""Metrics of ranked lists: what people looked for is near the top."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType

import numpy as np

from watchkeeper.metrics.quality.catalogue import chosen
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.clusters import clusters
from watchkeeper.metrics.quality.estimated import Finding, Unsaid
from watchkeeper.metrics.quality.means import mean
from watchkeeper.metrics.quality.measured import Measured, told
from watchkeeper.metrics.quality.ranked import RankedRows
from watchkeeper.metrics.quality.recommendations import (
    coverage,
    diversity,
    novelty,
    popularity_bias,
    taste_miscalibration,
)
from watchkeeper.metrics.quality.scored import Floats, Integers

_USUAL = QualityChoice()


def measure_ranked(rows: RankedRows, choice: QualityChoice = _USUAL) -> tuple[Measured, ...]:
    """Return the chosen metrics of ranked lists, each with an interval at 95 %.

    Each is the mean over lists of what their first ``choice.top_k`` places hold. A list without
    a relevant item counts 0, as in trec_eval. Gains are taken as they are (linear), discounts are
    the logarithm to base 2 of the place plus 1.

    Raises
    ------
    SettingsError
        If a chosen metric is none of ranked lists.

    References
    ----------
    K. Järvelin, J. Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques, ACM TOIS
    20; E. M. Voorhees (1999), The TREC-8 question answering track report (MRR); C. Buckley,
    E. M. Voorhees (2000), Evaluating evaluation measure stability, SIGIR (MAP).

    Examples
    --------
    >>> rows = RankedRows(
    ...     lists=np.array([0, 0, 1, 1]),
    ...     positions=np.array([1, 2, 1, 2]),
    ...     gains=np.array([0.0, 1.0, 1.0, 0.0]),
    ...     count=2,
    ... )
    >>> measure_ranked(rows, QualityChoice(metrics=("mrr",)))[0].value
    0.75
    """
    names = chosen("ranking", choice)
    if not rows.count:
        empty = Unsaid(reason="There is no ranked list.")
        return tuple(told(name, empty, 0, None) for name in names)
    together, places = clusters(rows.entities), _Places(rows, choice.top_k)
    return tuple(told(name, _RANKING[name](places), rows.count, together) for name in names)


class _Places:
    """Rows of ranked lists, with what several metrics need computed once."""

    def __init__(self, rows: RankedRows, top_k: int) -> None:
        self.rows = rows
        self.top_k = top_k
        self.relevant = rows.gains > 0
        self.shown = (rows.positions >= 1) & (rows.positions <= top_k)
        self.hits = self.relevant & self.shown

    @cached_property
    def found(self) -> Floats:
        """Relevant items shown, of each list."""
        return self.rows.per_list(self.hits.astype(np.float64))

    @cached_property
    def all_relevant(self) -> Floats:
        """Relevant items, shown or not, of each list."""
        return self.rows.per_list(self.relevant.astype(np.float64))


def _ndcg(places: _Places) -> Finding:
    rows = places.rows
    discounts = 1.0 / np.log2(np.maximum(rows.positions, 1) + 1.0)
    gained = places.rows.per_list(np.where(places.shown, rows.gains * discounts, 0.0))
    best_first = np.lexsort((-rows.gains, rows.lists))
    ranks = _ranks(rows.lists[best_first])
    ideal = np.where(ranks <= places.top_k, rows.gains[best_first] / np.log2(ranks + 1.0), 0.0)
    best = _sums(rows.lists[best_first], ideal, rows.count)
    return mean(_over(gained, best), "share")


def _map(places: _Places) -> Finding:
    rows = places.rows
    order = np.lexsort((rows.positions, ~places.hits, rows.lists))
    hits = places.hits[order]
    # Hits come first in each list, so their rank there is the number of hits down to them.
    ranks = _ranks(rows.lists[order])
    precision = np.where(hits, ranks / np.maximum(rows.positions[order], 1), 0.0)
    sums = _sums(rows.lists[order], precision, rows.count)
    return mean(_over(sums, places.all_relevant), "share")


def _mrr(places: _Places) -> Finding:
    first = np.full(places.rows.count, np.inf)
    np.minimum.at(first, places.rows.lists[places.hits], places.rows.positions[places.hits])
    return mean(1.0 / first, "share")


def _recall_at_k(places: _Places) -> Finding:
    return mean(_over(places.found, places.all_relevant), "share")


def _hit_rate(places: _Places) -> Finding:
    return mean((places.found > 0).astype(np.float64), "share")


def _sums(lists: Integers, values: Floats, count: int) -> Floats:
    return np.bincount(lists, values, minlength=count).astype(np.float64)


def _over(above: Floats, below: Floats) -> Floats:
    parts: Floats = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return np.minimum(parts, 1.0)


def _ranks(lists: Integers) -> Integers:
    """Return 1, 2, ... within each run of equal codes, shape (n,)."""
    begins = np.flatnonzero(np.append(True, lists[1:] != lists[:-1])) if len(lists) else lists
    lengths = np.diff(np.append(begins, len(lists)))
    return np.arange(1, len(lists) + 1) - np.repeat(begins, lengths)


_RANKING: Mapping[str, Callable[[_Places], Finding]] = MappingProxyType(
    {
        "ndcg": _ndcg,
        "map": _map,
        "mrr": _mrr,
        "recall_at_k": _recall_at_k,
        "hit_rate": _hit_rate,
        "coverage": lambda places: coverage(places.rows, places.shown),
        "novelty": lambda places: novelty(places.rows, places.shown),
        "diversity": lambda places: diversity(places.rows, places.shown),
        "popularity_bias": lambda places: popularity_bias(
            places.rows, places.shown, places.relevant
        ),
        "taste_miscalibration": lambda places: taste_miscalibration(places.rows, places.shown),
    }
)
