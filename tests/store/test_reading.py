from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from store.samples import START, feedback, outcome, prediction, predictions
from watchkeeper.errors import RecordError, StoreError
from watchkeeper.store import Store


def test_a_receipt_tells_new_records_from_those_the_store_had(store: Store) -> None:
    first = store.append(predictions(["a", "b"]))
    again = store.append(predictions(["b", "c", "c", "a"]))
    nothing = store.append(predictions(["a", "b", "c"]))
    assert (first.accepted, first.duplicates) == (2, 0)
    assert (again.accepted, again.duplicates) == (1, 3)
    assert again.sequence > first.sequence
    assert (nothing.sequence, nothing.accepted, nothing.duplicates) == (0, 0, 3)
    assert sorted(store.predictions("m")["prediction_id"].to_pylist()) == ["a", "b", "c"]


def test_the_first_prediction_of_an_id_counts(store: Store) -> None:
    store.append([prediction("a", output=1.0), prediction("a", output=2.0)])
    store.seal()
    store.append([prediction("a", seconds=9, output=3.0)])
    assert store.predictions("m")["output"].to_pylist() == [1.0]


def test_ids_are_apart_by_model_and_kind(store: Store) -> None:
    receipt = store.append(
        [prediction("a"), prediction("a", model="n"), outcome("a", 1), feedback("a")]
    )
    assert receipt.accepted == 4
    assert [(s.model, s.predictions, s.outcomes, s.feedback) for s in store.models()] == [
        ("m", 1, 1, 1),
        ("n", 1, 0, 0),
    ]


def test_outcomes_may_come_first_late_twice_and_corrected(store: Store) -> None:
    store.append([outcome("a", 0, seconds=50)])
    store.append([prediction("a"), prediction("b", 1)])
    store.seal()
    assert store.append([outcome("a", 0, seconds=50)]).duplicates == 1
    store.append([outcome("a", 1, seconds=90), outcome("a", 2, seconds=70)])
    table = store.predictions("m")
    assert table["label"].to_pylist() == [1.0, None]
    assert table["label_time"].to_pylist() == [START + timedelta(seconds=90), None]


def test_of_outcomes_of_one_time_the_last_to_arrive_counts(store: Store) -> None:
    store.append([prediction("a"), outcome("a", 3), outcome("a", 1), outcome("a", 2)])
    assert store.predictions("m")["label"].to_pylist() == [2.0]
    store.append([outcome("a", 0)])
    store.seal()
    assert store.predictions("m")["label"].to_pylist() == [0.0]


def test_a_window_has_its_start_and_not_its_end(store: Store) -> None:
    store.append(predictions(["a", "b", "c", "d"]))
    for _ in range(2):
        table = store.predictions(
            "m", start=START + timedelta(seconds=1), end=START + timedelta(seconds=3)
        )
        assert table["prediction_id"].to_pylist() == ["b", "c"]
        store.seal()


def test_rows_come_by_time_then_id(store: Store) -> None:
    store.append([prediction("b"), prediction("z", -5), prediction("a")])
    assert store.predictions("m")["prediction_id"].to_pylist() == ["z", "a", "b"]


def test_feedback_is_read_back_whole(store: Store) -> None:
    store.append([feedback("2", 1, item="x", position=3, amount=1.5), feedback("1")])
    store.append([feedback("2", 1)])
    for _ in range(2):
        rows = store.feedback("m").to_pylist()
        assert [row["feedback_id"] for row in rows] == ["1", "2"]
        assert (rows[1]["item"], rows[1]["position"], rows[1]["amount"]) == ("x", 3, 1.5)
        store.seal()


def test_an_empty_store_answers(store: Store) -> None:
    assert store.predictions("m").num_rows == 0
    assert store.feedback("m").num_rows == 0
    assert store.models() == []
    assert store.last_sequence() == 0
    assert store.newest_time("m") is None
    assert store.append([]).accepted == 0
    assert store.append_table("m", "prediction", pa.table({})).accepted == 0
    assert store.seal().rows == 0


def test_newest_time_and_last_sequence_do_not_change_by_sealing(store: Store) -> None:
    receipt = store.append([prediction("a", 60), prediction("b", 30)])
    store.append([outcome("a", 1, seconds=1e6, model="n")])
    for _ in range(2):
        assert store.newest_time("m") == START + timedelta(seconds=60)
        assert store.newest_time("n") is None
        assert store.last_sequence("m") == receipt.sequence
        assert store.last_sequence() == receipt.sequence + 1
        store.seal()


def test_several_batches_share_a_write_and_have_a_receipt_each(store: Store) -> None:
    receipts = store.commit(
        [store.prepare(b) for b in (predictions(["a", "b"]), predictions(["b", "c"]), [])]
    )
    assert [(r.accepted, r.duplicates) for r in receipts] == [(2, 0), (1, 1), (0, 0)]


def test_a_batch_with_a_record_that_cannot_be_written_leaves_no_trace(store: Store) -> None:
    with pytest.raises(RecordError, match=r"row 1, features\.x"):
        store.append([prediction("a"), prediction("b", features={"x": 2**64})])
    assert store.predictions("m").num_rows == 0
    assert store.append(predictions(["a", "b"])).accepted == 2


def test_a_closed_period_reads_the_same_for_ever(store: Store) -> None:
    store.append(predictions(["a", "b"], features={"x": 1.0}))
    store.append([outcome("a", 1)])
    sequence = store.last_sequence("m")
    before = store.predictions("m", up_to_sequence=sequence)
    for round_ in range(20):
        name = f"late-{round_}"
        store.append([prediction(name, features={"x": "text", "y": 2.0}), outcome("b", round_)])
        store.append([outcome("a", 0, seconds=100 + round_)])
        store.seal()
    after = store.predictions("m", up_to_sequence=sequence)
    assert after.equals(before)
    later = store.predictions("m", since_sequence=sequence)
    assert later.num_rows == 20
    assert min(later["sequence"].to_pylist()) > sequence


def test_a_store_is_only_made_when_asked_for(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        Store.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "file" / "store")
