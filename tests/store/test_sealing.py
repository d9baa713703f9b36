"""Sealing moves rows to files that are never written again, whatever it finds."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from store.records import MODEL, outcome, prediction
from watchkeeper.errors import StoreError
from watchkeeper.store import SealReport, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store") as opened:
        yield opened


def files(store: Store) -> list[str]:
    return sorted(p.relative_to(store.folder).as_posix() for p in store.folder.rglob("*.parquet"))


def test_there_is_a_file_per_model_kind_and_day(store: Store) -> None:
    store.append([prediction(0), prediction(1, hours=20), prediction(2, hours=1), outcome(1, 1.0)])
    report = store.seal()
    assert report == SealReport(files=3, rows=4, orphans=0, busy=False)
    assert [re.sub(r"-[0-9a-f]{8}\.parquet$", ".parquet", name) for name in files(store)] == [
        "events/model=delays/kind=outcome/date=2024-03-01/000000000002-000000000002.parquet",
        "events/model=delays/kind=prediction/date=2024-03-01/000000000001-000000000001.parquet",
        "events/model=delays/kind=prediction/date=2024-03-02/000000000001-000000000001.parquet",
    ]
    assert store.seal() == SealReport()


def test_a_sealed_file_is_plain_parquet_without_empty_columns(store: Store) -> None:
    store.append([prediction(0, features={"x": 1.0}), prediction(1, hours=20, features={"y": 2.0})])
    store.seal()
    first, second = (pq.read_table(store.folder / f, partitioning=None) for f in files(store))
    assert "feature:y" not in first.column_names
    assert "feature:x" not in second.column_names
    whole = store.predictions(MODEL)
    assert whole.column("feature:x").to_pylist() == [1.0, None]
    assert whole.column("feature:y").to_pylist() == [None, 2.0]


def test_what_a_crash_left_is_not_read_and_goes_with_the_next_seal(store: Store) -> None:
    store.append([prediction(0)])
    store.seal()
    [sealed] = files(store)
    folder = (store.folder / sealed).parent
    orphan = folder / "000000000002-000000000002.parquet"
    orphan.write_bytes((store.folder / sealed).read_bytes())
    half = folder / ".000000000002-000000000002.parquet.4711"
    half.write_bytes(b"PAR1")
    assert store.predictions(MODEL).num_rows == 1
    assert store.seal().orphans == 2
    assert files(store) == [sealed]


def test_one_seals_at_a_time(store: Store) -> None:
    store.append([prediction(0)])
    with (store.folder / "seal.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert store.seal() == SealReport(busy=True)
    assert store.seal().rows == 1


@pytest.mark.parametrize("damage", ["remove", "truncate", "junk"])
def test_a_missing_or_damaged_sealed_file_is_named(store: Store, damage: str) -> None:
    store.append([prediction(0)])
    store.seal()
    [name] = files(store)
    path = store.folder / name
    if damage == "remove":
        path.unlink()
    else:
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if damage == "truncate" else b"junk" * 9)
    with pytest.raises(StoreError, match=r"sealed file events/.*is missing or damaged"):
        store.predictions(MODEL)
