"""On which days the labels of a day's predictions came, so that no other files are looked through.

Labels are outcomes, and feedback about ranked lists. As they are joined with their predictions, it
is noted which days of the ones lie on which days of the others; files are of one day each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from watchkeeper.store.catalog import SealedFile, Window, microseconds_of
from watchkeeper.store.columns import Kind
from watchkeeper.store.orphans import orphan_days
from watchkeeper.store.tables import journal, label_coverage, label_days, sealed_files

_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_MICROSECONDS: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_AT_THE_END: Final = 2**62


def note_labels(
    connection: sa.Connection, model: str, labels: pa.Table, predictions: pa.Table
) -> None:
    """Note on which days labels came, in the transaction that takes them up.

    Parameters
    ----------
    labels
        ``prediction_id``, ``kind``, ``label_day``, ``first_sequence``, ``last_sequence``.
    predictions
        ``prediction_id`` and ``time`` of those that the labels belong to.
    """
    ids = predictions.column("prediction_id").combine_chunks()
    place = pc.index_in(labels.column("prediction_id"), value_set=ids)
    days = predictions.column("time").cast(pa.int64()).to_numpy() // _DAY_MICROSECONDS
    placed = labels.append_column("day", pa.array(days).take(place)).filter(place.is_valid())
    noted = placed.group_by(["kind", "day", "label_day"]).aggregate(
        [("first_sequence", "min"), ("last_sequence", "max")]
    )
    rows = [(model, *row.values()) for row in noted.to_pylist()]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO label_days (model, kind, day, label_day, first_sequence, last_sequence)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " first_sequence = min(first_sequence, excluded.first_sequence),"
            " last_sequence = max(last_sequence, excluded.last_sequence)",
            rows,
        )


def note_coverage(
    connection: sa.Connection, model: str, kinds: Iterable[Kind], *, after: int, up_to: int
) -> None:
    """Note that all labels of some kinds between two journal entries were noted or are orphans."""
    for kind in kinds:
        # What was left out before is read for every day.
        connection.exec_driver_sql(
            "INSERT INTO label_coverage (model, kind, after_sequence, up_to_sequence)"
            " VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET after_sequence = CASE up_to_sequence"
            " WHEN excluded.after_sequence THEN after_sequence ELSE excluded.after_sequence END,"
            " up_to_sequence = excluded.up_to_sequence",
            (model, kind, after, up_to),
        )


def label_files(
    connection: sa.Connection,
    model: str,
    kind: Kind,
    files: Sequence[SealedFile],
    predictions: Window,
) -> list[SealedFile]:
    """Return those of some files of labels that can hold labels of a window's predictions."""
    c = label_coverage.c
    query = sa.select(c.after_sequence, c.up_to_sequence).where(c.model == model, c.kind == kind)
    covered = connection.execute(query).first()
    if covered is None or (predictions.start is None and predictions.end is None):
        return list(files)
    after, up_to = covered
    found = _noted(connection, model, kind, predictions)
    arrived = _arrived(connection, model, predictions)
    whole = orphan_days(connection, model, kind, arrived=arrived, covered=up_to)

    def is_needed(file: SealedFile) -> bool:
        day = datetime.fromisoformat(file.day).replace(tzinfo=UTC)
        number = (day - _EPOCH) // _DAY
        if file.first_sequence <= after or file.last_sequence > up_to or number in whole:
            return True
        first, last = found.get(number, (_AT_THE_END, 0))
        return file.first_sequence <= last and file.last_sequence >= first

    return [file for file in files if is_needed(file)]


def _noted(
    connection: sa.Connection, model: str, kind: Kind, predictions: Window
) -> dict[int, tuple[int, int]]:
    """Return the first and last journal entry of a window's labels, by the labels' day."""
    c = label_days.c
    query = sa.select(
        c.label_day, sa.func.min(c.first_sequence), sa.func.max(c.last_sequence)
    ).where(c.model == model, c.kind == kind)
    if predictions.start is not None:
        query = query.where(c.day >= (predictions.start - _EPOCH) // _DAY)
    if predictions.end is not None:
        query = query.where(c.day <= (predictions.end - _EPOCH - _MICROSECOND) // _DAY)
    rows = connection.execute(query.group_by(c.label_day))
    return {day: (first, last) for day, first, last in rows}


def _arrived(connection: sa.Connection, model: str, predictions: Window) -> int:
    """Return a journal entry up to which all predictions of a window arrived."""
    newest = 0
    for table, column in (
        (journal, journal.c.sequence),
        (sealed_files, sealed_files.c.last_sequence),
    ):
        c = table.c
        query = sa.select(sa.func.max(column)).where(c.model == model, c.kind == "prediction")
        if predictions.start is not None:
            query = query.where(c.last_time >= microseconds_of(predictions.start))
        if predictions.end is not None:
            end = microseconds_of(predictions.end)
            query = query.where(sa.or_(c.first_time.is_(None), c.first_time < end))
        newest = max(newest, connection.execute(query).scalar() or 0)
    return newest
