"""Copies of a store made while it is in use, and a store made of a copy.

Sealed files never change and bear their hash in their name, so what an earlier backup in the same
place has already is not copied again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from watchkeeper.errors import StoreError
from watchkeeper.store.erasing import BACKUP_ACTION
from watchkeeper.store.files import remove_unknown, sha256_of
from watchkeeper.store.lock import FileLock
from watchkeeper.store.projects import project_names
from watchkeeper.store.secret_key import copy_key
from watchkeeper.store.store import Store

_DATABASE: Final = "state.sqlite"
_MARK: Final = "backup.txt"
_MARK_TEXT: Final = "A backup of a Watchkeeper store; restore it with: watchkeeper restore\n"
_BLOCK_BYTES: Final = 1024 * 1024

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """What was copied.

    Attributes
    ----------
    projects
        Stores, that of the folder itself included.
    files, copied
        Sealed files of all of them, and those that were not there yet.
    copied_bytes
        Databases included.
    """

    projects: int
    files: int
    copied: int
    copied_bytes: int


def back_up(
    folder: Path,
    destination: Path,
    *,
    actor: str = "backup",
    progress: Progress = lambda _done, _total: None,
) -> CopyReport:
    """Copy a store and its projects, while others write to it; each has it in its audit log.

    Each copy is the store as it was at one moment: everything acknowledged before is in it. A
    backup that is cut off leaves the one before as it was.

    Parameters
    ----------
    destination
        A folder that is missing, empty, or holds an earlier backup.
    progress
        Called with the sealed files that are done, and with all of them.

    Raises
    ------
    StoreError
        If there is no store, the destination holds something else, a sealed file is missing or
        damaged, or the disk is full.
    """
    Store.open(folder, create=False).close()
    _require_own(destination)
    reports = []
    try:
        destination.mkdir(parents=True, exist_ok=True)
        (destination / _MARK).write_text(_MARK_TEXT)
        for source, target in _stores(folder, destination):
            _note(source, target, actor)
            reports.append(_back_up_one(source, target, progress))
    except OSError as error:
        raise StoreError(f"the backup {destination} cannot be written: {error}") from error
    return _total(reports)


def restore(
    backup: Path, folder: Path, *, progress: Progress = lambda _done, _total: None
) -> CopyReport:
    """Make a store of a backup, every file checked against its hash.

    Parameters
    ----------
    folder
        Missing or empty; it takes its name when all is there and right.

    Raises
    ------
    StoreError
        If there is no backup, it is damaged, or the folder holds something.
    """
    if not (backup / _MARK).exists() or not (backup / _DATABASE).exists():
        raise StoreError(f"there is no backup in {backup}; make one with: watchkeeper backup")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} holds something already; name a new folder to restore into")
    unfinished = folder.with_name(f"{folder.name}.restoring")
    reports = []
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        for source, target in _stores(backup, unfinished):
            reports.append(_restore_one(source, target, progress))
        for _, target in _stores(backup, unfinished):
            _require_sound(target)
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error}") from error
    return _total(reports)


def _stores(folder: Path, other: Path) -> Iterator[tuple[Path, Path]]:
    """Yield where each project lies in both folders."""
    yield folder, other
    for name in project_names(folder)[1:]:
        yield folder / "projects" / name, other / "projects" / name


def _note(source: Path, target: Path, actor: str) -> None:
    """Note where a copy is being made: whoever erases somebody has to know."""
    with Store.open(source, create=False) as store:
        details = {"destination": str(target.resolve())}
        store.audit.append(actor, BACKUP_ACTION, details, now=datetime.now(UTC))


def _back_up_one(source: Path, target: Path, progress: Progress) -> CopyReport:
    target.mkdir(parents=True, exist_ok=True)
    snapshot = target / f"{_DATABASE}.new"
    snapshot.unlink(missing_ok=True)
    lock = FileLock(source / "seal.lock")
    lock.take(wait=True)
    with lock:  # nobody merges files away meanwhile
        with (
            closing(sqlite3.connect(source / _DATABASE)) as live,
            closing(sqlite3.connect(snapshot)) as copy,
        ):
            live.backup(copy, pages=4_096)
            copy.execute("PRAGMA journal_mode=DELETE")
        report = _copy_files(source, target, _named(snapshot), progress)
        copy_key(source, target)
    size = snapshot.stat().st_size
    _sync(snapshot)
    snapshot.replace(target / _DATABASE)
    remove_unknown(target, set(_named(target / _DATABASE)))
    return replace(report, copied_bytes=report.copied_bytes + size)


def _restore_one(source: Path, target: Path, progress: Progress) -> CopyReport:
    target.mkdir(parents=True)
    shutil.copyfile(source / _DATABASE, target / _DATABASE)
    copy_key(source, target)
    return _copy_files(source, target, _named(target / _DATABASE), progress)


def _copy_files(
    source: Path, target: Path, files: dict[str, str], progress: Progress
) -> CopyReport:
    copied = size = 0
    for number, (path, digest) in enumerate(files.items(), start=1):
        if not _is_there(target / path, digest):
            size += _copy(source / path, target / path, digest)
            copied += 1
        progress(number, len(files))
    return CopyReport(projects=1, files=len(files), copied=copied, copied_bytes=size)


def _copy(source: Path, target: Path, digest: str) -> int:
    """Copy one sealed file, whole under its name or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.copy")
    found, size = hashlib.sha256(), 0
    if not source.exists():
        raise StoreError(f"the sealed file {source} is missing; restore it from another backup")
    with source.open("rb") as read, unfinished.open("wb") as written:
        while block := read.read(_BLOCK_BYTES):
            found.update(block)
            written.write(block)
            size += len(block)
    if found.hexdigest() != digest:
        unfinished.unlink()
        raise StoreError(f"the sealed file {source} is damaged; restore it from another backup")
    _sync(unfinished)
    unfinished.rename(target)
    return size


def _is_there(path: Path, digest: str) -> bool:
    return path.exists() and sha256_of(path) == digest


def _named(database: Path) -> dict[str, str]:
    """Return the sealed files that a database names, with their hashes."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute("SELECT path, sha256 FROM sealed_files ORDER BY path")
            return {str(path): str(digest) for path, digest in rows}
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{database} is damaged: {error}; use another backup") from error


def _require_own(destination: Path) -> None:
    if destination.exists() and (
        not destination.is_dir()
        or (any(destination.iterdir()) and not (destination / _MARK).exists())
    ):
        message = f"{destination} holds something that is no backup; name a new folder"
        raise StoreError(message)


def _require_sound(folder: Path) -> None:
    with closing(sqlite3.connect(folder / _DATABASE)) as connection:
        [said] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise StoreError(f"the database of the backup is damaged: {said}; use another backup")
    with Store.open(folder, create=False) as store:
        report = store.audit.verify()
    if not report.holds:
        message = f"the audit log of the backup does not hold: {report.reason}; use another backup"
        raise StoreError(message)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _total(reports: list[CopyReport]) -> CopyReport:
    return CopyReport(
        projects=len(reports),
        files=sum(report.files for report in reports),
        copied=sum(report.copied for report in reports),
        copied_bytes=sum(report.copied_bytes for report in reports),
    )
