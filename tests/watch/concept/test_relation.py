"""Relations of labels to predictions: compared, remembered, known again."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from watchkeeper.watch.concept import (
    Regime,
    Relation,
    bin_edges,
    nearest_regime,
    places_of,
    remember,
)
from watchkeeper.watch.concept.relation import distance

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _relation(seed: int, shift: float, rows: int = 2_000) -> Relation:
    rng = np.random.default_rng(seed)
    scores = rng.random(rows)
    came = (rng.random(rows) < np.clip(scores + shift, 0, 1)).astype(float)
    edges = bin_edges(np.random.default_rng(0).random(5_000))
    return Relation.of(places_of(scores, edges), came, len(edges) + 1)


def _regimes(*shifts: float) -> list[Regime]:
    return [
        Regime(
            start=DAY + timedelta(days=i),
            end=DAY + timedelta(days=i + 1),
            relation=_relation(10 + i, shift),
        )
        for i, shift in enumerate(shifts)
    ]


def test_a_relation_that_came_back_is_known_by_its_span() -> None:
    regimes = _regimes(0.0, 0.3, -0.2, 0.0)
    found = nearest_regime(regimes, _relation(1, 0.0, 20_000), _relation(2, 0.3))
    assert found == regimes[1]


def test_a_new_relation_is_like_none_of_before() -> None:
    regimes = _regimes(0.0, 0.3, -0.2, 0.0)
    assert nearest_regime(regimes, _relation(1, 0.0, 20_000), _relation(2, -0.5)) is None


def test_a_relation_that_did_not_change_is_no_return_of_one() -> None:
    assert nearest_regime(_regimes(0.0, 0.0), _relation(1, 0.0), _relation(2, 0.0, 100)) is None


def test_of_more_than_64_regimes_those_most_alike_become_one() -> None:
    kept: tuple[Regime, ...] = ()
    for regime in _regimes(*([0.0] * 50 + [0.4] + [0.0] * 30)):
        kept = remember(kept, regime)
    assert len(kept) == 64
    assert sum(r.relation.count for r in kept) == 81 * 2_000
    assert [r.start for r in kept] == sorted(r.start for r in kept)
    assert any(r.start == DAY + timedelta(days=50) and r.relation.count == 2_000 for r in kept)


def test_adding_two_parts_of_rows_gives_the_relation_of_all() -> None:
    rng = np.random.default_rng(5)
    places, came = rng.integers(0, 4, 100), rng.integers(0, 2, 100).astype(float)
    whole = Relation.of(places, came, 4)
    assert Relation.of(places[:30], came[:30], 4) + Relation.of(places[30:], came[30:], 4) == whole


def test_of_too_many_the_two_neighbours_that_are_most_alike_become_one() -> None:
    rng = np.random.default_rng(4)
    kept = _regimes(*rng.uniform(-0.4, 0.4, 65).tolist())
    apart = [distance(a.relation, b.relation)[0] for a, b in pairwise(kept)]
    at = int(np.argmin(apart))
    found = remember(kept[:-1], kept[-1])
    assert len(found) == 64
    assert (found[at].start, found[at].end) == (kept[at].start, kept[at + 1].end)
    assert found[at].relation == kept[at].relation + kept[at + 1].relation
