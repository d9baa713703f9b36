"""Looking single records up: by id, or the newest that fit, without reading all there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from watchkeeper.store import catalog
from watchkeeper.store.columns import OUTLIER_SCORE, Kind
from watchkeeper.store.database import Database
from watchkeeper.store.keys import has_key, key_of
from watchkeeper.store.reading import query_rows
from watchkeeper.store.tables import journal, sealed_files

_FIRST_LOOK_ROWS = 250_000
_GROWTH = 4
_MICROSECOND = timedelta(microseconds=1)

_KEYS = """
SELECT time, sequence, row FROM {kind} WHERE {condition}
ORDER BY time DESC, sequence DESC, row DESC LIMIT {limit:d}
"""
_ROWS = """
SELECT * FROM {kind} WHERE {condition} ORDER BY time DESC, sequence DESC, row DESC LIMIT {limit:d}
"""
_SOME = """
SELECT COLUMNS(lambda name: list_contains(?, name)) FROM prediction
ORDER BY time, sequence, row LIMIT {limit:d}
"""


class Place(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Where a record stands among all of its model, by time, then by arrival.

    ``time`` is in microseconds since 1970, ``row`` its number in the journal's entry.
    """

    time: int
    sequence: int
    row: int


class SealedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The sealed file that holds a record, below the store's folder, and what proves it."""

    path: str
    sha256: str
    sealed_at: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What predictions must be like; ``None`` for anything.

    Attributes
    ----------
    entities
        Forms of one entity, as `Operating.entity_forms` returns them.
    outlier
        Only outliers, or only predictions that were scored and are none.
    """

    entities: tuple[str, ...] | None = None
    version: str | None = None
    variant: str | None = None
    error: bool | None = None
    outlier: bool | None = None

    def condition(self) -> tuple[str, list[object]]:
        """Return it as SQL, with its parameters."""
        parts: list[str] = []
        parameters: list[object] = []
        if self.entities is not None:
            # Equalities, not a list: those lead through the filters of the files.
            forms = " OR ".join(["entity = ?"] * len(self.entities))
            parts.append(f"({forms or 'false'})")
            parameters += self.entities
        for name in ("version", "variant"):
            value = getattr(self, name)
            if value is not None:
                parts.append(f"{name} = ?")
                parameters.append(value)
        if self.error is not None:
            parts.append(f"error IS {'NOT ' if self.error else ''}NULL")
        if self.outlier is not None:
            parts.append(f"{OUTLIER_SCORE} {'>=' if self.outlier else '<'} 1")
        return " AND ".join(parts) or "true", parameters


class Explorer:
    """Looks records up in one store. All tables have the columns ``sequence`` and ``row``."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def models_with(self, prediction_id: str, models: Sequence[str]) -> list[str]:
        """Return which of these models have had a prediction of this id, by its key."""
        with self._database.reading() as connection:
            return [
                model
                for model in models
                if has_key(connection, key_of("prediction", model, prediction_id))
            ]

    def prediction(self, model: str, prediction_id: str) -> pa.Table:
        """Return the prediction of an id: one row, or none."""
        with self._database.reading() as connection:
            if not has_key(connection, key_of("prediction", model, prediction_id)):
                return pa.table({"prediction_id": pa.array([], pa.string())})
        return self._of("prediction", model, prediction_id, limit=1)

    def outcomes(self, model: str, prediction_id: str, *, limit: int) -> pa.Table:
        """Return the newest outcomes of a prediction, newest first."""
        return self._of("outcome", model, prediction_id, limit=limit)

    def feedback(self, model: str, prediction_id: str, *, limit: int) -> pa.Table:
        """Return the newest feedback on a prediction, newest first."""
        return self._of("feedback", model, prediction_id, limit=limit)

    def newest(
        self,
        model: str,
        wanted: Wanted,
        *,
        start: datetime | None,
        end: datetime | None,
        before: Place | None,
        limit: int,
    ) -> pa.Table:
        """Return the newest predictions that fit, newest first.

        Parameters
        ----------
        start, end
            ``start <= time < end``.
        before
            Only those that stand before this one.
        """
        if before is not None:
            just_after = catalog.time_of(before.time) + _MICROSECOND
            end = just_after if end is None else min(end, just_after)
        condition, parameters = wanted.condition()
        if before is not None:
            condition += (
                f" AND (time, sequence, row) < (make_timestamptz({before.time:d}),"
                f" {before.sequence:d}, {before.row:d})"
            )
        found: list[pa.Table] = []
        for window in self._spans(model, catalog.Window(start=start, end=end)):
            rest = limit - sum(part.num_rows for part in found)
            part = self._newest(
                model, window, condition, parameters, rest, is_sparse=wanted.entities is not None
            )
            found.append(part)
            if sum(part.num_rows for part in found) >= limit:
                break
        return pa.concat_tables(found, promote_options="default")

    def oldest_columns(
        self, model: str, names: Sequence[str], *, start: datetime, end: datetime, limit: int
    ) -> pa.Table:
        """Return some columns of the first predictions of a span, as far as there are any.

        Parameters
        ----------
        names
            As in stored tables; what the model does not have is left out.
        """
        window = catalog.Window(start=start, end=end)
        columns = [*dict.fromkeys([*names, "time", "sequence", "row"])]
        query = _SOME.format(limit=limit)
        return query_rows(
            self._database, self._folder, model, {"prediction": window}, query, [columns]
        )

    def received_at(self, sequence: int) -> str | None:
        """Return when a journal entry was received, ``None`` once it is sealed."""
        query = sa.select(journal.c.received_at).where(journal.c.sequence == sequence)
        with self._database.reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else str(found)

    def sealed_in(self, model: str, prediction_id: str, place: Place) -> SealedIn | None:
        """Return the file that holds a prediction, ``None`` while it is in the journal only."""
        c = sealed_files.c
        query = sa.select(c.path, c.sha256, c.sealed_at).where(
            c.model == model,
            c.kind == "prediction",
            c.first_sequence <= place.sequence,
            c.last_sequence >= place.sequence,
            c.first_time <= place.time,
            c.last_time >= place.time,
        )
        with self._database.reading() as connection:
            candidates = [SealedIn(**row._mapping) for row in connection.execute(query)]
        if len(candidates) > 1:
            candidates = [f for f in candidates if self._holds(f.path, prediction_id, place)]
        return candidates[0] if candidates else None

    def _holds(self, path: str, prediction_id: str, place: Place) -> bool:
        wanted = [("prediction_id", "=", prediction_id), ("sequence", "=", place.sequence)]
        found = pq.read_table(
            self._folder / path, columns=["sequence"], filters=wanted, partitioning=None
        )
        return bool(found.num_rows)

    def _of(self, kind: Kind, model: str, prediction_id: str, *, limit: int) -> pa.Table:
        query = _ROWS.format(kind=kind, condition="prediction_id = ?", limit=limit)
        whole = {kind: catalog.Window()}
        return query_rows(self._database, self._folder, model, whole, query, [prediction_id])

    def _newest(
        self,
        model: str,
        window: catalog.Window,
        condition: str,
        parameters: list[object],
        limit: int,
        *,
        is_sparse: bool,
    ) -> pa.Table:
        """Find the places first, from few columns, then read the rows there.

        The filters of the files lead to the rows of an entity at once.
        """
        names: dict[str, Any] = {"condition": condition, "limit": limit}
        if is_sparse:
            query = _ROWS.format(kind="prediction", **names)
            views: dict[Kind, catalog.Window] = {"prediction": window}
            return query_rows(self._database, self._folder, model, views, query, parameters)
        keys = query_rows(
            self._database,
            self._folder,
            model,
            {"prediction": window},
            _KEYS.format(kind="prediction", **names),
            parameters,
        )
        times = keys.column("time").cast(pa.int64()).to_pylist()
        if times:
            start, end = catalog.time_of(times[-1]), catalog.time_of(times[0] + 1)
            window = replace(window, start=start, end=end)
            moments = ", ".join(f"make_timestamptz({time:d})" for time in times)
            names["condition"] += f" AND time IN ({moments})"
        else:
            names["limit"] = 0
        return query_rows(
            self._database,
            self._folder,
            model,
            {"prediction": window},
            _ROWS.format(kind="prediction", **names),
            parameters,
        )

    def _spans(self, model: str, window: catalog.Window) -> Iterator[catalog.Window]:
        """Cut a window into spans, newest first, each of more rows than the one before."""
        with self._database.reading() as connection:
            files = catalog.files_within(connection, model, "prediction", window)
        edges = _edges(files)
        end = window.end
        for edge in edges:
            start = catalog.time_of(edge)
            if (window.start is not None and start <= window.start) or (
                end is not None and start >= end
            ):
                continue
            yield replace(window, start=start, end=end)
            end = start
        yield replace(window, end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    first_time: int
    rows: int


def _edges(files: Sequence[catalog.SealedFile]) -> list[int]:
    """Return where to cut, newest first: at files' first times, spans growing fourfold."""
    steps = sorted(
        (_Step(first_time=f.first_time, rows=f.rows) for f in files),
        key=lambda step: -step.first_time,
    )
    edges: list[int] = []
    rows, wanted = 0, _FIRST_LOOK_ROWS
    for step in steps:
        rows += step.rows
        if rows >= wanted:
            edges.append(step.first_time)
            rows, wanted = 0, wanted * _GROWTH
    return edges
