"""Backups of a store that is in use, and stores made of them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nursery import run
from store.records import MODEL, outcome, prediction
from watchkeeper.errors import StoreError
from watchkeeper.store import Store, back_up, create_project, restore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "store"
    with Store.open(made) as store:
        store.append([prediction(i, hours=24 * i, features={"x": i * 1.0}) for i in range(4)])
        store.seal()
        store.append([outcome(i, True, hours=100) for i in range(4)])
        store.access_keys.create(project="default", name="t", scopes=["read"], actor="ann", now=NOW)
    create_project(made, "search", actor="ann", now=NOW)
    with Store.open(made / "projects" / "search") as store:
        store.append([prediction("other")])
    return made


def test_a_restored_store_is_the_one_that_was_backed_up(folder: Path, tmp_path: Path) -> None:
    report = back_up(folder, tmp_path / "backup")
    assert (report.projects, report.files, report.copied) == (2, 4, 4)
    restored = tmp_path / "again"
    assert restore(tmp_path / "backup", restored).files == 4
    for project in ("", "projects/search"):
        with Store.open(folder / project) as before, Store.open(restored / project) as after:
            assert after.predictions(MODEL).equals(before.predictions(MODEL))
            assert after.audit.entries() == before.audit.entries()
            assert after.access_keys.all() == before.access_keys.all()


def test_only_what_is_new_is_copied_and_what_was_merged_goes(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    assert back_up(folder, tmp_path / "backup").copied == 0
    with Store.open(folder) as store:
        for i in range(20):  # many small files of one day, which are merged
            store.append([prediction(f"more-{i}")])
            store.seal()
    report = back_up(folder, tmp_path / "backup")
    assert 0 < report.copied < 10
    restore(tmp_path / "backup", tmp_path / "again")
    files = {p.name for p in (tmp_path / "backup").rglob("*.parquet")}
    assert files == {p.name for p in folder.rglob("*.parquet")}
    with Store.open(tmp_path / "again") as store:
        assert store.predictions(MODEL).num_rows == 24


def test_a_backup_under_writes_has_all_that_was_acknowledged_before(
    folder: Path, tmp_path: Path
) -> None:
    acknowledged: list[int] = []
    done = threading.Event()

    def write() -> None:
        with Store.open(folder) as store:
            while not done.is_set():
                number = len(acknowledged)
                store.append([prediction(f"live-{number}", features={"x": 1.0})])
                acknowledged.append(number)
                if number % 50 == 0:
                    store.seal()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(4):
            before = len(acknowledged)
            back_up(folder, tmp_path / f"backup-{number % 2}")
            after = len(acknowledged)
            restore(tmp_path / f"backup-{number % 2}", tmp_path / f"again-{number}")
            with Store.open(tmp_path / f"again-{number}") as store:
                live = store.predictions(MODEL).num_rows - 4
            assert before <= live <= after + 1
    finally:
        done.set()
        writer.join()


def test_a_damaged_or_missing_file_is_named(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    [first, second, *_] = sorted((tmp_path / "backup").rglob("*.parquet"))
    whole = first.read_bytes()
    first.write_bytes(whole[:-1] + b"\x00")
    with pytest.raises(StoreError, match=f"{first.name} is damaged"):
        restore(tmp_path / "backup", tmp_path / "again")
    assert not (tmp_path / "again").exists()
    first.write_bytes(whole)
    second.unlink()
    with pytest.raises(StoreError, match=f"{second.name} is missing"):
        restore(tmp_path / "backup", tmp_path / "again")
    back_up(folder, tmp_path / "backup")  # mends it
    restore(tmp_path / "backup", tmp_path / "again")


def test_a_backup_that_was_cut_off_leaves_the_one_before(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    with Store.open(folder) as store:
        store.append([prediction("new", hours=240)])
        store.seal()
    known = {p.name for p in (tmp_path / "backup").rglob("*.parquet")}
    path = next(p for p in folder.rglob("*.parquet") if p.name not in known)
    whole = path.read_bytes()
    path.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="damaged"):
        back_up(folder, tmp_path / "backup")
    path.write_bytes(whole)
    restore(tmp_path / "backup", tmp_path / "again")
    with Store.open(tmp_path / "again") as store:
        assert store.predictions(MODEL).num_rows == 4


def test_other_folders_are_left_alone(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "photos"
    other.mkdir()
    (other / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(StoreError, match="holds something that is no backup"):
        back_up(folder, other)
    with pytest.raises(StoreError, match="there is no store"):
        back_up(tmp_path / "none", tmp_path / "backup")
    with pytest.raises(StoreError, match="there is no backup"):
        restore(other, tmp_path / "again")
    back_up(folder, tmp_path / "backup")
    with pytest.raises(StoreError, match="holds something already"):
        restore(tmp_path / "backup", other)
    assert (other / "cat.jpg").read_bytes() == b"cat"


def test_the_command_line_tells_what_it_did(folder: Path, tmp_path: Path) -> None:
    def said_by(*words: str) -> str:
        done = run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    said = said_by("backup", str(folder), str(tmp_path / "backup"))
    assert said.startswith("Backed up 2 projects with 4 sealed files (4 copied, ")
    said = said_by("restore", str(tmp_path / "backup"), str(tmp_path / "again"))
    assert said.startswith("Restored 2 projects with 4 sealed files")
