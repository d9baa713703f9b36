"""A state database that is new, newer, damaged or not ours."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from store.records import MODEL, prediction
from watchkeeper.errors import StoreError
from watchkeeper.store import Store

ADDED_SINCE_THE_FIRST = (
    "access_keys",
    "arrivals",
    "bucket_profiles",
    "checkpoints",
    "decisions",
    "incident_changes",
    "erasures",
    "notices",
    "service_cells",
    "service_incidents",
    "service_progress",
    "sessions",
    "quality_cells",
    "quality_progress",
    "quality_pending",
    "quality_orphans",
    "lost_orphans",
    "label_days",
    "label_coverage",
    "item_traits",
    "concept_states",
    "settings",
    "estimators",
    "estimate_cells",
    "estimate_progress",
    "estimate_pending",
    "outlier_scorers",
    "outlier_cells",
    "business_waits",
    "business_days",
)


def sql(folder: Path, text: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "state.sqlite")
    try:
        with connection:
            return connection.execute(text).fetchall()
    finally:
        connection.close()


def to_the_first_version(folder: Path) -> None:
    """Take back what migrations added to a closed store."""
    for table in ADDED_SINCE_THE_FIRST:
        sql(folder, f"DROP TABLE {table}")
    sql(folder, "DROP INDEX journal_times")
    sql(folder, "ALTER TABLE journal DROP COLUMN first_time")
    sql(folder, "ALTER TABLE progress DROP COLUMN revision")
    sql(folder, "UPDATE alembic_version SET version_num = '0001'")


def schema(folder: Path) -> dict[object, str]:
    """Give the statement that made each table and index, without its spaces."""
    made = sql(folder, "SELECT name, sql FROM sqlite_master")
    return {name: "".join(str(text).split()) for name, text in made}


def test_a_new_store_is_of_the_newest_version(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    assert sql(tmp_path, "SELECT version_num FROM alembic_version") == [("0008",)]
    assert sql(tmp_path, "PRAGMA journal_mode") == [("wal",)]


def test_a_new_store_is_what_all_migrations_lead_to(tmp_path: Path) -> None:
    new, migrated = tmp_path / "new", tmp_path / "migrated"
    migrated.mkdir()
    key = "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
    sql(migrated, f"CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, {key})")
    for folder in (new, migrated):
        Store.open(folder).close()
    assert schema(new) == schema(migrated)


def test_a_store_of_the_first_version_is_upgraded_with_all_it_holds(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(i, features={"x": i * 1.0}) for i in range(3)])
        before, entries = store.predictions(MODEL), store.audit.entries()
    to_the_first_version(tmp_path)
    with Store.open(tmp_path) as store:
        assert store.predictions(MODEL).equals(before)
        assert store.audit.entries() == entries
        assert store.access_keys.all() == []
        assert store.arrival(MODEL) is None  # until more comes
        store.append([prediction(3)])
        assert store.arrival(MODEL) is not None
    assert sql(tmp_path, "SELECT version_num FROM alembic_version") == [("0008",)]


def test_two_processes_may_make_one_store_at_once(tmp_path: Path) -> None:
    script = "import sys; from watchkeeper.store import Store; Store.open(sys.argv[1]).close()"
    command = [sys.executable, "-c", script, str(tmp_path / "store")]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert sql(tmp_path / "store", "SELECT count(*) FROM alembic_version") == [(1,)]


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    sql(tmp_path, "UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(StoreError, match="newer Watchkeeper"):
        Store.open(tmp_path)
    assert sql(tmp_path, "SELECT version_num FROM alembic_version") == [("0999",)]


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"not a database, but long enough to be one" * 200)
    with pytest.raises(StoreError, match="damaged or not a store"):
        Store.open(tmp_path)


def test_a_damaged_page_is_told_and_not_read_over(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(i, features={"x": "y" * 500}) for i in range(200)])
    path = tmp_path / "state.sqlite"
    whole = bytearray(path.read_bytes())
    for at in range(4096, len(whole), 4096):
        whole[at : at + 100] = b"\xff" * 100
    path.write_bytes(whole)
    with pytest.raises(StoreError, match=r"damaged|cannot be used"), Store.open(tmp_path) as store:
        store.predictions(MODEL)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "file" / "store")
