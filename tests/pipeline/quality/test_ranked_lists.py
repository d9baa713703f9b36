"""Ranked lists are measured by what people did with their items, in whatever order that came."""

from __future__ import annotations

import itertools
import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.errors import DataError
from watchkeeper.events import Feedback, OperatingSettings, Outcome, Prediction, QualitySettings
from watchkeeper.pipeline import Plan, set_baseline
from watchkeeper.pipeline.item_traits import read_traits
from watchkeeper.pipeline.quality import Performance, QualityRollup, performance
from watchkeeper.store import DAY, HOUR, KeptCell, Store
from watchkeeper.watch import Bucketing

MODEL = "m"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=9)
FOR_EVER = 2**40
NAMES = ("ndcg", "map", "mrr", "recall_at_k", "hit_rate")


def answer(number: int, items: list[str], *, minutes: float = 0) -> Prediction:
    return Prediction(
        model=MODEL,
        prediction_id=f"p{number}",
        time=NOON + timedelta(minutes=minutes),
        output=items,
        entity=f"u{number % 7}",
    )


def did(number: int, kind: str, item: str, *, minutes: float = 1) -> Feedback:
    return Feedback(
        model=MODEL,
        feedback_id=f"{number}-{kind}-{item}-{minutes}",
        time=NOON + timedelta(minutes=minutes),
        kind=kind,
        item=item,
        prediction_id=f"p{number}",
    )


def shown(store: Store, **more: object) -> Performance:
    QualityRollup(store).advance(at_once=True)
    return performance(store, MODEL, now=NOW, **more)  # type: ignore[arg-type]


def values(found: Performance) -> dict[str, float]:
    return {one.name: one.value for one in found.totals[0].metrics if one.value is not None}


def cells(store: Store) -> dict[int, list[KeptCell]]:
    QualityRollup(store).advance(at_once=True)
    return {
        level: store.quality.cells(MODEL, level, start=0, end=FOR_EVER) for level in (HOUR, DAY)
    }


def put_in_force(store: Store, quality: QualitySettings) -> None:
    store.operating.put(MODEL, OperatingSettings(quality=quality), actor="test", now=NOW)


