"""What tells outliers, learned from the rows of a baseline's reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.types as pt

from watchkeeper.events import Schema
from watchkeeper.pipeline.stored import TIME, plain_names
from watchkeeper.store import NewScorer, misfit_column
from watchkeeper.watch.outliers import OutlierColumn, OutlierScorer, fit_outliers, scorer_to_bytes

MOST_ROWS: Final = 100_000
"""Rows of the reference, evenly spread, that a scorer is learned from."""

_HOUR = 3_600_000_000
_SCORED = ("feature:", "output")
_TYPES: Final = ("number", "category", "boolean")


class OutlierFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a scorer without reading it.

    Attributes
    ----------
    rows
        Of the reference that it was learned from.
    columns
        What it looks at, by their plain names; none if there is no scorer.
    ratio
        Part of the rows like the reference's, but unseen, that are outliers.
    scored, outliers
        Rows and outliers of each hour of the reference, in order.
    adopted
        Number of the newest adoption that it knows of.
    """

    rows: int
    columns: tuple[str, ...] = ()
    ratio: float | None = None
    scored: tuple[int, ...] = ()
    outliers: tuple[int, ...] = ()
    adopted: int = 0

    @classmethod
    def from_bytes(cls, data: bytes) -> OutlierFacts:
        """Return what `to_bytes` wrote; nothing is known of a baseline of before."""
        return msgspec.json.decode(data, type=cls) if data else cls(rows=0)

    def to_bytes(self) -> bytes:
        """Return it as JSON."""
        return msgspec.json.encode(self)


def new_scorer(stored: pa.Table, schema: Schema, *, adopted: int = 0) -> NewScorer:
    """Learn a scorer from the stored predictions of a reference, sorted by time.

    It looks at the features and outputs that are watched and are numbers, categories or yes and
    no. With fewer than 100 rows, or none of these columns, there is none.
    """
    rows = _spread(stored)
    columns = list(_columns(rows, schema))
    scorer = fit_outliers(rows, columns)
    if scorer is None:
        facts = OutlierFacts(rows=rows.num_rows, adopted=adopted)
        return NewScorer(facts=facts.to_bytes(), payload=None)
    scored, outliers = _by_hour(rows, scorer)
    facts = OutlierFacts(
        rows=scorer.rows,
        columns=tuple(column.name for column in columns),
        ratio=scorer.share,
        scored=scored,
        outliers=outliers,
        adopted=adopted,
    )
    return NewScorer(facts=facts.to_bytes(), payload=scorer_to_bytes(scorer))


def _spread(stored: pa.Table) -> pa.Table:
    if stored.num_rows <= MOST_ROWS:
        return stored.combine_chunks()
    return stored.take(np.linspace(0, stored.num_rows - 1, MOST_ROWS).astype(np.int64))


def _columns(rows: pa.Table, schema: Schema) -> Iterator[OutlierColumn]:
    for name, plain in plain_names(rows.column_names).items():
        column = schema.columns.get(plain)
        kind = _stored_kind(rows.schema.field(name).type)
        if column is None or kind is None or not name.startswith(_SCORED):
            continue
        if column.type in _TYPES:
            yield OutlierColumn(
                name=plain,
                stored=name,
                misfit=misfit_column(name),
                kind=kind,
                is_number=column.type == "number" and kind == "number",
            )


def _stored_kind(kind: pa.DataType) -> Literal["number", "text", "boolean"] | None:
    if pt.is_floating(kind):
        return "number"
    if pt.is_boolean(kind):
        return "boolean"
    return "text" if pt.is_string(kind) else None


def _by_hour(rows: pa.Table, scorer: OutlierScorer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return how many rows there are of each hour that has some, and how many are outliers."""
    hours = rows.column(TIME).cast(pa.int64()).to_numpy() // _HOUR
    is_outlier = scorer.score(rows).scores >= 1.0
    _, places, counts = np.unique(hours, return_inverse=True, return_counts=True)
    outliers = np.bincount(places[is_outlier], minlength=len(counts))
    return tuple(counts.tolist()), tuple(outliers.tolist())
