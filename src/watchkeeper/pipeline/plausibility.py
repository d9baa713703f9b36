"""Records that can be read and still cannot be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.events.label_lists import label_rules
from watchkeeper.pipeline.clock import is_out_of_place
from watchkeeper.pipeline.mapping import Roles

_AMOUNTS = ("latency_seconds", "cost_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one row of a table; ``position`` counts from 0."""

    position: int
    column: str
    reason: str


def implausible(table: pa.Table, roles: Roles, *, now: datetime) -> Iterator[Fault]:
    """Yield what is wrong with the fields of records.

    A time is there, is at most a day ahead of ``now`` and not before 1970; latency and cost are
    finite and not negative; labels of one row are few different texts; a kind of feedback is not
    empty; a position is 0 or more.

    Parameters
    ----------
    table
        Rows with the columns that ``roles`` names.
    roles
        Which column is what.
    now
        Aware.
    """
    for field in ("time", "label_time"):
        if field in roles.fields:
            yield from _times(table, roles.fields[field], now, required=field == "time")
    for field in _AMOUNTS:
        if field in roles.fields:
            yield from _amounts(table, roles.fields[field])
    if "label" in roles.fields:
        yield from _labels(table, roles.fields["label"])
    if "position" in roles.fields:
        yield from _positions(table, roles.fields["position"])
    if "kind" in roles.fields:
        column = table.column(roles.fields["kind"])
        empty = pc.equal(pc.fill_null(column, ""), "")
        yield from _cells(roles.fields["kind"], empty, "a kind of feedback was expected, none came")


def _times(table: pa.Table, column: str, now: datetime, *, required: bool) -> Iterator[Fault]:
    times = table.column(column).combine_chunks()
    future, early = is_out_of_place(times, now=now)
    for at in future:
        reason = f"{times[at].as_py():%Y-%m-%d %H:%M:%S} UTC is in the future; look at the unit"
        yield Fault(position=at, column=column, reason=f"{reason} and the time zone")
    for at in early:
        reason = f"{times[at].as_py().isoformat()} is before 1970; look at the unit and the format"
        yield Fault(position=at, column=column, reason=reason)
    if required:
        yield from _cells(column, pc.is_null(times), "a time was expected, none came")


def _amounts(table: pa.Table, column: str) -> Iterator[Fault]:
    values = table.column(column)
    wrong = pc.or_(pc.less(values, 0.0), pc.is_inf(values)).fill_null(False)
    for at in _where(wrong):
        value = values[at].as_py()
        yield Fault(
            position=at,
            column=column,
            reason=f"a finite number of 0 or more was expected, {value} came",
        )


def _labels(table: pa.Table, column: str) -> Iterator[Fault]:
    values = table.column(column)
    if pa.types.is_list(values.type):
        for holds, rule in label_rules(values):
            yield from _cells(column, pa.array(~holds), f"{rule} was expected, another list came")


def _positions(table: pa.Table, column: str) -> Iterator[Fault]:
    values = table.column(column)
    for at in _where(pc.less(values, 0).fill_null(False)):
        value = values[at].as_py()
        reason = f"a position of 0 or more was expected, {value} came"
        yield Fault(position=at, column=column, reason=reason)


def _cells(column: str, mask: pa.Array, reason: str) -> Iterator[Fault]:
    yield from (Fault(position=at, column=column, reason=reason) for at in _where(mask))


def _where(mask: pa.Array | pa.ChunkedArray) -> list[int]:
    positions: list[int] = np.flatnonzero(mask.to_numpy(zero_copy_only=False)).tolist()
    return positions