def test_a_list_is_measured_by_the_clicks_that_it_got(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append(
            [
                answer(1, ["a", "b", "c"]),
                answer(2, ["d", "e"]),
                *(did(1, "impression", item) for item in "abc"),
                did(1, "click", "b"),
                *(did(2, "impression", item) for item in "de"),
                did(2, "skip", "d"),
            ]
        )
        found = shown(store)
        assert (found.task, found.totals[0].labelled) == ("ranking", 2)
        known = values(found)
        assert known["mrr"] == pytest.approx(0.25)
        assert known["ndcg"] == pytest.approx(1 / math.log2(3) / 2)
        assert known["hit_rate"] == known["recall_at_k"] == 0.5


def test_metrics_of_stored_lists_are_those_of_ir_measures(tmp_path: Path) -> None:
    import ir_measures

    random = np.random.default_rng(3)
    items = [f"i{n:02d}" for n in range(40)]
    records: list[Prediction | Feedback] = []
    ranked: dict[str, dict[str, float]] = {}
    judged: dict[str, dict[str, int]] = {}
    for number in range(200):
        order = list(random.permutation(items)[:10])
        ranked[f"p{number}"] = {item: -float(at) for at, item in enumerate(order)}
        records += [answer(number, order, minutes=number)]
        records += [did(number, "impression", order[0], minutes=number)]
        wanted = random.choice(items, size=3, replace=False)
        judged[f"p{number}"] = {str(item): 1 for item in wanted}
        records += [did(number, "click", str(item), minutes=number + 2) for item in wanted]
    with Store.open(tmp_path) as store:
        store.append(records)
        found = values(shown(store, metrics=NAMES))
    wanted_measures = {
        "ndcg": ir_measures.nDCG @ 10,
        "map": ir_measures.AP @ 10,
        "mrr": ir_measures.RR @ 10,
        "recall_at_k": ir_measures.R @ 10,
        "hit_rate": ir_measures.Success @ 10,
    }
    told = ir_measures.calc_aggregate(list(wanted_measures.values()), judged, ranked)
    for name, measure in wanted_measures.items():
        assert found[name] == pytest.approx(told[measure], abs=1e-12), name


def some_records() -> list[Prediction | Feedback | Outcome]:
    random = np.random.default_rng(8)
    found: list[Prediction | Feedback | Outcome] = []
    for number in range(12):
        items = [f"i{n}" for n in random.permutation(9)[:4]]
        found.append(answer(number, items, minutes=number * 13))
        if number % 3 != 1:
            item = f"i{int(random.integers(9))}"
            found.append(did(number, "play", item, minutes=number * 13 + 5))
        if number % 4 == 2:
            found.append(did(number, "impression", items[0], minutes=number * 13))
        if number == 7:
            time = NOON + timedelta(minutes=400)
            found.append(Outcome(model=MODEL, prediction_id="p7", time=time, label=items[2]))
    return found


RECORDS = some_records()


@pytest.fixture(scope="module")
def cells_of_all_at_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[int, list[KeptCell]]:
    with Store.open(tmp_path_factory.mktemp("whole")) as store:
        store.append(RECORDS)
        return cells(store)


@settings(max_examples=12, deadline=None)
@given(
    order=st.permutations(range(len(RECORDS))),
    cuts=st.sets(st.integers(1, len(RECORDS) - 1), max_size=4),
    seals=st.booleans(),
)
def test_feedback_in_any_order_and_any_parts_gives_the_same_cells(
    cells_of_all_at_once: dict[int, list[KeptCell]],
    tmp_path_factory: pytest.TempPathFactory,
    order: list[int],
    cuts: set[int],
    seals: bool,
) -> None:
    assert cells_of_all_at_once[DAY]
    with Store.open(tmp_path_factory.mktemp("parts")) as store:
        for start, end in itertools.pairwise([0, *sorted(cuts), len(RECORDS)]):
            store.append([RECORDS[place] for place in order[start:end]])
            if seals:
                store.seal()
            parts = cells(store)
    assert parts == cells_of_all_at_once


def test_without_impressions_a_list_that_nobody_used_counts_as_missed(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([answer(n, ["a", "b"]) for n in range(4)])
        store.append([did(0, "click", "a")])
        found = shown(store)
        assert (found.totals[0].labelled, values(found)["hit_rate"]) == (4, 0.25)


def test_where_impressions_come_a_list_that_nobody_saw_does_not_count(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([answer(n, ["a", "b"]) for n in range(4)])
        store.append([did(0, "click", "a"), did(1, "impression", "a")])
        found = shown(store)
        assert (found.totals[0].labelled, values(found)["hit_rate"]) == (2, 0.5)


def test_an_outcome_that_is_a_text_names_the_item_that_was_looked_for(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([answer(n, ["a", "b", "c"]) for n in range(3)])
        for number, label in ((0, "c"), (1, "elsewhere")):
            store.append([Outcome(model=MODEL, prediction_id=f"p{number}", time=NOON, label=label)])
        found = shown(store)
        assert (found.totals[0].labelled, values(found)["mrr"]) == (2, pytest.approx(1 / 6))


def test_gains_and_places_are_the_owners(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([answer(1, ["a", "b", "c"])])
        store.append([did(1, "click", "a"), did(1, "purchase", "c")])
        before = values(shown(store))["ndcg"]
        assert before == pytest.approx((1 + 0.5) / (1 + 1 / math.log2(3)))
        put_in_force(store, QualitySettings(gains={"purchase": 3.0}, top_k=2))
        after = values(shown(store))
        assert (after["ndcg"], after["recall_at_k"]) == (0.0, 0.0)


def test_what_is_not_ranked_says_what_was_expected(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put_in_force(store, QualitySettings(task="binary"))
        store.append([answer(1, ["a"]), did(1, "click", "a")])
        found = shown(store)
        assert found.task is None
        assert found.said[0] == "Outputs are lists of items, which is no binary task."


def test_feedback_about_other_models_measures_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        number = Prediction(model=MODEL, prediction_id="p1", time=NOON, output=0.5)
        store.append([number, did(1, "click", "a")])
        assert shown(store).task is None
        time = NOON + timedelta(hours=1)
        store.append([Outcome(model=MODEL, prediction_id="p1", time=time, label=True)])
        assert shown(store).task == "binary"


def with_a_reference(store: Store) -> datetime:
    """Fill a store with 12 days of lists, two hours each, and set a baseline after 10 days."""
    records: list[Prediction | Feedback] = []
    for number in range(12 * 24):
        items = ["a", "b"] if number % 4 else ["b", "c"]
        records.append(answer(number, items, minutes=60 * number))
        if number % 2:
            records.append(did(number, "play", "a", minutes=60 * number + 5))
    records.append(did(0, "play", "b", minutes=3))
    store.append(records)
    put_in_force(store, QualitySettings(catalogue=4))
    plan = Plan(bucketing=Bucketing.parse("12h"), time_column="time")
    until = NOON + timedelta(days=10)
    set_baseline(
        store, MODEL, plan, until=until, budget="1 per 30d", note="", actor="test", now=NOW
    )
    return until


def test_novelty_is_held_against_what_was_taken_in_the_reference(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        until = with_a_reference(store)
        found = values(shown(store, start=until, end=until + timedelta(days=2)))
        # a: 120 plays, b: 1, c: none, and one more each
        novelty = {item: -math.log2(n / 124) for item, n in (("a", 121), ("b", 2), ("c", 1))}
        lists = [("a", "b")] * 3 + [("b", "c")]
        expected = np.mean([novelty[item] for one in lists for item in one])
        assert found["novelty"] == pytest.approx(expected, rel=1e-9)
        assert found["coverage"] == 0.75
        assert found["popularity_bias"] < 1
        assert "diversity" not in found
        late = [did(2 * n, "play", "c", minutes=120 * n + 9) for n in range(50)]
        store.append(late)
        again = values(shown(store, start=until, end=until + timedelta(days=2)))
        assert again["novelty"] < found["novelty"]  # c is no news any more


def test_traits_of_items_tell_diversity_and_tastes(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        until = with_a_reference(store)
        window = {"start": until, "end": until + timedelta(days=2)}
        assert "diversity" not in values(shown(store, **window))
        traits = read_traits(
            pa.table({"item": ["a", "b", "c"], "genre": ["rock", "jazz", "jazz"]}),
            item="item",
            traits=["genre"],
        )
        store.quality.traits.put(MODEL, traits, actor="test", now=NOW)
        found = values(shown(store, **window))
        assert found["diversity"] == pytest.approx(0.75)  # a and b differ, b and c do not
        # Users took a, all rock; of lists of one rock and one jazz item half is, of others none.
        half, none = -math.log(0.99 * 0.5 + 0.01), -math.log(0.01)
        rough = (3 * half + none) / 4
        assert found["taste_miscalibration"] == pytest.approx(rough, rel=0.05)


def test_the_verb_takes_a_table_of_items(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        store.append([answer(1, ["a", "b"]), did(1, "click", "a")])
    films = tmp_path / "films.csv"
    films.write_text("film,genres\na,Drama|War\nb,War\n", encoding="utf-8")
    given = ["items", str(tmp_path / "store"), str(films), "--model", MODEL, "--item", "film"]
    told = CliRunner().invoke(app, [*given, "--traits", "genres", "--separator", "|"])
    assert told.stdout == "Model m: the traits of 2 items are in force.\n"
    with Store.open(tmp_path / "store") as store:
        kept = store.quality.traits.get(MODEL)
        assert kept is not None
        assert kept.table.to_pylist() == [
            {"item": "a", "traits": ["Drama", "War"]},
            {"item": "b", "traits": ["War"]},
        ]
        assert values(shown(store))["diversity"] == pytest.approx(1 - 1 / math.sqrt(2))


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"item": ["a"], "genre": ["x"]}, "There is no column 'genres'. Did you mean 'genre'?"),
        ({"item": ["a", "a"], "genres": ["x", "y"]}, "Item 'a' stands 2 times in 'item'"),
        ({"item": ["a", None], "genres": ["x", "y"]}, "1 rows have no 'item'"),
    ],
)
def test_a_table_of_items_that_cannot_be_used_says_why(
    table: dict[str, list[str | None]], fault: str
) -> None:
    with pytest.raises(DataError, match=re.escape(fault)):
        read_traits(pa.table(table), item="item", traits=["genres"])
