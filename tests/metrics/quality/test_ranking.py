"""Metrics of ranked lists: ir-measures' values where it has them, brute force elsewhere."""

from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, RR, R, Success, nDCG
from sklearn.metrics import label_ranking_average_precision_score, ndcg_score

from watchkeeper.errors import DataError
from watchkeeper.metrics.quality import Measured, QualityChoice, RankedRows, measure_ranked

TOP = 5
ITEMS = 12


@st.composite
def ranked_rows(draw: st.DrawFn) -> RankedRows:
    """Return lists of up to twelve items, some relevant, some relevant but not shown."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 8))
    lists, positions, gains, items = [], [], [], []
    for one in range(count):
        shown = int(rng.integers(0, ITEMS + 1))
        for place, item in enumerate(rng.permutation(ITEMS), start=1):
            gain = float(rng.integers(0, 4)) if rng.random() < 0.3 else 0.0
            if place <= shown or gain > 0:
                lists.append(one)
                positions.append(place if place <= shown else 0)
                gains.append(gain)
                items.append(int(item))
    mixed = rng.permutation(len(lists))
    return RankedRows(
        lists=np.array(lists, dtype=np.int64)[mixed],
        positions=np.array(positions, dtype=np.int64)[mixed],
        gains=np.array(gains)[mixed],
        items=np.array(items, dtype=np.int64)[mixed],
        count=count,
        catalogue=ITEMS,
        popularity=rng.integers(0, 50, ITEMS).astype(float),
        traits=rng.dirichlet(np.ones(3), ITEMS),
        tastes=rng.dirichlet(np.ones(3), count),
    )


def by_name(rows: RankedRows, top_k: int = TOP) -> dict[str, Measured]:
    return {found.name: found for found in measure_ranked(rows, QualityChoice(top_k=top_k))}


@settings(max_examples=100, deadline=None)
@given(ranked_rows())
def test_values_are_ir_measures(rows: RankedRows) -> None:
    assert rows.items is not None
    table = list(zip(rows.lists, rows.items, rows.positions, rows.gains, strict=True))
    truth = [ir_measures.Qrel(str(one), str(item), int(gain)) for one, item, _, gain in table] + [
        ir_measures.Qrel(str(one), "never shown", 0) for one in range(rows.count)
    ]
    run = [
        ir_measures.ScoredDoc(str(one), str(item), -float(place))
        for one, item, place, _ in table
        if 1 <= place <= TOP
    ] + [ir_measures.ScoredDoc(str(one), "filler", -1000.0) for one in range(rows.count)]
    measures = {
        "ndcg": nDCG @ TOP,
        "map": AP @ TOP,
        "mrr": RR,
        "recall_at_k": R @ TOP,
        "hit_rate": Success @ TOP,
    }
    expected = ir_measures.pytrec_eval.calc_aggregate(list(measures.values()), truth, run)
    found = by_name(rows)
    for name, measure in measures.items():
        assert found[name].value == pytest.approx(expected[measure], rel=1e-12, abs=1e-12), name


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_values_are_scikit_learns_where_every_item_is_ranked(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.permuted(np.tile(np.arange(ITEMS, dtype=float), (6, 1)), axis=1)
    gains = rng.integers(0, 3, (6, ITEMS)).astype(float)
    gains[:, 0] = 1.0
    rows = RankedRows(
        lists=np.repeat(np.arange(6), ITEMS),
        positions=(ITEMS - scores).astype(np.int64).reshape(-1),
        gains=gains.reshape(-1),
        count=6,
    )
    assert by_name(rows)["ndcg"].value == pytest.approx(ndcg_score(gains, scores, k=TOP), rel=1e-12)
    precision = label_ranking_average_precision_score(gains > 0, scores)
    assert by_name(rows, ITEMS)["map"].value == pytest.approx(precision, rel=1e-12)


@settings(max_examples=100, deadline=None)
@given(ranked_rows())
def test_variety_is_what_a_loop_counts(rows: RankedRows) -> None:
    assert rows.items is not None
    assert rows.popularity is not None
    assert rows.traits is not None
    assert rows.tastes is not None
    found = by_name(rows)
    shown = [
        rows.items[(rows.lists == one) & (rows.positions >= 1) & (rows.positions <= TOP)]
        for one in range(rows.count)
    ]
    everything = np.concatenate(shown)
    assert found["coverage"].value == pytest.approx(len(set(everything)) / ITEMS)
    if len(everything):
        taken = (rows.popularity + 1) / (rows.popularity + 1).sum()
        expected = np.mean([-math.log2(taken[item]) for item in everything])
        assert found["novelty"].value == pytest.approx(expected)
    apart, calibrated = [], []
    for one, items in enumerate(shown):
        traits = rows.traits[items]
        units = traits / np.linalg.norm(traits, axis=1, keepdims=True)
        pairs = [
            1 - units[a] @ units[b] for a in range(len(items)) for b in range(len(items)) if a != b
        ]
        if pairs:
            apart.append(np.mean(pairs))
        if len(items):
            mixed = 0.99 * traits.mean(axis=0) + 0.01 * rows.tastes[one]
            calibrated.append(np.sum(rows.tastes[one] * np.log(rows.tastes[one] / mixed)))
    if apart:
        assert found["diversity"].value == pytest.approx(np.mean(apart), abs=1e-12)
    if calibrated:
        assert found["taste_miscalibration"].value == pytest.approx(np.mean(calibrated))


def test_lists_as_popular_as_what_people_want_are_not_biased() -> None:
    popularity = np.array([100.0, 10.0, 1.0])
    lists, positions = np.array([0, 0, 1, 1]), np.array([1, 0, 1, 0])
    shown_is_wanted = RankedRows(
        lists=lists,
        positions=np.array([1, 2, 1, 2]),
        gains=np.ones(4),
        count=2,
        items=np.array([0, 1, 1, 2]),
        popularity=popularity,
    )
    assert by_name(shown_is_wanted)["popularity_bias"].value == pytest.approx(1.0)
    popular_shown = RankedRows(
        lists=lists,
        positions=positions,
        gains=np.array([0.0, 1.0, 0.0, 1.0]),
        count=2,
        items=np.array([0, 1, 0, 1]),
        popularity=popularity,
    )
    assert by_name(popular_shown)["popularity_bias"].value == pytest.approx(10.0)


def test_lists_of_one_user_are_one_draw() -> None:
    rng = np.random.default_rng(5)
    gains = rng.integers(0, 2, 40).astype(float)

    def repeated(times: int) -> RankedRows:
        lists = np.arange(40 * times)
        return RankedRows(
            lists=lists,
            positions=np.ones(40 * times, dtype=np.int64),
            gains=np.repeat(gains, times),
            count=40 * times,
            entities=lists // times,
        )

    once, often = by_name(repeated(1))["hit_rate"], by_name(repeated(25))["hit_rate"]
    assert once.value == often.value
    assert once.low is not None
    assert often.low == pytest.approx(once.low, abs=0.01)


def test_what_is_not_known_of_the_items_is_said() -> None:
    rows = RankedRows(lists=np.array([0]), positions=np.array([1]), gains=np.array([1.0]), count=1)
    found = by_name(rows)
    assert found["hit_rate"].value == 1.0
    for name in ("coverage", "novelty", "diversity", "popularity_bias", "taste_miscalibration"):
        assert found[name].value is None
        assert found[name].unsaid


def test_a_negative_gain_is_named_by_its_row() -> None:
    with pytest.raises(DataError, match="Row 1 has position 2 and gain -1"):
        RankedRows(
            lists=np.array([0, 0]), positions=np.array([1, 2]), gains=np.array([0.0, -1.0]), count=1
        )


def test_no_list_says_nothing() -> None:
    nothing = np.array([], dtype=np.int64)
    rows = RankedRows(lists=nothing, positions=nothing, gains=np.array([]), count=0)
    assert {found.value for found in measure_ranked(rows)} == {None}
