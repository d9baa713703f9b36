"""Whether a store is well: what is wrong, and what may become so."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from watchkeeper.store.files import sha256_of
from watchkeeper.store.finding import Finding
from watchkeeper.store.privacy_examination import examine_privacy
from watchkeeper.store.store import Store

_LEAST_FREE_BYTES: Final = 1_000_000_000
_MUCH_JOURNALED_BYTES: Final = 512 * 1024 * 1024
_NETWORKED: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs"})


def examine(
    folder: Path,
    *,
    thorough: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Finding]:
    """Look at one store while it is in use; nothing is changed.

    Parameters
    ----------
    thorough
        Whether every sealed file is read and held against its hash, not just looked for.
    progress
        Called with the sealed files that are done, and with all of them.

    Raises
    ------
    StoreError
        If there is no store, or it cannot be opened at all.
    """
    with Store.open(folder, create=False) as store:
        return [
            _database(folder),
            _sealed(folder, thorough, progress),
            _audit(store),
            _journal(store),
            *_models(store),
            *examine_privacy(store, now=datetime.now(UTC)),
            _disk(folder),
            _file_system(folder),
        ]


def _database(folder: Path) -> Finding:
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        [said] = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said == "ok":
        return Finding(subject="database", state="good", told="whole")
    told = f"damaged: {said}; restore a backup"
    return Finding(subject="database", state="bad", told=told)


def _sealed(folder: Path, thorough: bool, progress: Callable[[int, int], None]) -> Finding:
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        rows = connection.execute("SELECT path, sha256 FROM sealed_files ORDER BY path")
        named = [(folder / path, digest) for path, digest in rows]
    for number, (path, digest) in enumerate(named, start=1):
        # A file may have been merged into another since it was looked up.
        if not path.exists() and _is_named(folder, path):
            told = f"{path} is missing; restore it from a backup"
            return Finding(subject="sealed files", state="bad", told=told)
        if thorough and path.exists() and sha256_of(path) != digest:
            told = f"{path} is damaged; restore it from a backup"
            return Finding(subject="sealed files", state="bad", told=told)
        progress(number, len(named))
    how = "all there, and as they were sealed" if thorough else "all there (--thorough reads them)"
    return Finding(subject="sealed files", state="good", told=f"{len(named):,}, {how}")


def _is_named(folder: Path, path: Path) -> bool:
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        where = (str(path.relative_to(folder)),)
        row = connection.execute("SELECT 1 FROM sealed_files WHERE path = ?", where).fetchone()
    return row is not None


def _audit(store: Store) -> Finding:
    report = store.audit.verify()
    if report.holds:
        told = f"holds, {report.entries:,} entries"
        return Finding(subject="audit log", state="good", told=told)
    return Finding(subject="audit log", state="bad", told=f"does not hold: {report.reason}")


def _journal(store: Store) -> Finding:
    size = store.journal_bytes()
    told = f"{size / 1e6:,.1f} MB wait to be sealed"
    if size <= _MUCH_JOURNALED_BYTES:
        return Finding(subject="journal", state="good", told=told)
    told += "; nothing seals them: is `watchkeeper serve` running, and its log clean?"
    return Finding(subject="journal", state="watch", told=told)


def _models(store: Store) -> Iterator[Finding]:
    watched = store.watch_log.watched()
    for summary in store.models():
        subject = f"model {summary.model}"
        if summary.model not in watched:
            told = "not watched: it has no baseline. Set one with: watchkeeper baseline"
            yield Finding(subject=subject, state="watch", told=told)
            continue
        last = store.watch_log.last_bucket(summary.model, watched[summary.model])
        judged = "no bucket judged yet" if last is None else f"{last.number + 1:,} buckets judged"
        told = f"{summary.predictions:,} predictions, {judged}"
        yield Finding(subject=subject, state="good", told=told)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e9:,.1f} GB free"
    if free >= _LEAST_FREE_BYTES:
        return Finding(subject="disk", state="good", told=told)
    return Finding(subject="disk", state="watch", told=f"{told}; make room, or move the store")


def _file_system(folder: Path) -> Finding:
    kind = _kind_of_file_system(folder)
    if kind not in _NETWORKED:
        return Finding(subject="file system", state="good", told=kind or "not known")
    told = f"{kind}: over a network SQLite cannot promise to keep what it has; use a local disk"
    return Finding(subject="file system", state="bad", told=told)


def _kind_of_file_system(folder: Path) -> str:
    """Return the kind of the deepest mount that holds a folder; empty where nobody tells."""
    try:
        mounts = Path("/proc/self/mounts").read_text()
    except OSError:
        return ""
    place, found, deepest = folder.resolve(), "", -1
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        mount = Path(point.encode().decode("unicode_escape"))
        if place.is_relative_to(mount) and len(mount.parts) >= deepest:
            found, deepest = kind, len(mount.parts)
    return found
