"""A store is upgraded, with a copy kept of what it was, and that can be rehearsed."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from store.records import MODEL, NOON, prediction
from store.test_database import sql, to_the_first_version
from watchkeeper.cli import app
from watchkeeper.errors import StoreError
from watchkeeper.store import Store, create_project, rehearse, upgrade


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of the first version, with a project of the newest and one of the first."""
    made = tmp_path / "store"
    with Store.open(made) as store:
        store.append([prediction(n, features={"x": n * 1.0}) for n in range(3)])
        store.seal()
        store.append([prediction("waits")])
    for name in ("new", "old"):
        create_project(made, name, actor="me", now=NOON)
    with Store.open(made / "projects" / "old") as store:
        store.append([prediction(n) for n in range(200)])
    to_the_first_version(made)
    to_the_first_version(made / "projects" / "old")
    return made


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_rehearsal_tells_what_would_be_and_leaves_every_byte(folder: Path) -> None:
    before = hashes(folder)
    told = {one.project: one for one in rehearse(folder)}
    assert hashes(folder) == before
    assert [(one.before, one.after) for one in told.values()] == [
        ("0001", "0008"),
        ("0008", "0008"),
        ("0001", "0008"),
    ]
    assert told["default"].is_due and not told["new"].is_due
    assert told["default"].seconds > 0
    assert told["default"].needed_bytes > 0
    assert (told["old"].rows["journal"], told["old"].rows["settings"]) == (1, 0)
    assert told["default"].rows["sealed_files"] == 1
    assert all(one.kept is None for one in told.values())


def test_an_upgrade_keeps_a_copy_of_what_was(folder: Path) -> None:
    told = {one.project: one for one in upgrade(folder)}
    for place in (folder, folder / "projects" / "old"):
        assert sql(place, "SELECT version_num FROM alembic_version") == [("0008",)]
        kept = sqlite3.connect(place / "state-0001.sqlite")
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept.close()
    assert told["default"].kept == folder / "state-0001.sqlite"
    assert told["new"].kept is None
    assert not (folder / "projects" / "new" / "state-0008.sqlite").exists()
    with Store.open(folder) as store:
        assert store.predictions(MODEL).num_rows == 4
    assert [one.is_due for one in upgrade(folder)] == [False] * 3


def test_an_upgrade_can_be_taken_back_by_its_copy(folder: Path) -> None:
    upgrade(folder)
    (folder / "state-0001.sqlite").replace(folder / "state.sqlite")
    with Store.open(folder) as store:
        assert store.predictions(MODEL).num_rows == 4


def test_a_store_in_use_is_rehearsed_as_it_is_now(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction("1")])
        [told] = rehearse(tmp_path)
        assert told.rows["journal"] == 1
        store.append([prediction("2")])
        assert store.predictions(MODEL).num_rows == 2


def test_what_a_killed_writer_left_in_the_log_is_rehearsed_and_stays(tmp_path: Path) -> None:
    script = (
        "import os, sys; from store.records import prediction; from watchkeeper.store import Store;"
        "Store.open(sys.argv[1]).append([prediction('1')]); os._exit(1)"
    )
    subprocess.run(
        [sys.executable, "-c", script, tmp_path], check=False, cwd=Path(__file__).parents[1]
    )
    before = {name: digest for name, digest in hashes(tmp_path).items() if "-shm" not in name}
    assert before["state.sqlite-wal"] != hashlib.sha256(b"").hexdigest()
    [told] = rehearse(tmp_path)
    assert told.rows["journal"] == 1
    after = {name: digest for name, digest in hashes(tmp_path).items() if "-shm" not in name}
    assert after == before


def test_what_cannot_be_upgraded_is_told_and_stays_as_it_is(folder: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        rehearse(folder / "none")
    sql(folder, "UPDATE audit_entries SET payload = 'changed'")
    before = hashes(folder)
    with pytest.raises(StoreError, match=r"the audit log .* does not hold"):
        rehearse(folder)
    sql(folder, "UPDATE alembic_version SET version_num = '0999'")
    for act in (rehearse, upgrade):
        with pytest.raises(StoreError, match="newer Watchkeeper"):
            act(folder)
    assert not (folder / "state-0999.sqlite").exists()
    assert hashes(folder).keys() == before.keys()
    (folder / "state.sqlite").write_bytes(b"not a database, but long enough to be one" * 200)
    for act in (rehearse, upgrade):
        with pytest.raises(StoreError, match=r"damaged|cannot be copied"):
            act(folder)


def test_a_migration_that_fails_leaves_the_store_as_it_was(folder: Path) -> None:
    sql(folder, "CREATE TABLE notices (in_the_way)")
    with pytest.raises(StoreError, match="already exists"):
        rehearse(folder)
    with pytest.raises(StoreError, match="already exists"):
        upgrade(folder)
    assert sql(folder, "SELECT version_num FROM alembic_version") == [("0001",)]
    sql(folder, "DROP TABLE notices")
    assert upgrade(folder)[0].before == "0001"


def test_the_verb_tells_both(folder: Path) -> None:
    told = CliRunner().invoke(app, ["upgrade", str(folder), "--dry-run"]).stdout
    assert "Project default: would go from version 0001 to 0008 in" in told
    assert "Project new: version 0008, the newest; the database is whole, all" in told
    assert told.endswith("The store is as it was: copies were upgraded, and removed again.\n")
    told = CliRunner().invoke(app, ["upgrade", str(folder)]).stdout
    assert "Project old: went from version 0001 to 0008 in" in told
    assert f"as it was before: {folder / 'state-0001.sqlite'}; remove it" in told
