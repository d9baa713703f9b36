"""What was deleted from the state database is overwritten, in the file and in its log.

Rows that were sealed, or erased, leave their bytes behind: in pages that are free, and in the
write-ahead log. `database` has deleted content overwritten in the pages that stay in use; what is
free is overwritten here, which costs as much writing as there is room free, not the whole database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from watchkeeper.errors import BusyError

_CHUNK_BYTES: Final = 64 * 1024 * 1024
_WRITERS_SECONDS: Final = 30
_READERS_SECONDS: Final = 10


def scrub(path: Path) -> int:
    """Overwrite what is free in a database with zeros, empty its log, and return the bytes.

    Others read and write meanwhile; writers wait while the zeros are written.

    Raises
    ------
    BusyError
        If a reader holds on to the log for ten seconds; what is free is overwritten then, but
        its old content still stands in the log until that is used again.
    """
    with closing(
        sqlite3.connect(path, timeout=_WRITERS_SECONDS, isolation_level=None)
    ) as connection:
        with _transaction(connection):
            free = _fill(connection)
        _empty_log(connection, path)
    return free


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _fill(connection: sqlite3.Connection) -> int:
    """Take every free page for zeros, then give it back."""
    [page_bytes] = connection.execute("PRAGMA page_size").fetchone()
    [pages] = connection.execute("PRAGMA freelist_count").fetchone()
    if not pages:
        return 0
    connection.execute("CREATE TABLE scrubbed (zeros BLOB NOT NULL)")
    left = pages
    while left > 0:
        size = min(left * page_bytes, _CHUNK_BYTES)
        connection.execute("INSERT INTO scrubbed VALUES (zeroblob(?))", (size,))
        [left] = connection.execute("PRAGMA freelist_count").fetchone()
    connection.execute("DROP TABLE scrubbed")
    return int(pages * page_bytes)


def _empty_log(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute(f"PRAGMA busy_timeout={_READERS_SECONDS * 1_000:d}")
    [is_busy, _, _] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        message = (
            f"what was deleted from {path} still stands in its log, which others are reading;"
            " try again, or close what has the store open"
        )
        raise BusyError(message)
