from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from store.samples import outcome, prediction
from watchkeeper.store import Store

START_OF_DAY = np.datetime64("2026-01-05", "us")


def files(store: Store) -> list[Path]:
    return sorted((store.folder / "events").rglob("*.parquet"))


def fill(store: Store, seals: int) -> int:
    merged = 0
    for n in range(seals):
        store.append([prediction(f"{n}", n % 7, features={f"f{n % 3}": float(n)})])
        merged += store.seal().merged
    return merged


def test_many_small_files_of_a_day_become_one_and_reads_stay_the_same(store: Store) -> None:
    fill(store, 15)
    assert len(files(store)) == 15
    store.append([outcome("3", 1.0)])
    before = store.predictions("m")
    early = store.predictions("m", up_to_sequence=9)
    assert fill(store, 15) == 0, "all were there before"
    store.append([prediction("next", 86_400)])
    store.append([prediction("last", 5)])
    assert store.seal().merged == 16
    assert len(files(store)) == 3
    assert store.predictions("m", up_to_sequence=16).equals(before)
    assert store.predictions("m", up_to_sequence=9).equals(early)


def test_a_merged_file_has_a_row_for_every_row_and_a_hash(store: Store) -> None:
    assert fill(store, 16) == 16
    [path] = files(store)
    assert pq.read_metadata(path).num_rows == 16
    assert path.name.startswith("000000000001-000000000016-")


def test_files_that_a_crash_left_after_a_merge_are_not_read_and_go(
    store: Store, tmp_path: Path
) -> None:
    fill(store, 15)
    shutil.copytree(store.folder / "events", tmp_path / "old")
    store.append([prediction("15")])
    assert store.seal().merged == 16
    before = store.predictions("m")
    shutil.copytree(tmp_path / "old", store.folder / "events", dirs_exist_ok=True)
    assert len(files(store)) == 16
    assert store.predictions("m").equals(before)
    assert store.seal().orphans == 15
    assert len(files(store)) == 1


def busy_day(rows: int, *, name: str = "p") -> pa.Table:
    """Predictions of one day, evenly spread."""
    times = START_OF_DAY + (np.arange(rows) * (86_400_000_000 // rows)).astype("timedelta64[us]")
    return pa.table(
        {
            "prediction_id": [f"{name}{n}" for n in range(rows)],
            "time": pa.array(times, pa.timestamp("us", "UTC")),
        }
    )


def test_a_busy_day_that_is_cut_by_hour_is_not_merged_into_itself(store: Store) -> None:
    store.append_table("m", "prediction", busy_day(500_000))
    assert store.seal().merged == 0
    assert len(files(store)) == 24
    store.append_table("m", "prediction", busy_day(10, name="late"))
    assert store.seal().merged == 0
    assert store.predictions("m").num_rows == 500_010


def test_what_comes_late_to_a_busy_day_is_merged_and_nothing_lost(store: Store) -> None:
    store.append_table("m", "prediction", busy_day(500_000))
    store.seal()
    merged = 0
    for late in range(15):
        store.append_table("m", "prediction", busy_day(100, name=f"late{late}-").slice(0, 3))
        merged += store.seal().merged
    assert merged == 16  # the hour's own file and the late ones
    assert len(files(store)) == 24
    assert store.predictions("m").num_rows == 500_045


def test_what_comes_late_all_over_a_busy_day_is_merged_and_nothing_lost(store: Store) -> None:
    store.append_table("m", "prediction", busy_day(500_000))
    store.seal()
    for late in range(16):
        store.append_table("m", "prediction", busy_day(1_000, name=f"late{late}-").slice(0, 500))
        store.seal()
    assert len(files(store)) == 25  # one of each hour, and what came late
    assert store.predictions("m").num_rows == 508_000
    assert sum(pq.read_metadata(path).num_rows for path in files(store)) == 508_000


def test_a_very_busy_hour_is_merged_some_files_at_a_time_so_that_memory_is_bounded(
    store: Store,
) -> None:
    merged = 0
    for part in range(16):
        hour = busy_day(24 * 40_000, name=f"part{part}-").slice(0, 40_000)
        store.append_table("m", "prediction", hour)
        merged += store.seal().merged
    rows = [pq.read_metadata(path).num_rows for path in files(store)]
    assert (merged, sorted(rows)) == (16, [160_000, 480_000])
    assert store.predictions("m").num_rows == 640_000
