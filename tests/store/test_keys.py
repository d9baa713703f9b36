from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from store.samples import outcome, predictions
from watchkeeper.store import Store
from watchkeeper.store.database import Database
from watchkeeper.store.keys import KnownKeys, key_of, settle
from watchkeeper.store.tables import recent_keys, settled_keys


@pytest.fixture
def database(fresh: Callable[[], Path]) -> Iterator[Database]:
    database = Database(fresh())
    yield database
    database.close()


def count(database: Database, table: sa.Table) -> int:
    with database.reading() as connection:
        return len(list(connection.execute(sa.select(table))))


def test_keys_differ_by_kind_model_id_and_extra() -> None:
    keys = {
        key_of("prediction", "m", "a"),
        key_of("outcome", "m", "a"),
        key_of("prediction", "n", "a"),
        key_of("prediction", "m", "b"),
        key_of("prediction", "m", "a", "x"),
        key_of("prediction", "ma", ""),
        key_of("prediction", "m", "\ud800"),
    }
    assert len(keys) == 7
    assert {len(key) for key in keys} == {16}


def test_settled_ids_are_known_to_those_who_saw_them_come_and_to_others(database: Database) -> None:
    folder = database.path.parent
    with Store.open(folder) as store:
        store.append(predictions([f"{i}" for i in range(3_000)]))
        assert settle(database, least=1) == 3_000
        assert count(database, recent_keys) == 0
        assert count(database, settled_keys) == 3_000
        again = store.append(predictions([f"{i}" for i in range(2_500, 3_500)]))
        assert (again.accepted, again.duplicates) == (500, 500)
        with Store.open(folder) as other:
            again = other.append(predictions([f"{i}" for i in range(3_600)]))
            assert (again.accepted, again.duplicates) == (100, 3_500)
            assert other.predictions("m").num_rows == 3_600
        assert store.append(predictions(["3599", "new"])).accepted == 1


def test_settling_goes_on_where_a_crash_left_it(database: Database) -> None:
    with Store.open(database.path.parent) as store:
        store.append(predictions(["a", "b", "c"]))
        store.append([outcome("a", 1)])
        with database.writing() as connection:  # the first part of a settling that then died
            connection.exec_driver_sql(
                "INSERT INTO settled_keys (key) VALUES (?)", (key_of("prediction", "m", "b"),)
            )
        assert store.append(predictions(["b"])).duplicates == 1
        assert settle(database, least=1) == 4
        assert count(database, settled_keys) == 4
        assert store.append(predictions(["a", "b", "c"])).duplicates == 3


def test_few_keys_are_left_where_they_are(database: Database) -> None:
    with Store.open(database.path.parent) as store:
        store.append(predictions(["a"]))
        store.seal()
    assert count(database, recent_keys) == 1
    assert settle(database, least=2) == 0


def test_claims_of_a_transaction_that_fails_are_forgotten(database: Database) -> None:
    known = KnownKeys()
    key = key_of("prediction", "m", "a")

    def claim() -> bool:
        with database.writing() as connection:
            known.refresh(connection)
            new = known.claim(connection, [key], set())
            connection.exec_driver_sql(
                "INSERT INTO recent_keys (sequence, keys) VALUES (1, ?)", (key,)
            )
            if fails:
                raise KeyError
            return bool(new[0])

    fails = True
    for _ in range(2):
        with pytest.raises(KeyError):
            claim()
    fails = False
    assert claim()
    with database.writing() as connection:
        known.refresh(connection)
        assert not known.claim(connection, [key], set())[0]
