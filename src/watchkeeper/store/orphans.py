"""Labels whose prediction has not come: they wait for it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from watchkeeper.store.columns import Kind
from watchkeeper.store.tables import lost_orphans, quality_orphans

MOST_ORPHANS = 200_000
_COLUMNS = {
    "prediction_id": pa.string(),
    "kind": pa.string(),
    "label_day": pa.int32(),
    "first_sequence": pa.int64(),
    "last_sequence": pa.int64(),
}


def orphans_of(connection: sa.Connection, model: str) -> pa.Table:
    """Return the labels that wait: ``prediction_id``, ``kind``, ``label_day``, journal entries."""
    c = quality_orphans.c
    query = sa.select(*(c[name] for name in _COLUMNS)).where(c.model == model)
    rows = [row._asdict() for row in connection.execute(query)]
    return pa.Table.from_pylist(rows, schema=pa.schema(_COLUMNS.items()))


def without_prediction(labels: pa.Table, predictions: pa.Table) -> pa.Table:
    """Return the labels whose ``prediction_id`` is not among those of some predictions."""
    ids = predictions.column("prediction_id").combine_chunks()
    return labels.filter(pc.invert(pc.is_in(labels.column("prediction_id"), value_set=ids)))


def note_orphans(
    connection: sa.Connection, model: str, labels: pa.Table, *, up_to: int, most: int = MOST_ORPHANS
) -> None:
    """Keep labels whose prediction was not there with a journal entry, so many of the newest."""
    columns = ("prediction_id", "kind", "label_day", "first_sequence")
    rows = [(model, *row.values(), up_to) for row in labels.select(columns).to_pylist()]
    if not rows:
        return
    connection.exec_driver_sql(
        "INSERT INTO quality_orphans"
        " (model, prediction_id, kind, label_day, first_sequence, last_sequence)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET last_sequence = excluded.last_sequence",
        rows,
    )
    _lose_the_oldest(connection, model, up_to, most)


def forget_orphans(connection: sa.Connection, model: str, ids: pa.ChunkedArray) -> None:
    """Forget those whose prediction came."""
    rows = [(model, one) for one in pc.unique(ids).to_pylist()]
    if rows:
        connection.exec_driver_sql(
            "DELETE FROM quality_orphans WHERE model = ? AND prediction_id = ?", rows
        )


def orphan_days(
    connection: sa.Connection, model: str, kind: Kind, *, arrived: int, covered: int
) -> set[int]:
    """Return the days of labels that may belong to predictions which came after them.

    Parameters
    ----------
    arrived
        All predictions that are asked about had arrived with this journal entry.
    covered
        Orphans had been looked for among those up to this one.
    """
    lost, waiting = lost_orphans.c, quality_orphans.c
    of_lost = sa.select(lost.label_day).where(
        lost.model == model, lost.kind == kind, lost.sequence < arrived
    )
    days = set(connection.execute(of_lost).scalars())
    if arrived > covered:
        of_waiting = sa.select(waiting.label_day).where(
            waiting.model == model, waiting.kind == kind
        )
        days |= set(connection.execute(of_waiting.distinct()).scalars())
    return days


def _lose_the_oldest(connection: sa.Connection, model: str, up_to: int, most: int) -> None:
    """Drop what is too much; its days are read for every prediction that comes later."""
    oldest = connection.exec_driver_sql(
        "SELECT last_sequence FROM quality_orphans WHERE model = ?"
        " ORDER BY last_sequence DESC LIMIT 1 OFFSET ?",
        (model, most - 1),
    ).scalar()
    if oldest is None:
        return
    connection.exec_driver_sql(
        "INSERT OR IGNORE INTO lost_orphans (model, kind, label_day, sequence)"
        " SELECT DISTINCT model, kind, label_day, CAST(? AS INTEGER) FROM quality_orphans"
        " WHERE model = ? AND last_sequence < ?",
        (up_to, model, oldest),
    )
    connection.exec_driver_sql(
        "DELETE FROM quality_orphans WHERE model = ? AND last_sequence < ?", (model, oldest)
    )
