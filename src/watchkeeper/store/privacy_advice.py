"""What to know of private columns before they are put in force, by what came so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from watchkeeper.errors import nearest
from watchkeeper.events import PrivacySettings, stored_names
from watchkeeper.store.columns import ColumnKind, fixed_columns
from watchkeeper.store.sealing import known_types
from watchkeeper.store.tables import sealed_files

_FIXED: Final = {*fixed_columns("prediction"), *fixed_columns("feedback"), "label", "output:"}


def advice(
    connection: sa.Connection, folder: Path, model: str, privacy: PrivacySettings
) -> list[str]:
    """Return what is unlikely to be meant, and what will be stored otherwise than before."""
    kinds = known_types(connection).get(model, {})
    return [*_unseen(connection, folder, model, privacy), *_of_another_kind(kinds, privacy)]


def _unseen(
    connection: sa.Connection, folder: Path, model: str, privacy: PrivacySettings
) -> Iterator[str]:
    """Yield columns that the newest sealed predictions do not have, with the nearest they have."""
    c = sealed_files.c
    query = sa.select(c.path).where(c.model == model, c.kind == "prediction")
    path = connection.execute(query.order_by(c.last_sequence.desc()).limit(1)).scalar()
    if path is None:
        return
    try:
        names = set(pq.read_schema(folder / path).names)
    except (OSError, pa.ArrowException):
        return  # it was just merged into another, or is damaged, which others tell
    open_ones = [name for name in names if name.startswith(("feature:", "tag:"))]
    plain = sorted(name.partition(":")[2] for name in open_ones)
    for column in privacy.columns:
        if not (set(stored_names(column)) & (names | _FIXED)):
            told = nearest(column.rpartition(":")[2], plain)
            yield f"no prediction had a column {column!r} of late.{told}"


def _of_another_kind(kinds: Mapping[str, ColumnKind], privacy: PrivacySettings) -> Iterator[str]:
    for column in (*privacy.hash, *privacy.mask):
        for name in stored_names(column):
            kind = kinds.get(name, "text")
            if kind != "text":
                yield (
                    f"{column!r} was stored as {kind} so far: what is stored from now on is text,"
                    " and stands in the column of its misfits"
                )
