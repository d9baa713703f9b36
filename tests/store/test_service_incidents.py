"""A breach of an objective opens one incident, gets worse at most, closes, and is audited."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from watchkeeper.store import ServiceIncident, Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def breach(name: str = "a1", *, minutes: float = 0, **more: Any) -> ServiceIncident:
    at = NOW + timedelta(minutes=minutes)
    given: dict[str, Any] = {"model": "m", "source": "objective", "objective": "availability"}
    given |= {"severity": "warning", "message": "it burns", "figures": {"burn_long": 2.0}} | more
    return ServiceIncident(
        incident_id=name, since=at - timedelta(hours=1), opened_at=at, last_seen_at=at, **given
    )


def actions(store: Store) -> list[str]:
    return [entry.action for entry in store.audit.entries()]


def test_it_opens_gets_worse_and_closes_with_an_audit_entry_for_each(store: Store) -> None:
    first = breach()
    worse = replace(first, severity="critical")
    closed = replace(worse, closed_at=NOW + timedelta(hours=1))
    for one in (first, replace(first, message="it burns on"), worse, closed):
        assert store.service_incidents.record(one, now=NOW)
    assert actions(store) == ["incident.open", "incident.update", "incident.close"]
    assert store.service_incidents.get("a1") == closed
    assert store.service_incidents.all(open_only=True) == []
    assert store.audit.verify().holds


def test_an_objective_has_at_most_one_that_is_open(store: Store) -> None:
    assert store.service_incidents.record(breach(), now=NOW)
    assert not store.service_incidents.record(breach("a2", minutes=5), now=NOW)
    assert store.service_incidents.record(breach("b1", objective="latency"), now=NOW)
    assert store.service_incidents.record(breach("c1", model="other"), now=NOW)
    assert store.service_incidents.record(replace(breach(), closed_at=NOW), now=NOW)
    assert store.service_incidents.record(breach("a2", minutes=5), now=NOW)


def test_one_that_was_closed_stays_closed(store: Store) -> None:
    store.service_incidents.record(breach(), now=NOW)
    closed = replace(breach(), closed_at=NOW)
    store.service_incidents.record(closed, now=NOW)
    assert not store.service_incidents.record(breach(), now=NOW)
    assert store.service_incidents.get("a1") == closed


def test_they_are_listed_newest_first_by_model(store: Store) -> None:
    for name, minutes, model in (("a", 0, "m"), ("b", 2, "n"), ("c", 1, "m")):
        one = breach(name, minutes=minutes, model=model, objective=name)
        store.service_incidents.record(one, now=NOW)
    assert [one.incident_id for one in store.service_incidents.all()] == ["b", "c", "a"]
    assert [one.incident_id for one in store.service_incidents.all("m")] == ["c", "a"]
    assert [one.incident_id for one in store.service_incidents.all("m", limit=1)] == ["c"]
    assert store.service_incidents.get("nothing") is None
