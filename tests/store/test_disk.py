from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from store.samples import predictions
from watchkeeper.errors import StoreError
from watchkeeper.store import Store
from watchkeeper.store.database import Database
from watchkeeper.store.tables import metadata


def test_migrations_lead_to_the_tables_that_the_code_knows(store: Store) -> None:
    engine = sa.create_engine(f"sqlite:///{store.folder / 'state.sqlite'}")
    found = sa.inspect(engine)
    columns = {
        table: {column["name"] for column in found.get_columns(table)}
        for table in found.get_table_names()
        if table not in {"alembic_version", "sqlite_sequence"}
    }
    keys = {table: found.get_pk_constraint(table)["constrained_columns"] for table in columns}
    engine.dispose()
    assert columns == {t.name: {c.name for c in t.columns} for t in metadata.tables.values()}
    assert keys == {t.name: [c.name for c in t.primary_key] for t in metadata.tables.values()}


def test_every_commit_is_synced_and_readers_do_not_wait(store: Store) -> None:
    database = Database(store.folder)
    with database.writing() as connection:
        pragma = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        assert pragma == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert store.last_sequence() == 0  # does not wait for the writer
    database.close()


FULL_DISK = """
import resource, signal, sys
from datetime import datetime, UTC
from watchkeeper.errors import StoreError
from watchkeeper.events import Prediction
from watchkeeper.store import Store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
kept = 0
with Store.open(sys.argv[1]) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    try:
        while True:
            batch = [
                Prediction(
                    model="m",
                    prediction_id=f"{kept + i}",
                    time=datetime(2026, 3, 1, tzinfo=UTC),
                    features={"note": "x" * 100},
                )
                for i in range(500)
            ]
            store.append(batch)
            kept += 500
    except StoreError as error:
        print(kept, error)
"""


def test_a_full_disk_is_a_clear_error_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    kept, _, message = done.stdout.partition(" ")
    assert int(kept) > 0, done.stderr
    assert "Check that the disk has room" in message
    with Store.open(tmp_path, create=False) as store:
        assert store.predictions("m").num_rows == int(kept)
        assert store.append(predictions(["more"])).accepted == 1


def test_a_seal_without_room_keeps_the_journal(store: Store) -> None:
    store.append(predictions([f"{i}" * 50 for i in range(2_000)]))
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, limits[1]))
    try:
        with pytest.raises(StoreError, match="cannot seal"):
            store.seal()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert store.predictions("m").num_rows == 2_000
    report = store.seal()
    assert (report.rows, report.orphans) == (2_000, 1)
    assert store.predictions("m").num_rows == 2_000
