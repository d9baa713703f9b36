"""What began and ended between two looks is told as if somebody had looked all the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.pipeline.quality_incident import Shown, tell_all
from watchkeeper.store import ServiceIncident, Store

START = datetime(2026, 3, 1, tzinfo=UTC)
LAST = 99

Hours = tuple[int, int]
_models = count()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("store")) as opened:
        yield opened


def told(store: Store, bad: Sequence[Hours], looks: Sequence[int]) -> list[ServiceIncident]:
    """Return what a model of its own was told of bad hours, looked at in some of all hours."""
    model = f"model {next(_models)}"
    for at in looks:
        tell_all(store, model, "outliers", list(_shown(model, bad, at)), now=START)
    found = store.service_incidents.all(model)
    return [msgspec.structs.replace(one, model="") for one in found]


def _shown(model: str, bad: Sequence[Hours], at: int) -> Iterator[Shown]:
    """Yield bad hours as an hour knows them: each after one hour, and its end two hours late."""
    for begin, end in bad:
        if begin + 1 <= at:
            over = end + 2 if end + 2 <= at else None
            incident = ServiceIncident(
                incident_id=f"{model}-{begin}",
                model=model,
                source="quality",
                objective="outliers",
                severity="warning",
                since=_hour(begin),
                opened_at=_hour(begin + 1),
                last_seen_at=_hour(over or at),
                closed_at=None if over is None else _hour(over),
                message=f"{min(at, end) - begin} hours",
                figures={"hours": float(min(at, end) - begin)},
            )
            yield _as_shown(incident)


def _as_shown(incident: ServiceIncident) -> Shown:
    return Shown(
        incident_id=incident.incident_id,
        since=incident.since,
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        tell=lambda: incident,
    )


def _hour(number: int) -> datetime:
    return START + timedelta(hours=number)


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.tuples(st.integers(3, 9), st.integers(1, 9)), max_size=5),
    looks=st.lists(st.integers(0, LAST - 1), max_size=6).map(sorted),
)
def test_any_looks_give_the_same_incidents(
    store: Store, lengths: list[Hours], looks: list[int]
) -> None:
    bad, at = list[Hours](), 0
    for calm, length in lengths:
        bad.append((at + calm, at + calm + length))
        at += calm + length
    whole, parts = told(store, bad, [LAST]), told(store, bad, [*looks, LAST])
    assert len(whole) == len(bad)
    names = [one.incident_id.partition("-")[2] for one in whole]
    assert names == [one.incident_id.partition("-")[2] for one in parts]
    assert [msgspec.structs.replace(one, incident_id="") for one in whole] == [
        msgspec.structs.replace(one, incident_id="") for one in parts
    ]


def test_what_late_data_show_no_more_ends_when_it_was_last_seen(store: Store) -> None:
    model = f"model {next(_models)}"
    tell_all(store, model, "outliers", list(_shown(model, [(10, 20)], 15)), now=START)
    later = list(_shown(model, [(10, 12), (30, 40)], 60))[1:]
    ended, opened, closed = tell_all(store, model, "outliers", later, now=START)
    assert ended.closed_at == ended.last_seen_at == _hour(15)
    assert (opened.opened_at, closed.closed_at) == (_hour(31), _hour(42))
    assert tell_all(store, model, "outliers", later, now=START) == []


def test_the_same_time_shown_a_little_otherwise_is_the_same_incident(store: Store) -> None:
    model = f"model {next(_models)}"
    tell_all(store, model, "outliers", list(_shown(model, [(10, 20)], 15)), now=START)
    [closed] = tell_all(store, model, "outliers", list(_shown(model, [(11, 20)], 60)), now=START)
    assert (closed.opened_at, closed.closed_at) == (_hour(11), _hour(22))
    assert closed.message == "9 hours"
