from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from nursery import run
from store.records import MODEL, NOON, prediction
from watchkeeper.errors import StoreError
from watchkeeper.store import Store, examine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "store") as store:
        store.append([prediction(i, hours=24 * i, features={"x": "y" * 500}) for i in range(40)])
        store.seal()
    return tmp_path / "store"


def states(folder: Path, *, thorough: bool = False) -> dict[str, str]:
    return {f.subject: f.state for f in examine(folder, thorough=thorough) if f.state != "good"}


def test_a_store_that_is_well_has_only_a_model_to_watch(folder: Path) -> None:
    assert states(folder, thorough=True) == {f"model {MODEL}": "watch"}


def test_a_missing_file_is_named_and_a_damaged_one_when_it_is_read(folder: Path) -> None:
    first, second, *_ = sorted(folder.rglob("*.parquet"))
    first.write_bytes(first.read_bytes()[:-1] + b"\x00")
    assert "sealed files" not in states(folder)
    [bad] = [f for f in examine(folder, thorough=True) if f.state == "bad"]
    assert first.name in bad.told
    assert "damaged" in bad.told
    second.unlink()
    [bad] = [f for f in examine(folder) if f.state == "bad"]
    assert second.name in bad.told
    assert "missing" in bad.told


def test_a_changed_audit_log_is_found(folder: Path) -> None:
    with Store.open(folder) as store:
        store.access_keys.create(
            project="default", name="t", scopes=["read"], actor="ann", now=NOON
        )
    connection = sqlite3.connect(folder / "state.sqlite")
    with connection:
        connection.execute("UPDATE audit_entries SET actor = 'eve'")
    connection.close()
    assert states(folder)["audit log"] == "bad"


def test_a_folder_without_a_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        examine(tmp_path)


def test_the_command_line_exits_with_1_for_a_fault(folder: Path) -> None:
    done = run("doctor", folder)
    assert done.returncode == 0
    assert "sealed files: 40, all there" in done.stdout
    next(folder.rglob("*.parquet")).unlink()
    done = run("doctor", folder)
    assert done.returncode == 1
    assert "BAD    sealed files" in done.stdout
