"""The state database: opening, migrating, and one writer at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from watchkeeper.errors import BusyError, StoreError

_NEWEST = "0001"
_BUSY_SECONDS = 30.0


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
        )
        sa.event.listen(self._engine, "connect", _set_up)
        self._migrate()

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
        except sa.exc.OperationalError as error:
            text = str(error.orig)
            if "locked" in text or "busy" in text:
                message = f"the store {self.path.parent} is being written by others; try again"
                raise BusyError(message) from error
            message = (
                f"the store {self.path.parent} cannot be used: {text}. Check that the disk has room"
                " and that the folder may be written"
            )
            raise StoreError(message) from error
        except sa.exc.DatabaseError as error:
            message = (
                f"{self.path} is damaged or not a store: {error.orig}. Restore it from a backup, or"
                " name another folder"
            )
            raise StoreError(message) from error

    def _migrate(self) -> None:
        with self._told():
            if self._version() == _NEWEST:
                return
            with self._lock_path.open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                version = self._version()
                if version is not None and version > _NEWEST:
                    message = (
                        f"the store {self.path.parent} was written by a newer Watchkeeper (its"
                        f" version is {version}, this one knows {_NEWEST}); upgrade Watchkeeper"
                    )
                    raise StoreError(message)
                if version != _NEWEST:
                    self._upgrade()

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
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        with self._engine.connect() as connection:
            config.attributes["connection"] = connection
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            command.upgrade(config, "head")
            connection.commit()


def _set_up(connection: Any, _record: object) -> None:
    # The driver's own transaction handling is off: BEGIN is said where it is meant.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
