"""The audit log shows any change, removal or insertion."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.store import Store

NOW = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "store") as store:
        for i in range(5):
            store.audit.append("ann", "baseline.save", {"version": i, "a": "é"}, now=NOW)
        assert store.audit.verify().holds
    return tmp_path / "store"


def tamper(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "state.sqlite")
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_an_untouched_log_holds(folder: Path) -> None:
    with Store.open(folder) as store:
        report = store.audit.verify()
        entries = store.audit.entries()
    assert (report.entries, report.first_bad, report.reason) == (5, None, "")
    assert [e.number for e in entries] == [1, 2, 3, 4, 5]
    assert entries[1].previous == entries[0].hash
    assert entries[0].payload == '{"a":"é","version":0}'


def test_an_empty_log_holds(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        assert store.audit.verify().holds


@pytest.mark.parametrize(
    ("statements", "first_bad"),
    [
        (["UPDATE audit_entries SET payload = '{}' WHERE number = 3"], 3),
        (["UPDATE audit_entries SET actor = 'bob' WHERE number = 1"], 1),
        (["UPDATE audit_entries SET time = '2020' WHERE number = 5"], 5),
        (["DELETE FROM audit_entries WHERE number = 3"], 3),
        (["DELETE FROM audit_entries WHERE number = 1"], 1),
        (["DELETE FROM audit_entries WHERE number = 5"], 5),
        (["DELETE FROM audit_entries"], 1),
        (["DELETE FROM audit_entries", "DELETE FROM audit_head"], None),
        (
            [
                "DELETE FROM audit_entries WHERE number = 3",
                "UPDATE audit_entries SET number = number - 1 WHERE number > 3",
            ],
            3,
        ),
        (["DELETE FROM audit_head"], 6),
        (
            [
                "INSERT INTO audit_entries SELECT 6, time, actor, action, payload, previous, hash"
                " FROM audit_entries WHERE number = 5"
            ],
            6,
        ),
    ],
)
def test_tampering_shows_where_it_begins(
    folder: Path, statements: list[str], first_bad: int | None
) -> None:
    tamper(folder, *statements)
    with Store.open(folder) as store:
        report = store.audit.verify()
    # Whoever removes the whole log and its head leaves a log that looks new.
    assert report.first_bad == first_bad
    assert report.holds == (first_bad is None)
