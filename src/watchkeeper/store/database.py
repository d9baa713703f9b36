"""The state database: opening, migrating, and one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from watchkeeper.errors import BusyError, StoreError
from watchkeeper.store.creation import create_tables, is_empty
from watchkeeper.store.lock import FileLock

NEWEST_VERSION = "0008"
_BUSY_SECONDS = 30.0
_CACHE_KIBIBYTES = 32 * 1024
_CHECKPOINT_PAGES = 4_000
_LARGEST_IDLE_LOG_BYTES = 64 * 1024 * 1024


class Database:
    """A SQLite file in write-ahead mode: many readers, one writer, durable at every commit."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state.sqlite"
        self._lock_path = folder / "migrate.lock"
        self._engine = sa.create_engine(
            f"sqlite:///{self.path}",
            connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
            poolclass=sa.pool.QueuePool,
            pool_size=8,
            max_overflow=24,
            pool_use_lifo=True,
        )
        sa.event.listen(self._engine, "connect", _set_up)
        try:
            self._migrate()
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Hold the write lock from the first statement; commit at the end or not at all."""
        with self._told(), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read one consistent state."""
        with self._told(), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite says into what a caller can act on."""
        try:
            yield
        except (sqlite3.Error, sa.exc.DBAPIError) as error:
            raise self._explained(getattr(error, "orig", error)) from error

    def _explained(self, error: BaseException) -> BusyError | StoreError:
        folder, text = self.path.parent, str(error)
        if "locked" in text or "busy" in text:
            return BusyError(f"the store {folder} is being written by others; try again")
        if isinstance(error, sqlite3.OperationalError):
            return StoreError(
                f"the store {folder} cannot be used: {text}. Check that the disk has room and that"
                " the folder may be written"
            )
        return StoreError(
            f"{self.path} is damaged or not a store: {text}. Restore it from a backup, or name"
            " another folder"
        )

    def _migrate(self) -> None:
        with self._told():
            if self._version() == NEWEST_VERSION:
                return
            with self._migration_lock():
                version = self._version()
                if version is not None and version > NEWEST_VERSION:
                    message = (
                        f"the store {self.path.parent} was written by a newer Watchkeeper (its"
                        f" version is {version}, this one knows {NEWEST_VERSION}); upgrade"
                        " Watchkeeper"
                    )
                    raise StoreError(message)
                if version != NEWEST_VERSION:
                    self._upgrade()

    def _migration_lock(self) -> FileLock:
        lock = FileLock(self._lock_path)
        try:
            lock.take(wait=True)
        except OSError as error:
            message = f"the store {self.path.parent} cannot be written: {error}"
            raise StoreError(message) from error
        return lock

    def _version(self) -> str | None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            known = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"
            ).first()
            row: Any = None
            if known is not None:
                row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
            connection.rollback()
        return None if row is None else str(row[0])

    def _upgrade(self) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            if is_empty(connection):
                create_tables(connection, NEWEST_VERSION)
            else:
                _run_migrations(connection)
            connection.commit()


def _run_migrations(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _set_up(connection: Any, _record: object) -> None:
    try:
        _prepare(connection)
    except BaseException:
        connection.close()  # the pool does not know it yet
        raise


def _prepare(connection: Any) -> None:
    # The driver's own transaction handling is off: BEGIN is said where it is meant.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIBIBYTES}")
    cursor.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
    cursor.execute(f"PRAGMA journal_size_limit={_LARGEST_IDLE_LOG_BYTES}")
    # What is deleted is overwritten where that costs no further writing; see `scrubbing`.
    cursor.execute("PRAGMA secure_delete=FAST")
    cursor.close()
