"""A store brought to the newest version, or that rehearsed on a copy."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from watchkeeper.errors import StoreError
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.database import NEWEST_VERSION, Database
from watchkeeper.store.projects import project_names
from watchkeeper.store.tables import metadata

_DATABASE: Final = "state.sqlite"
_PAGES_AT_ONCE: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What became of one project's state database.

    Attributes
    ----------
    before, after
        Its version; ``before`` is ``None`` for a database that has none of our tables.
    seconds
        How long the migrations took, during which nobody could write.
    database_bytes
        Its size before.
    needed_bytes
        Room on disk that the migrations took at the most, beyond that.
    rows
        Rows of every table, all of which could be read.
    kept
        The copy of the database as it was before; ``None`` if nothing was changed.
    """

    project: str
    before: str | None
    after: str
    seconds: float
    database_bytes: int
    needed_bytes: int
    rows: dict[str, int]
    kept: Path | None = None

    @property
    def is_due(self) -> bool:
        """Whether the version was, or is, not the newest."""
        return self.before != self.after


def rehearse(folder: Path) -> list[Upgrade]:
    """Upgrade a copy of every project's database, check it, and leave the store as it is.

    The copies are made while others write, one after the other, in the folder for temporary files.

    Raises
    ------
    StoreError
        If there is no store, it is of a newer version, there is no room for a copy, or an upgraded
        copy is not sound.
    """
    return [_rehearse(name, place) for name, place in _databases(folder)]


def upgrade(folder: Path) -> list[Upgrade]:
    """Upgrade every project's database, each kept before as a copy beside it.

    Raises
    ------
    StoreError
        As for `rehearse`. A database whose migration fails stays as it was.
    """
    return [_upgrade(name, place) for name, place in _databases(folder)]


def _databases(folder: Path) -> Iterator[tuple[str, Path]]:
    if not (folder / _DATABASE).exists():
        raise StoreError(f"there is no store in {folder}; check the path")
    for name in project_names(folder):
        yield name, folder if name == project_names(folder)[0] else folder / "projects" / name


def _rehearse(project: str, folder: Path) -> Upgrade:
    size = _bytes_of(folder)
    place = Path(tempfile.gettempdir())
    if shutil.disk_usage(place).free < 3 * size:
        message = (
            f"a copy of {folder / _DATABASE} needs up to {3 * size:,} bytes in {place}; make room,"
            " or name another folder in the variable TMPDIR"
        )
        raise StoreError(message)
    with tempfile.TemporaryDirectory(prefix="watchkeeper-upgrade-") as temporary:
        copy = Path(temporary)
        _copy(folder / _DATABASE, copy / _DATABASE)
        return _migrated(project, copy, size)


def _upgrade(project: str, folder: Path) -> Upgrade:
    size, version = _bytes_of(folder), _version(folder / _DATABASE)
    kept = None
    if version is not None and version < NEWEST_VERSION:
        kept = folder / f"state-{version}.sqlite"
        unfinished = kept.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _copy(folder / _DATABASE, unfinished)
        unfinished.replace(kept)
    return _migrated(project, folder, size, kept=kept)


def _migrated(project: str, folder: Path, size: int, *, kept: Path | None = None) -> Upgrade:
    before = _version(folder / _DATABASE)
    # Held open by another connection, the log is not emptied, and its size shows what was written.
    with _holding(folder / _DATABASE):
        begun = time.perf_counter()
        database = Database(folder)
        seconds = time.perf_counter() - begun
        try:
            rows = _rows(database)
            needed = max(0, _bytes_of(folder) - size)
        finally:
            database.close()
    return Upgrade(
        project=project,
        before=before,
        after=NEWEST_VERSION,
        seconds=seconds if before != NEWEST_VERSION else 0.0,
        database_bytes=size,
        needed_bytes=needed if before != NEWEST_VERSION else 0,
        rows=rows,
        kept=kept,
    )


def _rows(database: Database) -> dict[str, int]:
    """Return the rows of every table, having read a row of each and checked the whole."""
    rows: dict[str, int] = {}
    with database.reading() as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if said != "ok":
            raise StoreError(f"{database.path} is damaged: {said}; restore it from a backup")
        for table in metadata.sorted_tables:
            connection.execute(sa.select(table).limit(1)).first()
            query = sa.select(sa.func.count()).select_from(table)
            rows[table.name] = int(connection.execute(query).scalar() or 0)
    report = AuditLog(database).verify()
    if not report.holds:
        raise StoreError(f"the audit log of {database.path} does not hold: {report.reason}")
    return rows


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(_opened(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy, pages=_PAGES_AT_ONCE)
            [said] = copy.execute("PRAGMA quick_check(1)").fetchone()
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{source} cannot be copied to {target}: {error}") from error
    if said != "ok":
        raise StoreError(f"{source} is damaged: {said}; restore it from a backup")


def _version(path: Path) -> str | None:
    with closing(_opened(path)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path} is damaged or not a store: {error}") from error
    return None if row is None else str(row[0])


@contextmanager
def _holding(path: Path) -> Iterator[None]:
    with closing(_opened(path)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield


def _opened(path: Path) -> sqlite3.Connection:
    """Open a database so that closing it changes nothing.

    Who may write empties the log on closing, and who may only read leaves an empty one behind.
    """
    has_log = path.with_name(f"{path.name}-wal").exists()
    mode = "ro" if has_log else "rw"
    return sqlite3.connect(f"file:{path}?mode={mode}", uri=True, isolation_level=None)


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob(f"{_DATABASE}*") if path.is_file())
