"""What is decided while a watch runs is replayed at the very buckets it took effect at."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nursery import Talking
from pipeline.watched_store import (
    MODEL,
    NOW,
    REFERENCE_HOURS,
    START,
    baseline,
    fill,
    rows,
    told_store,
)
from watchkeeper.pipeline import Watch, list_incidents, replay, stored_incidents
from watchkeeper.pipeline.outliers import OutlierRounds
from watchkeeper.store import DecisionKind, IncidentKey, Store

END = REFERENCE_HOURS


def decide(store: Store, kind: DecisionKind, *, incident_id: str) -> None:
    key = IncidentKey(model=MODEL, version=1, incident_id=incident_id)
    store.decisions.record(key, kind, reason="so it is now", actor="ann", now=NOW)


def adopt_what_is_open(store: Store) -> None:
    for incident in stored_incidents(store, MODEL, 1):
        if incident.is_open:
            decide(store, "adopt", incident_id=incident.incident_id)


def shifted(store: Store) -> None:
    fill(store, rows(END, END + 40), rows(END + 40, END + 60, shift=1.5))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("prepared") / "store"
    with Store.open(folder) as store:
        fill(store, rows(0, END))
        baseline(store)
    yield folder


@pytest.mark.parametrize("bucket", ["1h", "100rows"])
def test_an_adopted_change_is_closed_at_the_next_bucket_and_replayed(
    tmp_path: Path, bucket: str
) -> None:
    with Store.open(tmp_path) as store:
        fill(store, rows(0, END))
        baseline(store, bucket=bucket)
        shifted(store)
        watch = Watch(store, MODEL)
        watch.advance(now=NOW)
        adopt_what_is_open(store)
        following = len(store.watch_log.buckets(MODEL, 1))
        assert watch.advance(now=NOW).changes == ()
        fill(store, rows(END + 60, END + 100, shift=1.5), rows(END + 100, END + 120))
        changes = watch.advance(now=NOW).changes
        assert (changes[0].what, changes[0].bucket) == ("closed", following)
        assert changes[0].incident.adopted
        assert [c.what for c in changes[1:]] == ["opened"]
        store.seal()
        again = replay(store, MODEL)
        assert again.differing == ()
        assert [i.incident_id for i in again.incidents] == [
            i.incident_id for i in store.watch_log.incidents(MODEL, 1)
        ]


def test_rows_like_those_of_an_adopted_change_are_no_outliers_any_more(
    prepared: Path, tmp_path: Path
) -> None:
    with Store.open(shutil.copytree(prepared, tmp_path / "store")) as store:
        fill(store, rows(END, END + 20, shift=7.0))
        Watch(store, MODEL).advance(now=NOW)
        adopt_what_is_open(store)
        OutlierRounds(store).advance(now=NOW)
        fill(store, rows(END + 20, END + 40, shift=7.0))
        since = START + timedelta(hours=END)
        found = store.predictions(MODEL, start=since).column("outlier_score").to_numpy()
        assert (found[:600] >= 1.0).mean() > 0.9
        assert (found[600:] >= 1.0).mean() < 0.01


def test_an_incident_that_ended_before_its_adoption_stays_as_it_ended(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        watch = Watch(store, MODEL)
        watch.advance(now=NOW)
        [incident] = stored_incidents(store, MODEL, 1)
        assert not incident.is_open
        decide(store, "adopt", incident_id=incident.incident_id)
        fill(store, rows(END + 100, END + 110))
        watch.advance(now=NOW)
        assert list(stored_incidents(store, MODEL, 1)) == [incident]
        assert replay(store, MODEL).differing == ()


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    story=st.lists(
        st.tuples(
            st.integers(3, 25),
            st.sampled_from([0.0, 1.5, 3.0]),
            st.sampled_from(["acknowledge", "mute", "unmute", "adopt", None]),
        ),
        min_size=3,
        max_size=7,
    )
)
def test_whatever_is_decided_whenever_a_replay_is_the_same_to_the_byte(
    prepared: Path,
    tmp_path_factory: pytest.TempPathFactory,
    story: list[tuple[int, float, DecisionKind | None]],
) -> None:
    folder = tmp_path_factory.mktemp("told") / "store"
    shutil.copytree(prepared, folder)
    at = END
    with Store.open(folder) as store:
        for hours, shift, kind in story:
            fill(store, rows(at, at + hours, shift=shift))
            at += hours
            Watch(store, MODEL).advance(now=NOW)
            for incident in stored_incidents(store, MODEL, 1):
                if kind is not None:
                    decide(store, kind, incident_id=incident.incident_id)
        Watch(store, MODEL).advance(now=NOW, finish=True)
        result = replay(store, MODEL)
        assert result.differing == ()
        assert list(result.incidents) == store.watch_log.incidents(MODEL, 1)
        assert store.audit.verify().holds


def test_a_watch_in_another_process_takes_an_adoption_up_even_if_it_is_killed(
    prepared: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    shutil.copytree(prepared, folder)
    command = ("watch", folder, "--model", MODEL, "--every", "0.05s")
    with Store.open(folder) as store:
        with Talking(*command):
            shifted(store)
            _judged(store, 59)
            adopt_what_is_open(store)
        with Talking(*command):
            for hour in range(60, 80):
                fill(store, rows(END + hour, END + hour + 1, shift=1.5))
            _judged(store, 79)
        [incident] = stored_incidents(store, MODEL, 1)
        assert (incident.adopted, incident.closed_bucket) == (True, 59)
        assert replay(store, MODEL).differing == ()


def test_adoptions_decided_while_buckets_are_judged_are_never_passed_over(
    prepared: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    shutil.copytree(prepared, folder)
    command = ("watch", folder, "--model", MODEL, "--every", "0.01s")
    with Store.open(folder) as store:
        with Talking(*command):
            for hour in range(90):
                by = 1.5 * ((hour // 15) % 3)
                fill(store, rows(END + hour, END + hour + 1, shift=by))
                adopt_what_is_open(store)
                # Close behind it, so that what is decided often meets a look under way.
                _judged(store, hour - 2)
            _judged(store, 89)
        decided = store.decisions.adoptions(MODEL, 1)
        assert decided
        told = {i.incident_id: i for i in stored_incidents(store, MODEL, 1)}
        for one in decided:
            incident = told[one.incident_id]
            if incident.adopted:
                assert incident.closed_bucket == one.at_bucket
        assert replay(store, MODEL).differing == ()


def _judged(store: Store, buckets: int) -> None:
    limit = time.monotonic() + 60
    while len(store.watch_log.buckets(MODEL, 1)) < buckets:
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_an_adoption_waits_as_long_as_no_bucket_follows(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, rows(0, END))
        baseline(store, lateness=timedelta(hours=1))
        shifted(store)
        Watch(store, MODEL).advance(now=NOW)
        adopt_what_is_open(store)
        Watch(store, MODEL).advance(now=NOW)
        [incident] = stored_incidents(store, MODEL, 1)
        assert incident.is_open


@pytest.mark.parametrize(("hours", "parts"), [(4, 3), (50, 8)])
def test_an_adoption_holds_when_buckets_before_it_are_judged_again(
    tmp_path: Path, hours: int, parts: int
) -> None:
    first = END + 40
    with Store.open(tmp_path) as store:
        fill(store, rows(0, END))
        baseline(store)
        # Of the first hours of the change, only what did not change comes in time.
        fill(store, rows(END, first + hours), rows(first + hours, first + hours + 16, shift=1.5))
        Watch(store, MODEL).advance(now=NOW)
        [before] = stored_incidents(store, MODEL, 1)
        adopt_what_is_open(store)
        fill(store, rows(first + hours + 16, first + hours + 18, shift=1.5))
        Watch(store, MODEL).advance(now=NOW)
        [closed] = stored_incidents(store, MODEL, 1)
        assert closed.adopted
        for part in range(parts):
            fill(store, rows(first, first + hours, shift=1.5, name=f"late{part}", seed=part))
        seen = Watch(store, MODEL).advance(now=NOW)
        assert seen.reopened > 0
        told = list(stored_incidents(store, MODEL, 1))
        [incident] = [i for i in told if not i.withdrawn]
        assert incident.opened_bucket <= before.opened_bucket - hours + 2
        assert incident.adopted
        assert incident.closed_bucket == closed.closed_bucket == 55 + hours
        assert replay(store, MODEL).differing == ()
        # Whoever asks is told who decided it, although it was about the other id.
        told_so = {one.id: one for one in list_incidents(store, now=NOW)}
        key = IncidentKey(model=MODEL, version=1, incident_id=incident.incident_id)
        said = told_so[str(key)]
        assert (said.closed_why, said.is_open) == ("adopted", False)
        assert said.adopted is not None
        assert (said.adopted.actor, said.adopted.reason) == ("ann", "so it is now")


def test_an_adoption_says_nothing_of_what_is_found_only_after_it(tmp_path: Path) -> None:
    first = END + 40
    with Store.open(tmp_path) as store:
        fill(store, rows(0, END))
        baseline(store)
        few = rows(first, first + 3, shift=3.0)
        fill(store, rows(END, first), few.filter(np.arange(few.num_rows) % 10 == 0))
        Watch(store, MODEL).advance(now=NOW)
        [before] = stored_incidents(store, MODEL, 1)
        adopt_what_is_open(store)
        fill(store, rows(first + 3, first + 8))
        Watch(store, MODEL).advance(now=NOW)
        # With all rows those hours were as ever; what comes later is a change of its own.
        late = rows(first, first + 3, name="late")
        fill(store, late.filter(np.arange(late.num_rows) % 10 > 0))
        Watch(store, MODEL).advance(now=NOW)
        fill(store, rows(first + 8, first + 30), rows(first + 30, first + 40, shift=3.0))
        Watch(store, MODEL).advance(now=NOW)
        told = [i for i in stored_incidents(store, MODEL, 1) if not i.withdrawn]
        assert before.incident_id not in {i.incident_id for i in told}
        assert [(i.is_open, i.adopted) for i in told] == [(True, False)]
        assert replay(store, MODEL).differing == ()
