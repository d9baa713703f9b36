"""Records are looked up by id, or newest first, wherever they lie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchkeeper.store import Place, Store, Wanted

START = datetime(2026, 1, 5, tzinfo=UTC)
MODEL = "m"
ROWS = 600


def part(first: int, last: int, **more: Any) -> pa.Table:
    """Predictions a minute apart; one in 50 fails, and there are seven entities."""
    numbers = range(first, last)
    columns: dict[str, Any] = {
        "prediction_id": [f"id-{n}" for n in numbers],
        "time": [START + timedelta(minutes=n) for n in numbers],
        "version": [str(1 + n % 2) for n in numbers],
        "entity": [f"e{n % 7}" for n in numbers],
        "error": ["Timeout" if n % 50 == 0 else None for n in numbers],
        "feature:n": [float(n) for n in numbers],
    }
    return pa.table(columns | more)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Half of the rows lie in files, half in the journal; some came out of order."""
    with Store.open(tmp_path_factory.mktemp("explored")) as opened:
        opened.append_table(MODEL, "prediction", part(0, 200))
        opened.append_table(MODEL, "prediction", part(250, 300))
        opened.seal()
        opened.append_table(MODEL, "prediction", part(200, 250))
        opened.seal()
        opened.append_table(MODEL, "prediction", part(300, ROWS))
        opened.append_table("other", "prediction", part(0, 3))
        yield opened


def numbers(table: pa.Table) -> list[int]:
    if not table.num_rows:
        return []
    return [int(n) for n in table.column("feature:n").to_pylist()]


def newest(store: Store, wanted: Wanted | None = None, **more: Any) -> list[int]:
    asked = {"start": None, "end": None, "before": None, "limit": 10} | more
    return numbers(store.explorer.newest(MODEL, wanted or Wanted(), **asked))


@pytest.mark.parametrize("n", [0, 120, 225, 299, 300, ROWS - 1])
def test_a_prediction_is_found_by_its_id_wherever_it_lies(store: Store, n: int) -> None:
    found = store.explorer.prediction(MODEL, f"id-{n}")
    assert numbers(found) == [n]
    assert store.explorer.models_with(f"id-{n}", ["m", "other"]) == (
        ["m", "other"] if n < 3 else ["m"]
    )


def test_an_id_that_never_came_is_not_found(store: Store) -> None:
    assert store.explorer.prediction(MODEL, "id").num_rows == 0
    assert store.explorer.prediction(MODEL, "' OR 1=1 --").num_rows == 0
    assert store.explorer.prediction("nowhere", "id-1").num_rows == 0
    assert store.explorer.models_with("id-601", ["m", "other"]) == []


def test_the_newest_come_first_and_pages_join_without_gap_or_overlap(store: Store) -> None:
    assert newest(store) == list(range(ROWS - 1, ROWS - 11, -1))
    found: list[int] = []
    before: Place | None = None
    while True:
        page = store.explorer.newest(MODEL, Wanted(), start=None, end=None, before=before, limit=97)
        if not page.num_rows:
            break
        found += numbers(page)
        last = page.to_pylist()[-1]
        time = int(last["time"].timestamp()) * 1_000_000
        before = Place(time=time, sequence=last["sequence"], row=last["row"])
    assert found == list(range(ROWS - 1, -1, -1))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    entity=st.none() | st.sampled_from(["e0", "e6", "nobody"]),
    version=st.none() | st.sampled_from(["1", "2"]),
    error=st.none() | st.booleans(),
    span=st.tuples(st.integers(-5, ROWS + 5), st.integers(-5, ROWS + 5)),
    limit=st.integers(1, 40),
)
def test_what_is_found_is_what_a_look_at_every_row_finds(
    store: Store,
    entity: str | None,
    version: str | None,
    error: bool | None,
    span: tuple[int, int],
    limit: int,
) -> None:
    first, last = span
    wanted = Wanted(entities=None if entity is None else (entity,), version=version, error=error)
    found = newest(
        store,
        wanted,
        start=START + timedelta(minutes=first),
        end=START + timedelta(minutes=last),
        limit=limit,
    )
    expected = [
        n
        for n in reversed(range(max(first, 0), min(last, ROWS)))
        if entity in (None, f"e{n % 7}")
        and version in (None, str(1 + n % 2))
        and error in (None, n % 50 == 0)
    ]
    assert found == expected[:limit]


def test_records_of_one_time_stand_in_the_order_they_came(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        for at in range(0, 30, 10):
            store.append_table(MODEL, "prediction", part(at, at + 10, time=[START] * 10))
            store.seal()
        assert newest(store, limit=30) == list(range(29, -1, -1))


def test_a_sealed_prediction_names_its_file_and_what_proves_it(store: Store) -> None:
    for n, is_sealed in ((225, True), (299, True), (300, False)):
        row = store.explorer.prediction(MODEL, f"id-{n}").to_pylist()[0]
        place = Place(
            time=int(row["time"].timestamp()) * 1_000_000, sequence=row["sequence"], row=row["row"]
        )
        file = store.explorer.sealed_in(MODEL, f"id-{n}", place)
        assert (file is not None) is is_sealed
        received = store.explorer.received_at(row["sequence"])
        assert (received is None) is is_sealed
        if file is not None:
            path = store.folder / file.path
            assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
            assert f"id-{n}" in pq.read_table(path, partitioning=None)["prediction_id"].to_pylist()


def test_outcomes_and_feedback_of_a_prediction_are_newest_first(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append_table(MODEL, "prediction", part(0, 5))
        assert store.explorer.outcomes(MODEL, "id-1", limit=5).num_rows == 0
        assert store.explorer.feedback(MODEL, "id-1", limit=5).num_rows == 0
        times = [START + timedelta(days=d) for d in (1, 3, 2)]
        outcome = {"prediction_id": ["id-1"] * 3, "time": times, "label": [1.0, 3.0, 2.0]}
        store.append_table(MODEL, "outcome", pa.table(outcome))
        store.seal()
        found = store.explorer.outcomes(MODEL, "id-1", limit=2)
        assert found.column("label").to_pylist() == [3.0, 2.0]


def test_some_columns_of_the_first_rows_of_a_span(store: Store) -> None:
    found = store.explorer.oldest_columns(
        MODEL,
        ["feature:n", "feature:missing", "it's"],
        start=START + timedelta(minutes=240),
        end=START + timedelta(minutes=400),
        limit=20,
    )
    assert numbers(found) == list(range(240, 260))
    assert set(found.column_names) == {"feature:n", "time", "sequence", "row"}


def test_files_have_filters_of_the_ids_that_are_looked_up(store: Store) -> None:
    path = next((store.folder / "events").rglob("*.parquet"))
    filtered = duckdb.sql(
        "SELECT path_in_schema FROM parquet_metadata(?) WHERE bloom_filter_offset IS NOT NULL",
        params=[str(path)],
    ).fetchall()
    assert {name for (name,) in filtered} == {"prediction_id", "entity"}
