"""Doctor sees what private data is not kept as was promised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store.samples import prediction
from watchkeeper.errors import BusyError
from watchkeeper.events import OperatingSettings, PrivacySettings, RetentionSettings
from watchkeeper.store import Store, examine
from watchkeeper.store.lock import FileLock

NOW = datetime.now(UTC)


def put(store: Store, **settings: Any) -> None:
    store.operating.put("m", OperatingSettings(**settings), actor="me", now=NOW)


def found(store: Store) -> dict[str, tuple[str, str]]:
    return {f.subject: (f.state, f.told) for f in examine(store.folder)}


def test_nothing_is_said_where_nothing_was_promised(store: Store) -> None:
    store.append([prediction("1")])
    about = {"privacy key", "retention of m", "erasures", "kept copies", "leftovers"}
    assert about.isdisjoint(found(store))


def test_a_key_that_is_open_or_lost_is_bad(store: Store) -> None:
    put(store, privacy=PrivacySettings(hash=("x",)))
    path = store.folder / "privacy.key"
    assert found(store)["privacy key"] == ("good", "there, for its owner only")
    path.chmod(0o640)
    state, told = found(store)["privacy key"]
    assert (state, f"chmod 600 {path}" in told) == ("bad", True)
    path.unlink()
    state, told = found(store)["privacy key"]
    assert (state, "is missing" in told) == ("bad", True)


def test_events_that_nobody_removes_are_bad(store: Store) -> None:
    put(store, retention=RetentionSettings(events="30d"))
    assert found(store)["retention of m"][0] == "good"
    store.append([prediction("1", time=NOW - timedelta(days=31))])
    store.seal()
    assert found(store)["retention of m"][0] == "good"
    store.append([prediction("2", time=NOW - timedelta(days=33))])
    store.seal()
    state, told = found(store)["retention of m"]
    assert (state, f"watchkeeper expire {store.folder}" in told) == ("bad", True)
    store.retention.expire(now=NOW)
    assert found(store)["retention of m"][0] == "good"


def test_an_erasure_that_was_cut_off_is_bad_until_it_is_done_again(store: Store) -> None:
    store.append([prediction("1", entity="ada")])
    with store._database.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM journal").scalar()
        with pytest.raises(BusyError):
            store.erasures.erase("ada", actor="me", now=NOW)
    state, told = found(store)["erasures"]
    assert (state, told.startswith("1 not shown")) == ("bad", True)
    store.erasures.erase("ada", actor="me", now=NOW)
    assert found(store)["erasures"] == ("good", "2, all complete")


def test_what_a_crash_or_an_upgrade_left_is_told(store: Store) -> None:
    store.append([prediction("1", entity="ada")])
    store.seal()
    [path] = store.folder.rglob("*.parquet")
    (path.parent / "left.parquet").write_bytes(path.read_bytes())
    (store.folder / "state-0001.sqlite").write_bytes(b"")
    state, told = found(store)["leftovers"]
    assert (state, "1 files are left of a crash" in told) == ("watch", True)
    assert found(store)["kept copies"][0] == "watch"
    with FileLock(store.folder / "seal.lock"):
        assert "leftovers" not in found(store)
    store.seal()
    assert "leftovers" not in found(store)
    done = store.erasures.erase("ada", actor="me", now=NOW)
    assert any("state-0001.sqlite" in told for told in done.not_covered)
