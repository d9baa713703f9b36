"""Settings in force: the newest revision counts, each is audited, none is lost."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from watchkeeper.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_newest_revision_of_a_scope_is_in_force(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        assert store.settings.get("alerts") is None
        assert store.settings.revision() == 0
        store.settings.put("alerts", b'{"a":1}', actor="ada", now=NOW)
        second = store.settings.put("alerts", b'{"a":2}', actor="bob", now=NOW)
        store.settings.put("model:m", b"{}", actor="ada", now=NOW)
        assert store.settings.get("alerts") == second
        assert [one.scope for one in store.settings.all()] == ["alerts", "model:m"]
        assert store.settings.revision() == 3


def test_the_same_settings_again_are_no_revision(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        first = store.settings.put("alerts", b"{}", actor="ada", now=NOW)
        assert store.settings.put("alerts", b"{}", actor="bob", now=NOW) == first


def test_a_revision_is_in_the_audit_log_with_what_it_says(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.settings.put("alerts", b'{"a":1}', actor="ada", now=NOW)
        entry = list(store.audit.entries())[-1]
        assert (entry.actor, entry.action) == ("ada", "settings.put")
        assert msgspec.json.decode(entry.payload)["settings"] == {"a": 1}
