"""The rows that an explanation compares: those of a time, and those of the reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.pipeline.quality.scoring import entity_codes
from watchkeeper.pipeline.watched_prices import WatchedPrices, with_costs
from watchkeeper.store import Store

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

MOST_ROWS = 100_000
"""Of each side; of more, a sample by the ids."""


class SideTold(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a comparison: ``start <= time < end``.

    Attributes
    ----------
    predictions
        In all.
    rows
        That were looked at, at most 100,000 or so.
    labelled
        Those of them whose label is known.
    """

    start: datetime
    end: datetime
    predictions: int
    rows: int
    labelled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRows:
    """Rows of both sides in one table, the reference's first, named as they are stored.

    Attributes
    ----------
    is_current
        Shape (rows,).
    clusters
        A number for each entity, and for each row that names none; ``None`` if no row names one.
    """

    table: pa.Table
    is_current: Flags
    clusters: Ints | None

    def only(self, chosen: Flags) -> Self:
        """Return some of the rows."""
        return replace(
            self,
            table=self.table.filter(pa.array(chosen)),
            is_current=self.is_current[chosen],
            clusters=None if self.clusters is None else self.clusters[chosen],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides(ComparedRows):
    """Rows of two spans of time out of a store."""

    reference: SideTold
    current: SideTold


def read_sides(
    store: Store,
    model: str,
    *,
    reference: tuple[datetime, datetime],
    current: tuple[datetime, datetime],
    prices: WatchedPrices | None = None,
) -> Sides:
    """Return the rows of two spans of time, each of ``start <= time < end``."""
    tables, told = [], []
    for start, end in (reference, current):
        sample = store.sampler.predictions(model, start=start, end=end, most=MOST_ROWS)
        tables.append(sample.table)
        known = sample.table.column("label").is_valid() if sample.table.num_rows else None
        told.append(
            SideTold(
                start=start,
                end=end,
                predictions=sample.total,
                rows=sample.table.num_rows,
                labelled=0 if known is None else int(pc.sum(known).as_py() or 0),
            )
        )
    table = pa.concat_tables(tables, promote_options="permissive")
    return Sides(
        table=with_costs(table, prices),
        is_current=np.arange(table.num_rows) >= tables[0].num_rows,
        clusters=entity_codes(table),
        reference=told[0],
        current=told[1],
    )
