from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store.records import NOON
from watchkeeper.store.arrivals import Arrival, arrival_of, note_arrivals
from watchkeeper.store.catalog import microseconds_of
from watchkeeper.store.database import Database

HOUR = timedelta(hours=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path)
    yield opened
    opened.close()


def come(database: Database, at: timedelta, newest: timedelta) -> Arrival | None:
    with database.writing() as connection:
        note_arrivals(connection, {"m": microseconds_of(NOON + newest)}, now=NOON + at)
        return arrival_of(connection, "m")


def test_the_pace_is_known_from_the_second_arrival_on(database: Database) -> None:
    first = come(database, HOUR, timedelta(0))
    assert first is not None
    assert (first.lag, first.usual_gap) == (HOUR, None)
    second = come(database, 2 * HOUR, HOUR)
    assert second == Arrival(newest_time=NOON + HOUR, received_at=NOON + 2 * HOUR, usual_gap=HOUR)


def test_old_data_says_nothing_of_the_pace(database: Database) -> None:
    come(database, HOUR, timedelta(0))
    known = come(database, 2 * HOUR, HOUR)
    assert come(database, 9 * HOUR, -99 * HOUR) == known


def test_a_batch_in_many_parts_does_not_hide_that_it_comes_once_a_night(database: Database) -> None:
    second = timedelta(seconds=1)
    for night in range(3):
        for part in range(100):
            at = 24 * HOUR * night + part * second
            last = come(database, at, at - HOUR)
    assert last is not None
    assert last.usual_gap is not None
    assert last.usual_gap > 23 * HOUR


def test_a_long_gap_is_forgotten_as_time_goes_by_without_one(database: Database) -> None:
    come(database, timedelta(0), timedelta(0))
    come(database, 3 * HOUR, 3 * HOUR)  # an outage
    for minute in range(48 * 60):
        at = 3 * HOUR + minute * timedelta(minutes=1)
        last = come(database, at, at)
    assert last is not None
    assert last.usual_gap is not None
    assert last.usual_gap < timedelta(minutes=10)


def test_outcomes_and_late_rows_do_not_count(tmp_path: Path) -> None:
    from store.records import MODEL, outcome, prediction
    from watchkeeper.store import Store

    with Store.open(tmp_path) as store:
        store.append([outcome(1, True, hours=50)])
        assert store.arrival(MODEL) is None
        store.append([prediction(1, hours=5), prediction(2, hours=3)])
        arrival = store.arrival(MODEL)
        assert arrival is not None
        assert arrival.newest_time == NOON + 5 * HOUR
        store.append([prediction(3, hours=4)])
        assert store.arrival(MODEL) == arrival
