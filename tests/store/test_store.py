"""Records go in once and come out as one table, sealed or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pytest

from store.records import MODEL, NOON, outcome, prediction, prediction_table
from watchkeeper.errors import RecordError, StoreError
from watchkeeper.events import Feedback
from watchkeeper.store import Receipt, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store") as opened:
        yield opened


def test_an_empty_store_is_made_where_there_was_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a" / "b") as store:
        assert store.models() == []
        assert store.last_sequence() == 0
        assert store.newest_time(MODEL) is None
        assert store.predictions(MODEL).num_rows == 0
        assert store.feedback(MODEL).num_rows == 0


def test_a_store_that_must_be_there_is_missed(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store in"):
        Store.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_one_id_is_one_prediction(store: Store) -> None:
    first = store.append([prediction(1, output=1.0), prediction(2), prediction(1, output=9.0)])
    assert first == Receipt(sequence=1, accepted=2, duplicates=1)
    again = store.append([prediction(2), prediction(3)])
    assert again == Receipt(sequence=2, accepted=1, duplicates=1)
    store.seal()
    assert store.append([prediction(3)]) == Receipt(sequence=0, accepted=0, duplicates=1)
    table = store.predictions(MODEL)
    assert table.column("prediction_id").to_pylist() == ["1", "2", "3"]
    assert table.column("output").to_pylist() == [1.0, None, None]


def test_a_bulk_table_and_records_share_their_ids(store: Store) -> None:
    store.append([prediction("a")])
    receipt = store.append_table(
        MODEL, "prediction", prediction_table(["a", "b", "b"], **{"feature:x": [1, 2, 3]})
    )
    assert (receipt.accepted, receipt.duplicates) == (1, 2)
    store.seal()
    assert store.append([prediction("b")]).duplicates == 1
    table = store.predictions(MODEL)
    assert table.column("feature:x").to_pylist() == [None, 2.0]


def test_the_same_outcome_as_record_and_as_row_is_one(store: Store) -> None:
    times = [NOON + timedelta(microseconds=7 * i * 1_234_567 + i) for i in range(200)]
    for i, time in enumerate(times):
        store.append([outcome(i, 1, hours=(time - NOON) / timedelta(hours=1))])
    kept = [NOON + timedelta(hours=(t - NOON) / timedelta(hours=1)) for t in times]
    table = pa.table(
        {
            "prediction_id": [str(i) for i in range(200)],
            "time": pa.array(kept, pa.timestamp("us", "UTC")),
            "label": [1.0] * 200,
        }
    )
    assert store.append_table(MODEL, "outcome", table).duplicates == 200


def test_models_are_apart(store: Store) -> None:
    other = prediction(1).__class__(model="other/model x", prediction_id="1", time=NOON)
    store.append([prediction(1), other])
    store.seal()
    assert [(m.model, m.predictions) for m in store.models()] == [(MODEL, 1), ("other/model x", 1)]
    assert store.predictions("other/model x").num_rows == 1
    assert store.last_sequence(MODEL) == 1
    assert store.last_sequence() == 2


def test_spans_of_time_hold_their_start_and_not_their_end(store: Store) -> None:
    store.append([prediction(h, hours=h) for h in range(-30, 31)])
    for _ in range(2):
        found = store.predictions(MODEL, start=NOON, end=NOON + timedelta(hours=24))
        assert found.column("prediction_id").to_pylist() == [str(h) for h in range(24)]
        store.seal()


def test_the_zone_of_a_span_does_not_matter(store: Store) -> None:
    store.append([prediction("late", hours=10.5)])
    store.seal()
    east, west = timezone(timedelta(hours=12)), timezone(timedelta(hours=-12))
    for zone in (east, west):
        start = (NOON + timedelta(hours=10)).astimezone(zone)
        end = (NOON + timedelta(hours=11)).astimezone(zone)
        assert store.predictions(MODEL, start=start, end=end).num_rows == 1


def test_sequences_bound_what_is_seen(store: Store) -> None:
    for i in range(4):
        store.append([prediction(i)])
        if i == 1:
            store.seal()
    found = store.predictions(MODEL, since_sequence=1, up_to_sequence=3)
    assert found.column("prediction_id").to_pylist() == ["1", "2"]
    assert found.column("sequence").to_pylist() == [2, 3]


def test_every_part_of_a_record_comes_back(store: Store) -> None:
    time = datetime(2020, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    full = prediction(
        1,
        hours=1,
        features={"n": 1, "t": "a", "b": True, "d": time, "v": [1.0, 2.0], "none": None},
        output={"yes": 0.75, "no": 0.25},
        version="7",
        variant="b",
        entity="me",
        latency_seconds=0.5,
        cost_usd=0.01,
        error="boom",
        tags={"country": "CH"},
        trace_id="abc",
    )
    store.append([full])
    before = store.predictions(MODEL).to_pylist()
    store.seal()
    assert store.predictions(MODEL).to_pylist() == before
    [row] = before
    assert row == {
        "prediction_id": "1",
        "time": NOON + timedelta(hours=1),
        "version": "7",
        "variant": "b",
        "entity": "me",
        "latency_seconds": 0.5,
        "cost_usd": 0.01,
        "error": "boom",
        "trace_id": "abc",
        "sequence": 1,
        "feature:n": 1.0,
        "feature:t": "a",
        "feature:b": True,
        "feature:d": time,
        "feature:v": [1.0, 2.0],
        "output:yes": 0.75,
        "output:no": 0.25,
        "tag:country": "CH",
        "label": None,
        "label_time": None,
    }


def test_feedback_is_kept_in_order_of_time(store: Store) -> None:
    for i in (2, 1, 1):
        store.append(
            [
                Feedback(
                    model=MODEL,
                    feedback_id=str(i),
                    time=NOON + timedelta(hours=i),
                    kind="play",
                    position=i,
                )
            ]
        )
    store.seal()
    found = store.feedback(MODEL, end=NOON + timedelta(hours=2))
    assert found.select(["feedback_id", "kind", "position"]).to_pylist() == [
        {"feedback_id": "1", "kind": "play", "position": 1}
    ]
    assert store.feedback(MODEL).num_rows == 2


def test_threads_share_commits_and_each_gets_its_own_receipt(store: Store) -> None:
    receipts: dict[int, list[Receipt]] = {}

    def work(worker: int) -> None:
        receipts[worker] = [store.append([prediction(f"{worker}-{i}")]) for i in range(25)]

    threads = [threading.Thread(target=work, args=(w,)) for w in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [r for mine in receipts.values() for r in mine]
    assert [(r.accepted, r.duplicates) for r in told] == [(1, 0)] * 200
    assert len({r.sequence for r in told}) == 200
    assert store.predictions(MODEL).num_rows == 200


def test_a_record_that_cannot_be_kept_harms_no_other(store: Store) -> None:
    faults: list[RecordError] = []

    def spoil() -> None:
        for i in range(20):
            try:
                store.append([prediction(f"bad{i}", features={"x": "\ud800"})])
            except RecordError as error:
                faults.append(error)

    thread = threading.Thread(target=spoil)
    thread.start()
    for i in range(20):
        assert store.append([prediction(i)]).accepted == 1
    thread.join()
    assert len(faults) == 20
    assert store.predictions(MODEL).num_rows == 20
    assert store.append([prediction("bad0")]).accepted == 1


def test_append_many_gives_one_receipt_per_batch(store: Store) -> None:
    receipts = store.commit(
        [store.prepare(b) for b in ([prediction(1)], [], [prediction(1), prediction(2)])]
    )
    assert [(r.accepted, r.duplicates) for r in receipts] == [(1, 0), (0, 0), (1, 1)]
