"""Service cells hold what was logged, each prediction once, however it arrived and was sealed."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.events import (
    CostSettings,
    OperatingSettings,
    Prediction,
    PriceSettings,
    TokenSettings,
)
from watchkeeper.metrics import ServiceCell
from watchkeeper.pipeline import Plan, ServiceRollup, set_baseline
from watchkeeper.store import HOUR, MINUTE, Dimension, Store
from watchkeeper.watch import Bucketing

MODEL = "m"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=1)
FOR_EVER = 2**40


def prediction(name: str, *, minutes: float = 0, model: str = MODEL, **more: Any) -> Prediction:
    return Prediction(
        model=model, prediction_id=name, time=NOON + timedelta(minutes=minutes), **more
    )


def cells(
    store: Store, level: int = MINUTE, dimension: Dimension = "all", model: str = MODEL
) -> dict[tuple[str, int], ServiceCell]:
    """Return cells by value and minutes from noon."""
    found = store.service_cells.cells(model, level, start=0, end=FOR_EVER, dimension=dimension)
    noon = int(NOON.timestamp())
    return {(value, (start - noon) // 60): cell for value, start, cell in found}


def rolled(store: Store, now: datetime = NOW) -> None:
    rollup = ServiceRollup(store)
    while rollup.advance(now=now):
        pass


def counts(found: dict[tuple[str, int], ServiceCell]) -> dict[tuple[str, int], int]:
    return {key: cell.predictions for key, cell in found.items()}


def test_predictions_are_counted_by_the_minute_they_happened_in(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append(
            [
                prediction("a", latency_seconds=0.2, cost_usd=0.5),
                prediction("b", minutes=0.99, error="boom", latency_seconds=0.4),
                prediction("c", minutes=1),
            ]
        )
        rolled(store)
        found = cells(store)
        first = found["", 0]
        assert (first.predictions, first.errors, first.costed, first.cost_usd) == (2, 1, 1, 0.5)
        assert first.latency_nanoseconds == 600_000_000
        assert first.latency_seconds(1) == pytest.approx(0.4, rel=0.01)
        assert counts(found) == {("", 0): 2, ("", 1): 1}
        assert counts(cells(store, HOUR)) == {("", 0): 3}


def test_what_comes_late_is_merged_into_its_minute(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        rollup = ServiceRollup(store)
        for batch in (["a", 0], ["b", 90], ["c", 0], ["a", 0]):
            store.append([prediction(str(batch[0]), minutes=float(batch[1]))])
            rollup.advance(now=NOW)
        assert counts(cells(store)) == {("", 0): 2, ("", 90): 1}
        assert counts(cells(store, HOUR)) == {("", 0): 2, ("", 60): 1}
        assert rollup.advance(now=NOW) == 0


def test_versions_variants_and_the_baseline_s_segments_are_told_apart(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    with Store.open(tmp_path) as store:
        size = 3000
        places = random.choice(["CH", "FR", "XX"], size=size, p=[0.5, 0.4, 0.1])
        times = [NOON - timedelta(hours=100) + timedelta(minutes=2 * i) for i in range(size)]
        table = pa.table(
            {
                "prediction_id": [str(i) for i in range(size)],
                "time": pa.array(times, pa.timestamp("us", "UTC")),
                "feature:x": random.normal(size=size),
                "tag:country": places,
            }
        )
        store.append_table(MODEL, "prediction", table)
        set_baseline(
            store,
            MODEL,
            Plan(bucketing=Bucketing.parse("1h"), season=False, segment_by="country"),
            until=NOON - timedelta(hours=20),
            budget="1 per 720 buckets",
            note="",
            actor="ann",
            now=NOW,
        )
        store.append(
            [
                prediction("a", version="1", variant="b", tags={"country": "CH"}),
                prediction("b", version="2", tags={"country": "Atlantis"}),
                prediction("c", version="2"),
            ]
        )
        rolled(store)
        assert counts(cells(store))["", 0] == 3
        assert counts(cells(store, dimension="version"))["2", 0] == 2
        assert counts(cells(store, dimension="version"))["(none)", -2] == 1
        assert counts(cells(store, dimension="variant"))["b", 0] == 1
        by_segment = counts(cells(store, HOUR, "segment"))
        total = Counter[str]()
        for (value, _), rows in by_segment.items():
            total[value] += rows
        assert total["CH"] == (places == "CH").sum() + 1
        assert total["(other)"] == 2
        assert sum(total.values()) == size + 3


def test_an_hour_has_a_bounded_number_of_values_the_frequent_first(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        often = [prediction(f"o{i}", version="often") for i in range(5)]
        rare = [prediction(f"r{i}", version=f"rare{i}") for i in range(50)]
        store.append([*rare, *often])
        rollup = ServiceRollup(store)
        rollup.advance(now=NOW)
        store.append([prediction("late", version="new"), prediction("next", minutes=60)])
        rollup.advance(now=NOW)
        found = counts(cells(store, HOUR, "version"))
        assert found["often", 0] == 5
        assert found["(other)", 0] == 31 + 1
        assert len([key for key in found if key[1] == 0]) == 21
        assert found["(none)", 60] == 1
        assert sum(found.values()) == 57


def test_minutes_are_kept_for_two_days_and_hours_for_400(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        rollup = ServiceRollup(store)
        day = 24 * 60
        store.append([prediction("old", minutes=-500 * day), prediction("b", minutes=-399 * day)])
        rollup.advance(now=NOW)
        store.append([prediction("c", minutes=-1.5 * day)])
        rollup.advance(now=NOW)
        store.append([prediction("d", minutes=day)])
        rollup.advance(now=NOW + timedelta(days=1))
        store.append([prediction("e", minutes=-1.5 * day)])
        rollup.advance(now=NOW + timedelta(days=1))
        assert counts(cells(store)) == {("", day): 1}
        hours = {("", -399 * day): 1, ("", -36 * 60): 2, ("", day): 1}
        assert counts(cells(store, HOUR)) == hours


def test_an_event_ahead_of_time_makes_nothing_too_old(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        ahead = prediction("ahead", minutes=60 * 24 * 4000)
        store.append([prediction("a"), ahead])
        rolled(store, NOON)
        assert counts(cells(store))["", 0] == 1
        assert store.service_cells.newest(MODEL) == int(NOON.timestamp())


def test_sealed_rows_are_taken_up_too_and_once(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(str(i), minutes=i) for i in range(40)])
        store.seal()
        rolled(store)
        store.append([prediction(f"b{i}", minutes=i) for i in range(0, 40, 2)])
        store.seal()  # into the same day, and so into one file
        store.append([prediction(f"c{i}", minutes=i) for i in range(40)])
        rolled(store)
        rolled(store)
        assert counts(cells(store)) == {("", i): 3 - i % 2 for i in range(40)}


@pytest.mark.parametrize("seals", [8, 40])
def test_a_long_history_is_counted_in_pieces_beside_what_comes_in(
    tmp_path: Path, seals: int
) -> None:
    # Of so many small files of a day most are merged, to files that many entries are in.
    with Store.open(tmp_path / "whole") as whole, Store.open(tmp_path / "parts") as parts:
        for store in (whole, parts):
            for seal in range(seals):
                # Every second seal brings late rows of an hour that has a file already.
                minutes = 60 * (seal // 2) + np.arange(100) % 60
                store.append(
                    [
                        prediction(f"{seal}-{i}", minutes=float(minute), version=f"v{seal % 3}")
                        for i, minute in enumerate(minutes)
                    ]
                )
                store.seal()
            store.append([prediction("new", minutes=500)])
            store.append([prediction("live", minutes=500, model="live")])
        rolled(whole)
        taken = []
        while True:
            # Made anew for every piece, as after a kill.
            rows = ServiceRollup(parts, most_rows=150).advance(now=NOW)
            if not rows:
                break
            taken.append(rows)
            assert sum(counts(cells(parts, model="live")).values()) == 1
            assert sum(counts(cells(parts)).values()) == sum(taken) - 1
        assert sum(taken) == 100 * seals + 2
        if seals == 8:
            assert (max(taken) <= 301, len(taken) >= 3) == (True, True)
        for level in (MINUTE, HOUR):
            for dimension in ("all", "version"):
                assert counts(cells(parts, level, dimension)) == counts(
                    cells(whole, level, dimension)
                )


def test_two_that_take_turns_count_nothing_twice(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store, Store.open(tmp_path) as other:
        rollups = [ServiceRollup(store), ServiceRollup(other)]
        for turn in range(12):
            store.append([prediction(str(turn)), prediction(f"o{turn}", model="other")])
            rollups[turn * 7 % 3 % 2].advance(now=NOW)
        for rollup in rollups:
            rollup.advance(now=NOW)
        assert counts(cells(store)) == {("", 0): 12}
        assert counts(cells(store, model="other")) == {("", 0): 12}


entries = st.lists(
    st.tuples(
        st.lists(
            st.tuples(
                st.integers(-4000, 100),
                st.sampled_from(["", "1", "2"]),
                st.one_of(st.none(), st.floats(0, 10)),
                st.one_of(st.none(), st.floats(0, 1)),
                st.booleans(),
            ),
            min_size=1,
            max_size=40,
        ),
        st.sampled_from(["nothing", "roll", "seal"]),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(entries)
def test_cells_are_those_of_all_rows_together(
    tmp_path_factory: pytest.TempPathFactory, given_entries: list[Any]
) -> None:
    """The same predictions in one entry, and in several, rolled up and sealed in between."""
    named = [
        (
            [
                prediction(
                    f"{at}-{n}",
                    minutes=minutes,
                    version=version,
                    latency_seconds=latency,
                    cost_usd=cost,
                    error="x" if fails else None,
                )
                for n, (minutes, version, latency, cost, fails) in enumerate(rows)
            ],
            then,
        )
        for at, (rows, then) in enumerate(given_entries)
    ]
    with (
        Store.open(tmp_path_factory.mktemp("a")) as parts,
        Store.open(tmp_path_factory.mktemp("b")) as whole,
    ):
        # Whichever comes last, the newest event is the same.
        final = [prediction("end", minutes=101)]
        rollup = ServiceRollup(parts)
        for records, then in [(final, "roll"), *named]:
            parts.append(records)
            if then == "roll":
                rollup.advance(now=NOW)
            if then == "seal":
                parts.seal()
        rollup.advance(now=NOW)
        whole.append([*final, *(record for records, _ in named for record in records)])
        rolled(whole)
        for level in (MINUTE, HOUR):
            for dimension in ("all", "version", "variant"):
                assert cells(parts, level, dimension) == cells(whole, level, dimension)
        minutes = cells(whole)
        for (_, start), hour in cells(whole, HOUR).items():
            inside = [cell for (_, at), cell in minutes.items() if start <= at < start + 60]
            if start > -2000:  # hours of which all minutes are kept
                assert ServiceCell.merged(inside) == hour


def test_a_prediction_without_a_cost_is_priced(tmp_path: Path) -> None:
    costs = CostSettings(
        prices=(
            PriceSettings(version="big", per_prediction_usd=0.5, per_second_usd=2.0),
            PriceSettings(per_million_usd={"characters": 4.0}),
        ),
        tokens=TokenSettings(model="llm", input="read", output="written"),
    )
    with Store.open(tmp_path) as store:
        store.operating.put(MODEL, OperatingSettings(costs=costs), actor="ann", now=NOW)
        store.append(
            [
                prediction("own", minutes=0, cost_usd=7.0, version="big", latency_seconds=1),
                prediction("big", minutes=1, version="big", latency_seconds=0.25),
                prediction("big?", minutes=2, version="big"),
                prediction("small", minutes=3, features={"characters": 500_000}),
                prediction("none", minutes=4),
                prediction(
                    "llm",
                    minutes=5,
                    features={"read": 1000, "written": 100, "characters": 250_000},
                    tags={"llm": "gpt-4o"},
                ),
                prediction(
                    "tags", minutes=6, tags={"llm": "gpt-4o", "read": "1000", "written": "100"}
                ),
                prediction("odd", minutes=7, tags={"llm": "no such", "read": "5", "written": "x"}),
            ]
        )
        rolled(store)
        found = {start: cell.cost_usd for (_, start), cell in cells(store).items()}
        # gpt-4o: 2.50 USD for a million input tokens and 10 USD for a million output tokens.
        assert found == {
            0: 7.0,
            1: 1.0,
            2: None,
            3: 2.0,
            4: None,
            5: pytest.approx(1.0 + 0.0035),
            6: pytest.approx(0.0035),
            7: None,
        }


KILLED = """
import os, random, signal, sys, threading, time
from datetime import UTC, datetime, timedelta
from watchkeeper.events import Prediction
from watchkeeper.pipeline import ServiceRollup
from watchkeeper.store import Store

