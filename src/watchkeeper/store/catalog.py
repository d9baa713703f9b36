"""Which sealed files there are: those named here, and no others, are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from watchkeeper.store.columns import Kind
from watchkeeper.store.tables import sealed_files

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """One sealed file.

    Attributes
    ----------
    path
        Below the store's folder.
    day
        Date of its event times, in UTC.
    first_sequence, last_sequence
        Journal entries of its rows, both included.
    first_time, last_time
        Its event times, microseconds since 1970, both included.
    sha256
        Of its bytes, as hexadecimal digits.
    """

    path: str
    model: str
    kind: Kind
    day: str
    rows: int
    first_sequence: int
    last_sequence: int
    first_time: int
    last_time: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which rows to read: ``start <= time < end``, ``after_sequence < sequence <= up_to``.

    ``None`` is no limit.

    Attributes
    ----------
    predictions
        Of outcomes and feedback: only those of predictions of this window are needed.
    """

    start: datetime | None = None
    end: datetime | None = None
    after_sequence: int = 0
    up_to_sequence: int | None = None
    predictions: Window | None = None


def labels_of(predictions: Window, *, start: datetime | None = None) -> Window:
    """Return where the outcomes or feedback of a window's predictions lie, as far as is known.

    Parameters
    ----------
    start
        Earliest time of the labels themselves.
    """
    return Window(start=start, up_to_sequence=predictions.up_to_sequence, predictions=predictions)


def enter(connection: sa.Connection, files: Sequence[SealedFile], *, now: datetime) -> None:
    """Name new files."""
    rows = [asdict(file) | {"sealed_at": now.isoformat()} for file in files]
    if rows:
        connection.execute(sa.insert(sealed_files), rows)


def strike(connection: sa.Connection, paths: Sequence[str]) -> None:
    """Name files no longer."""
    for path in paths:
        connection.execute(sa.delete(sealed_files).where(sealed_files.c.path == path))


def all_files(connection: sa.Connection) -> list[SealedFile]:
    """Return every sealed file, by path."""
    return _files(connection, sa.select(sealed_files))


def files_of_day(
    connection: sa.Connection, model: str, kind: Kind, day: str, *, fewer_rows_than: int
) -> list[SealedFile]:
    """Return a day's small files."""
    c = sealed_files.c
    query = sa.select(sealed_files).where(
        c.model == model, c.kind == kind, c.day == day, c.rows < fewer_rows_than
    )
    return _files(connection, query)


def files_within(
    connection: sa.Connection, model: str, kind: Kind, window: Window
) -> list[SealedFile]:
    """Return the files that can hold rows of a window."""
    c = sealed_files.c
    query = sa.select(sealed_files).where(
        c.model == model, c.kind == kind, c.last_sequence > window.after_sequence
    )
    if window.up_to_sequence is not None:
        query = query.where(c.first_sequence <= window.up_to_sequence)
    if window.start is not None:
        query = query.where(c.last_time >= microseconds_of(window.start))
    if window.end is not None:
        query = query.where(c.first_time < microseconds_of(window.end))
    return _files(connection, query)


def microseconds_of(time: datetime) -> int:
    """Return the microseconds since 1970 of an aware time."""
    return (time - _EPOCH) // _MICROSECOND


def time_of(microseconds: int) -> datetime:
    """Return the time so many microseconds after 1970 began."""
    return _EPOCH + microseconds * _MICROSECOND


def _files(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> list[SealedFile]:
    rows = connection.execute(query.order_by(sealed_files.c.path))
    names = SealedFile.__slots__
    return [SealedFile(**{name: row._mapping[name] for name in names}) for row in rows]
