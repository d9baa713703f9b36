from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.errors import SettingsError
from watchkeeper.store import AccessKey, Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        yield opened


def made(store: Store, **fields: object) -> tuple[AccessKey, str]:
    given = {"project": "default", "name": "checkout", "scopes": ["write"], **fields}
    return store.access_keys.create(actor="ada", now=NOW, **given)  # type: ignore[arg-type]


def test_a_key_is_found_by_its_text_and_by_nothing_else(store: Store) -> None:
    key, text = made(store)
    _, other = made(store)
    found = store.access_keys.find(text, now=NOW)
    assert found is not None
    assert (found.key_id, found.project, found.scopes) == (key.key_id, "default", ("write",))
    swapped = f"wk_{key.key_id}_{other.rpartition('_')[2]}"
    for wrong in ("", "wk", text[:-1], text + "0", text.upper(), swapped, f"Wk{text[2:]}", "wk__"):
        assert store.access_keys.find(wrong, now=NOW) is None


def test_the_secret_lies_nowhere_in_the_store(store: Store) -> None:
    _, text = made(store)
    secret = text.rpartition("_")[2].encode()
    for path in store.folder.rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes()


def test_a_revoked_key_is_not_found_and_both_acts_are_in_the_audit_log(store: Store) -> None:
    key, text = made(store)
    store.access_keys.revoke(key.key_id, actor="ada", now=NOW)
    store.access_keys.revoke(key.key_id, actor="ada", now=NOW + timedelta(days=1))  # as before
    assert store.access_keys.find(text, now=NOW) is None
    assert store.access_keys.all()[0].revoked_at == NOW.isoformat()
    assert [e.action for e in store.audit.entries()] == ["key.create", "key.revoke"]
    assert store.audit.verify().holds


def test_a_key_is_good_until_the_moment_it_expires(store: Store) -> None:
    _, text = made(store, expires_at=NOW + timedelta(days=1))
    just_before = NOW + timedelta(days=1) - timedelta(microseconds=1)
    assert store.access_keys.find(text, now=just_before) is not None
    assert store.access_keys.find(text, now=NOW + timedelta(days=1)) is None


def test_use_is_noted_once_a_minute(store: Store) -> None:
    _, text = made(store)
    assert store.access_keys.all()[0].last_used_at is None
    for seconds in (0, 30, 59, 60):
        store.access_keys.find(text, now=NOW + timedelta(seconds=seconds))
    assert store.access_keys.all()[0].last_used_at == (NOW + timedelta(seconds=60)).isoformat()


def test_admin_may_do_all_and_write_may_not_read(store: Store) -> None:
    admin, _ = made(store, scopes=["admin"])
    writer, _ = made(store)
    assert all(admin.allows(scope) for scope in ("write", "read", "admin"))
    assert not writer.allows("read")
    assert not writer.allows("admin")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"scopes": []}, "at least one of write, read, admin"),
        ({"scopes": ["wirte"]}, "Did you mean 'write'"),
        ({"name": " "}, "who or what uses the key"),
        ({"expires_at": NOW}, "a time to come"),
        ({"most_records_per_second": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    store: Store, fields: dict[str, object], told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        made(store, **fields)
    assert store.access_keys.all() == []


def test_an_unknown_key_cannot_be_revoked(store: Store) -> None:
    key, _ = made(store)
    with pytest.raises(SettingsError, match=f"Did you mean '{key.key_id}'"):
        store.access_keys.revoke(key.key_id[:-1] + "x", actor="ada", now=NOW)
