"""Outcomes may come before their prediction, late, twice and corrected."""

from __future__ import annotations

import itertools
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from store.records import MODEL, NOON, outcome, prediction
from watchkeeper.events import Record
from watchkeeper.store import Store


def labels(store: Store) -> dict[str, object]:
    rows = store.predictions(MODEL).select(["prediction_id", "label"]).to_pylist()
    return {row["prediction_id"]: row["label"] for row in rows}


def test_an_outcome_may_come_before_its_prediction(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([outcome(1, 3.0, hours=1)])
        assert labels(store) == {}
        store.seal()
        store.append([prediction(1), prediction(2)])
        assert labels(store) == {"1": 3.0, "2": None}


def test_the_latest_time_wins_and_of_equal_times_the_last_to_come(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(1), prediction(2), outcome(1, 5.0, hours=5)])
        store.append([outcome(1, 4.0, hours=4), outcome(2, 1.0)])
        store.seal()
        store.append([outcome(2, 2.0)])
        assert labels(store) == {"1": 5.0, "2": 2.0}
        [row, _] = store.predictions(MODEL).to_pylist()
        assert row["label_time"] == NOON + timedelta(hours=5)


def test_labels_may_be_left_out(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(1), outcome(1, 5.0)])
        assert "label" not in store.predictions(MODEL, with_labels=False).column_names


EVENTS: list[Record] = [
    *(prediction(i, hours=i) for i in range(3)),
    *(outcome(i, float(10 * i + k), hours=k) for i in range(3) for k in (1, 2)),
]
EXPECTED = {"0": 2.0, "1": 12.0, "2": 22.0}


@settings(max_examples=15)
@given(
    order=st.permutations(EVENTS),
    again=st.lists(st.sampled_from(EVENTS), max_size=5),
    cuts=st.lists(st.integers(0, 14), max_size=4, unique=True),
    sealed=st.sets(st.integers(0, 14), max_size=2),
)
def test_order_repetition_and_sealing_do_not_matter(
    order: list[Record], again: list[Record], cuts: list[int], sealed: set[int]
) -> None:
    events = [*order, *again]
    edges = [0, *sorted(c for c in {*cuts, *sealed} if 0 < c < len(events)), len(events)]
    with tempfile.TemporaryDirectory() as folder, Store.open(folder) as store:
        accepted = 0
        for first, last in itertools.pairwise(edges):
            accepted += store.append(events[first:last]).accepted
            if last in sealed:
                store.seal()
        assert accepted == len(EVENTS)
        assert labels(store) == EXPECTED
        store.seal()
        assert labels(store) == EXPECTED
