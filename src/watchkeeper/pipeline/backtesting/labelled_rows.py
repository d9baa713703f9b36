"""The labelled predictions of a backtest, by the names that measuring knows them by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.pipeline.backtesting.kept_rows import ROW
from watchkeeper.pipeline.backtesting.roles import LabelRoles
from watchkeeper.pipeline.clock import UTC_TIME, to_utc
from watchkeeper.pipeline.preparation import Plan
from watchkeeper.profiles import hash_texts, segment_codes

FEATURE = "feature:"
TIME, KNOWN_AT, SEGMENT, HORIZON = "time", "known_at", "segment", "horizon"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRows:
    """How rows become labelled predictions.

    Parameters
    ----------
    segments
        Values of the plan's ``segment_by``; all others have the code after the last.
    horizon
        Column that tells how many steps ahead a forecast looks.
    inputs
        Columns that are kept as they are, as ``feature:<name>``.
    reasons
        Contributions to outputs that are kept, by their own names.
    """

    roles: LabelRoles
    plan: Plan
    segments: tuple[str, ...] = ()
    horizon: str | None = None
    inputs: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        others = (self.plan.time_column, self.plan.segment_by, self.horizon)
        kept = (*self.inputs, *self.reasons)
        return tuple(dict.fromkeys([*self.roles.columns, *filter(None, others), *kept]))

    def of(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Yield the same rows, numbered from 0, whether they have a label or not."""
        first = 0
        for table in tables:
            yield self._named(table, first)
            first += table.num_rows

    def _named(self, table: pa.Table, first: int) -> pa.Table:
        roles, plan = self.roles, self.plan
        named = roles.named(table)
        found: dict[str, pa.ChunkedArray | pa.Array] = {
            ROW: pa.array(np.arange(first, first + table.num_rows)),
            **dict(zip(named.column_names, named.columns, strict=True)),
        }
        if roles.entity is not None:
            found["entity"] = _entities(table.column(roles.entity))
        if plan.time_column is not None:
            found[TIME] = table.column(plan.time_column)
            found[KNOWN_AT] = table.column(plan.time_column)
        if roles.label_time is not None:
            found[KNOWN_AT] = _times(table.column(roles.label_time), found.get(TIME), plan.timezone)
        if plan.segment_by is not None:
            codes = segment_codes(table.column(plan.segment_by), self.segments)
            found[SEGMENT] = pa.array(codes.astype(np.int16))
        if self.horizon is not None:
            found[HORIZON] = table.column(self.horizon)
        for name in self.inputs:
            found[f"{FEATURE}{name}"] = table.column(name)
        for name in self.reasons:
            found[name] = table.column(name)
        return pa.table(found)


def with_label(table: pa.Table) -> pa.Table:
    """Return the rows whose label is there."""
    known = pc.is_valid(table.column("label"))
    return table if pc.all(known).as_py() is not False else table.filter(known)


def raw_segments(segments: Sequence[str], segment_by: str | None) -> tuple[str, ...]:
    """Return the values of segments that are named ``column=value``."""
    return tuple(name.removeprefix(f"{segment_by}=") for name in segments)


def _entities(column: pa.ChunkedArray) -> pa.Array:
    """Return a code for each entity that is the same in every table, null for none."""
    encoded = column.combine_chunks().cast(pa.string()).dictionary_encode()
    codes: NDArray[np.int64] = hash_texts(encoded.dictionary.to_pylist()).view(np.int64)
    return pa.array(codes).take(encoded.indices)


def _times(
    column: pa.ChunkedArray, otherwise: pa.ChunkedArray | None, timezone: str
) -> pa.ChunkedArray | pa.Array:
    times, _ = to_utc(column, timezone=timezone)
    return times if otherwise is None else pc.coalesce(times, otherwise.cast(UTC_TIME))
