"""Decisions are kept beside the audit log, and an adoption is never passed over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import DataError
from watchkeeper.store import ClosedBucket, IncidentKey, Judgement, Store

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
KEY = IncidentKey(model="delays", version=1, incident_id="drift-000003-0001")


def judge(store: Store, *numbers: int, adoptions_up_to: int = 0) -> bool:
    buckets = [
        ClosedBucket(number=n, start=None, end=None, rows=1, closed_at_sequence=1, evidence=0.0)
        for n in numbers
    ]
    return store.watch_log.record(
        "delays",
        1,
        Judgement(buckets=buckets, state=b""),
        following=store.watch_log.progress("delays"),
        now=NOW,
        adoptions_up_to=adoptions_up_to,
    )


def test_a_decision_is_kept_with_who_when_why_and_before_which_bucket(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        judge(store, 0, 1, 2)
        until = NOW + timedelta(hours=3)
        muted = store.decisions.record(
            KEY, "mute", reason="a test run", actor="ann", now=NOW, until=until
        )
        adopted = store.decisions.record(KEY, "adopt", reason="new tariff", actor="bob", now=NOW)
        assert (muted.number, muted.kind, muted.until) == (1, "mute", until.isoformat())
        assert (adopted.at_bucket, adopted.key) == (3, KEY)
        assert store.decisions.of(KEY) == store.decisions.all("delays") == [muted, adopted]
        assert store.decisions.all("other") == []
        assert store.decisions.adoptions("delays", 1) == [adopted]
        assert store.decisions.adoptions("delays", 2) == []
        first, second = store.audit.entries()
        assert (first.action, first.actor) == ("incident.mute", "ann")
        assert (second.action, second.actor) == ("incident.adopt", "bob")
        assert '"incident":"delays.1.drift-000003-0001"' in second.payload
        assert store.audit.verify().holds


def test_adopting_twice_is_adopting_once(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        first = store.decisions.record(KEY, "adopt", reason="so be it", actor="ann", now=NOW)
        again = store.decisions.record(KEY, "adopt", reason="again", actor="bob", now=NOW)
        assert again == first
        assert len(store.audit.entries()) == 1


def test_buckets_judged_without_an_adoption_that_was_decided_meanwhile_are_not_kept(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        assert judge(store, 0)
        adopted = store.decisions.record(KEY, "adopt", reason="new", actor="ann", now=NOW)
        assert not judge(store, 1)
        assert [b.number for b in store.watch_log.buckets("delays", 1)] == [0]
        assert judge(store, 1, adoptions_up_to=adopted.number)
        store.decisions.record(KEY, "mute", reason="noise", actor="ann", now=NOW)
        assert judge(store, 2, adoptions_up_to=adopted.number)


@given(
    model=st.text(min_size=1, max_size=40),
    version=st.integers(0, 10**6),
    incident_id=st.from_regex(r"[a-z]+-[0-9]{6}-[0-9]{4}", fullmatch=True),
)
def test_a_key_is_read_back_from_its_text(model: str, version: int, incident_id: str) -> None:
    key = IncidentKey(model=model, version=version, incident_id=incident_id)
    text = str(key)
    assert IncidentKey.parse(text) == key
    assert text.isascii()
    assert all(c.isalnum() or c in "-._~" for c in text)


@given(text=st.text(max_size=60))
def test_any_other_text_is_no_key_and_said_so(text: str) -> None:
    try:
        key = IncidentKey.parse(text)
    except DataError as error:
        assert "drift-000041-0001" in str(error)
    else:
        assert str(key) == text


@pytest.mark.parametrize("text", ["", "a", "a.1", "a.01.x", "a.1.", "a b.1.x", "~.1.x", "~YQ.1.x"])
def test_near_misses_are_no_keys(text: str) -> None:
    with pytest.raises(DataError, match="no incident's id"):
        IncidentKey.parse(text)
