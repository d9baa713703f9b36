"""Changes of incidents are followed from where one stopped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from watchkeeper.store import Judgement, SavedIncident, Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def incident(name: str, *, closed: int | None = None) -> SavedIncident:
    return SavedIncident(incident_id=name, opened_bucket=1, closed_bucket=closed, payload=b"{}")


def record(store: Store, minutes: int, *changed: SavedIncident) -> None:
    now = NOW + timedelta(minutes=minutes)
    judgement = Judgement(buckets=[], changed=changed, state=b"")
    following = store.watch_log.progress("m")
    store.watch_log.record("m", 1, judgement, following=following, now=now)


def test_each_incident_is_given_once_by_its_newest_change(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        assert store.incident_feed.after(0) == []
        record(store, 0, incident("a"))
        record(store, 1, incident("b"))
        record(store, 2, incident("a"))
        first, second = store.incident_feed.after(0)
        assert [one.incident_id for one in (first, second)] == ["b", "a"]
        assert second.told_at == NOW
        assert store.incident_feed.after(second.number) == []
        record(store, 3, incident("a", closed=4))
        [again] = store.incident_feed.after(second.number)
        assert (again.incident_id, again.told_at) == ("a", NOW)