folder, turns = sys.argv[1], int(sys.argv[2])
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
import duckdb, pyarrow.parquet, watchkeeper.pipeline.watching, watchkeeper.metrics


def roll():
    with Store.open(folder) as store:
        rollup = ServiceRollup(store)
        while True:
            rollup.advance(now=NOON)


def append(turn):
    with Store.open(folder) as store:
        for i in range(1_000_000):
            at = NOON - timedelta(minutes=i % 130)
            store.append([Prediction(model=f"m{i % 2}", prediction_id=f"{turn}-{i}-{k}", time=at,
                                     version=str(k % 3), latency_seconds=0.1, cost_usd=0.001)
                          for k in range(40 if i % 3 else 5)])


def seal():
    with Store.open(folder) as store:
        while True:
            store.seal()
            time.sleep(0.05)


def fork(work, *words):
    child = os.fork()
    if child:
        return child
    try:
        work(*words)
    finally:
        os._exit(1)


chance = random.Random(5)
failed = 0
for turn in range(turns):
    children = [fork(roll), fork(roll), fork(append, turn), fork(seal)]
    time.sleep(chance.uniform(0.3, 0.9))
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        _, status = os.waitpid(child, 0)
        failed += not os.WIFSIGNALED(status)
sys.exit(failed)
"""


def test_no_kill_loses_or_doubles_a_prediction(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    killing = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), "8"], capture_output=True, text=True
    )
    assert killing.returncode == 0, killing.stderr
    with Store.open(tmp_path) as store:
        before = sum(counts(cells(store, HOUR, model="m0")).values())
        rolled(store)
        for model in ("m0", "m1"):
            table = store.predictions(model, with_labels=False)
            times = table.column("time").cast(pa.int64()).to_numpy() // 60_000_000
            logged = Counter(((times * 60 - int(NOON.timestamp())) // 60).tolist())
            found = cells(store, model=model)
            assert counts(found) == {("", minute): rows for minute, rows in logged.items()}
            assert all(
                cell.cost_nano_usd == 1_000_000 * cell.predictions for cell in found.values()
            )
            by_version = counts(cells(store, HOUR, "version", model=model))
            assert sum(by_version.values()) == table.num_rows > 100
        assert before > 0
