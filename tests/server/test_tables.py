"""Tables over HTTP: kept like records, whatever they say of themselves."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.conftest import Serving
from watchkeeper.server.arrow_stream import MEDIA_TYPE, read_arrow
from watchkeeper.server.problems import ProblemError
from watchkeeper.store import Store

TIME = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stream(table: pa.Table, compression: str | None = None, rows: int | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
    return sink.getvalue().to_pybytes()


def predictions(count: int, begin: int = 0) -> pa.Table:
    return pa.table(
        {
            "prediction_id": [str(begin + i) for i in range(count)],
            "time": pa.array([TIME] * count, pa.timestamp("us", "UTC")),
            "feature:age": np.arange(count, dtype=np.float64),
            "feature:country": ["CH", None] * (count // 2) + ["CH"] * (count % 2),
            "tag:plan": ["pro"] * count,
            "latency_seconds": [0.02] * count,
            "output": [0.25] * count,
        }
    )


def send(
    serving: Serving, body: bytes, model: str, kind: str = "predictions", **headers: str
) -> httpx.Response:
    named = {"content-type": MEDIA_TYPE, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return serving.http.post(f"/v1/models/{model}/{kind}", content=body, headers=named)


@pytest.fixture(scope="module")
def table_serving(
    serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory
) -> Serving:
    return serve(tmp_path_factory.mktemp("tables") / "store")


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_a_table_is_kept_once(table_serving: Serving, compression: str | None) -> None:
    model = f"once-{compression}"
    body = stream(predictions(50), compression, rows=20)
    first, again = (send(table_serving, body, model).json() for _ in range(2))
    assert (first["accepted"], first["duplicates"], first["rejected"]) == (50, 0, [])
    assert (again["accepted"], again["duplicates"]) == (0, 50)
    with Store.open(table_serving.store) as store:
        assert store.predictions(model).num_rows == 50


def test_a_table_and_records_are_the_same_to_the_store(table_serving: Serving) -> None:
    assert send(table_serving, stream(predictions(4)), "as-table").status_code == 200
    records = [
        {
            "record": "prediction",
            "model": "as-records",
            "prediction_id": str(i),
            "time": TIME.isoformat(),
            "features": {"age": float(i), "country": "CH" if i % 2 == 0 else None},
            "tags": {"plan": "pro"},
            "latency_seconds": 0.02,
            "output": 0.25,
        }
        for i in range(4)
    ]
    assert table_serving.post(*records).status_code == 200
    with Store.open(table_serving.store) as store:
        one, two = (store.predictions(model) for model in ("as-table", "as-records"))
    names = [name for name in one.column_names if name != "sequence"]
    assert one.select(names).equals(two.select(names))


def test_outcomes_and_feedback_come_as_tables_too(table_serving: Serving) -> None:
    times = pa.array([TIME] * 2, pa.timestamp("us", "UTC"))
    assert send(table_serving, stream(predictions(2)), "labelled").status_code == 200
    outcomes = pa.table({"prediction_id": ["0", "1"], "time": times, "label": [True, False]})
    assert send(table_serving, stream(outcomes), "labelled", "outcomes").status_code == 200
    feedback = pa.table({"feedback_id": ["a", "b"], "time": times, "kind": ["click", "play"]})
    assert send(table_serving, stream(feedback), "labelled", "feedback").status_code == 200
    with Store.open(table_serving.store) as store:
        assert store.predictions("labelled").column("label").to_pylist() == [True, False]
        assert store.feedback("labelled").num_rows == 2


def test_a_compressed_body_is_taken(table_serving: Serving) -> None:
    body = stream(predictions(10))
    for encoding, packed in (
        ("gzip", gzip.compress(body)),
        ("zstd", pa.Codec("zstd").compress(body, asbytes=True)),
    ):
        answer = send(table_serving, packed, f"packed-{encoding}", content_encoding=encoding)
        assert answer.json()["accepted"] == 10
    broken = send(table_serving, b"no zstd", "packed", content_encoding="zstd")
    assert (broken.status_code, broken.json()["type"][-11:]) == (400, "broken-zstd")


def test_rows_that_break_a_rule_are_named_and_the_rest_is_kept(table_serving: Serving) -> None:
    table = predictions(5)
    times = [TIME, datetime(1960, 1, 1, tzinfo=UTC), TIME, datetime(2999, 1, 1, tzinfo=UTC), TIME]
    table = table.set_column(1, "time", pa.array(times, pa.timestamp("us", "UTC")))
    latency = pa.array([0.1, 0.1, -1.0, 0.1, None])
    table = table.set_column(5, "latency_seconds", latency)
    answer = send(table_serving, stream(table), "ruled").json()
    assert answer["accepted"] == 2
    told = [(bad["row"], bad["field"]) for bad in answer["rejected"]]
    assert told == [(1, "time"), (2, "latency_seconds"), (3, "time")]
    assert answer["rejected"][1]["reason"] == "expected a finite number from 0 or null, got -1.0"
    alone = send(table_serving, stream(table.slice(1, 1)), "ruled")
    assert alone.status_code == 422
    assert "row 0, time" in alone.json()["detail"]


@pytest.mark.parametrize(
    ("table", "status", "said"),
    [
        (predictions(1).append_column("surprise", pa.array([1])), 422, "no column 'surprise'"),
        (predictions(1).drop(["time"]), 422, "needs a column 'time'"),
        (
            predictions(1).append_column("tag:x", pa.array(["a"]).dictionary_encode()),
            422,
            "dictionary-encoded",
        ),
        (
            predictions(1).append_column("feature:x", pa.array([{"a": 1}])),
            422,
            "'feature:x' has the type struct",
        ),
        (pa.table({"feature:x": np.zeros(2_000_000)}), 413, "at most"),
    ],
)
def test_what_cannot_be_taken_is_told(
    table_serving: Serving, table: pa.Table, status: int, said: str
) -> None:
    answer = send(table_serving, stream(table, "zstd"), "told")
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_a_wrong_path_or_type_is_told(table_serving: Serving) -> None:
    body = stream(predictions(1))
    assert send(table_serving, body, "m", "guesses").status_code == 404
    assert send(table_serving, body, "bad name").status_code == 422
    assert send(table_serving, body, "m", content_type="application/json").status_code == 415


def test_a_small_body_cannot_ask_for_much_memory(table_serving: Serving) -> None:
    bomb = stream(pa.table({"feature:x": np.zeros(30_000_000)}), "zstd")
    assert len(bomb) < 50_000
    answer = send(table_serving, bomb, "bomb")
    assert (answer.status_code, answer.json()["type"][-9:]) == (413, "too-large")
    nothing = stream(pa.table({"feature:x": pa.nulls(200_000)}))
    assert send(table_serving, nothing, "bomb").status_code == 413


def test_a_stream_that_ends_early_is_refused() -> None:
    body = stream(predictions(100), rows=10)
    for end in range(0, len(body), 97):
        with pytest.raises(ProblemError):
            read_arrow(body[:end], most_bytes=10**6, most_rows=10**6)


WHOLE = [stream(predictions(40), compression, rows=15) for compression in (None, "lz4", "zstd")]


@settings(max_examples=300)
@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_streams_give_a_table_or_a_problem(
    body: bytes, changes: list[tuple[float, int]]
) -> None:
    damaged = bytearray(body)
    for place, value in changes:
        damaged[int(place * len(body))] = value
    try:
        table = read_arrow(bytes(damaged), most_bytes=10**6, most_rows=10**5)
    except ProblemError as error:
        assert error.problem.status in {400, 413, 422}
    else:
        assert table.num_rows <= 10**5


def test_an_id_of_no_or_many_characters_costs_its_row_only(table_serving: Serving) -> None:
    table = predictions(3).set_column(0, "prediction_id", pa.array(["a", "", "x" * 600]))
    answer = send(table_serving, stream(table), "ids").json()
    assert answer["accepted"] == 1
    assert [bad["row"] for bad in answer["rejected"]] == [1, 2]
