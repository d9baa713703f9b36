"""Operating settings are put in force for a model, with the key that they need."""

from __future__ import annotations

import stat
from datetime import UTC, datetime

import pytest

from watchkeeper.errors import SettingsError, StoreError
from watchkeeper.events import OperatingSettings, PrivacySettings, RetentionSettings
from watchkeeper.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HASHED = OperatingSettings(privacy=PrivacySettings(hash=("email",)))


def test_each_model_has_its_own(store: Store) -> None:
    short = OperatingSettings(retention=RetentionSettings(events="30d"))
    store.operating.put("a", short, actor="me", now=NOW)
    assert store.operating.put("b", HASHED, actor="me", now=NOW) == ["privacy.hash: now email"]
    assert store.operating.models() == {"a": short, "b": HASHED}
    assert store.operating.in_force("c") == OperatingSettings()


def test_the_key_is_made_once_and_only_its_owner_may_read_it(store: Store) -> None:
    path = store.folder / "privacy.key"
    store.operating.put("a", OperatingSettings(), actor="me", now=NOW)
    assert not path.exists()
    store.operating.put("a", HASHED, actor="me", now=NOW)
    text = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert store.operating.key() == bytes.fromhex(text)
    store.operating.put("b", HASHED, actor="me", now=NOW)
    assert path.read_text() == text
    said = "".join(entry.payload for entry in store.audit.entries())
    assert text.strip() not in said


def test_a_key_that_was_lost_or_exchanged_is_told_and_no_other_made(store: Store) -> None:
    store.operating.put("a", HASHED, actor="me", now=NOW)
    path = store.folder / "privacy.key"
    path.rename(path.with_suffix(".away"))
    with pytest.raises(StoreError, match=r"privacy\.key is missing"):
        store.operating.put("b", HASHED, actor="me", now=NOW)
    path.write_text("00" * 32)
    with pytest.raises(StoreError, match="is not the key that this store's columns"):
        store.operating.key()
    path.write_text("00")
    with pytest.raises(StoreError, match="has 1 bytes, not 32"):
        store.operating.key()
    path.write_text("none")
    with pytest.raises(StoreError, match="cannot be read as a key"):
        store.operating.key()


@pytest.mark.parametrize(
    ("model", "privacy", "said"),
    [
        ("m", PrivacySettings(hash=("time",)), r"privacy\.hash\.0 is 'time', which is stored"),
        ("m", PrivacySettings(hash=("a",), drop=("a",)), "names 'a' again"),
        ("no model", PrivacySettings(), "is no name of a model"),
    ],
)
def test_what_cannot_be_used_is_refused(
    store: Store, model: str, privacy: PrivacySettings, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        store.operating.put(model, OperatingSettings(privacy=privacy), actor="me", now=NOW)
    assert store.operating.models() == {}
