from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from watchkeeper.cli import app
from watchkeeper.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["audit", *words])


@pytest.fixture
def folder(tmp_path: Path) -> str:
    with Store.open(tmp_path / "store") as store:
        for version in range(1, 4):
            store.audit.append("ann", "baseline.save", {"version": version}, now=NOW)
    return str(tmp_path / "store")


def rewrite(folder: str, statement: str) -> None:
    database = sqlite3.connect(Path(folder) / "state.sqlite")
    database.execute(statement)
    database.commit()
    database.close()


def test_verify_prints_the_head_of_a_log_that_holds(folder: str) -> None:
    with Store.open(folder) as store:
        head = store.audit.entries()[-1].hash
    done = run("verify", folder)
    assert done.exit_code == 0
    assert done.stdout == f"the audit log holds: 3 entries, head {head}\n"


def test_verify_names_the_first_entry_that_was_changed(folder: str) -> None:
    rewrite(folder, "UPDATE audit_entries SET actor = 'bob' WHERE number = 2")
    done = run("verify", folder)
    assert done.exit_code == 1
    assert "entry 2 was changed after it was written" in done.stderr


def test_verify_sees_that_the_newest_entries_are_gone(folder: str) -> None:
    rewrite(folder, "DELETE FROM audit_entries WHERE number = 3")
    done = run("verify", folder)
    assert done.exit_code == 1
    assert "3 entries were written, 2 are there" in done.stderr


def test_an_earlier_head_must_still_be_in_the_log(folder: str, tmp_path: Path) -> None:
    with Store.open(folder) as store:
        head = store.audit.entries()[0].hash
    assert run("verify", folder, "--head", head).exit_code == 0
    with Store.open(tmp_path / "rebuilt") as store:
        for version in range(1, 4):
            store.audit.append("eve", "baseline.save", {"version": version}, now=NOW)
    assert run("verify", str(tmp_path / "rebuilt")).exit_code == 0
    done = run("verify", str(tmp_path / "rebuilt"), "--head", head)
    assert done.exit_code == 1
    assert "it is another log" in done.stderr


def test_show_prints_the_newest_entries_oldest_first(folder: str) -> None:
    lines = run("show", folder, "--last", "2").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["2", "3"]
    assert lines[0].split()[2:] == ["ann", "baseline.save", '{"version":2}']
