"""Files and data frames into the store, any number of times the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.pipeline.clock import UTC_TIME
from watchkeeper.pipeline.column_types import INTEGER, NUMBER, TEXT
from watchkeeper.pipeline.files import open_table
from watchkeeper.pipeline.identity import Identity, RepeatedIds
from watchkeeper.pipeline.mapping import ImportMapping, Roles, assign
from watchkeeper.pipeline.plausibility import Fault, implausible
from watchkeeper.pipeline.rejections import Rejection, shorten
from watchkeeper.pipeline.table_source import NumberedRows, OnProgress

if TYPE_CHECKING:
    from watchkeeper.store import Store

_TYPES = {
    "prediction_id": TEXT,
    "feedback_id": TEXT,
    "time": UTC_TIME,
    "label_time": UTC_TIME,
    "entity": TEXT,
    "latency_seconds": NUMBER,
    "cost_usd": NUMBER,
    "error": TEXT,
    "version": TEXT,
    "variant": TEXT,
    "trace_id": TEXT,
    "kind": TEXT,
    "item": TEXT,
    "position": INTEGER,
    "amount": NUMBER,
}
"""Types of the fields that have one; an output or a label has that of its values."""


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What became of the rows.

    Attributes
    ----------
    rows
        Rows that could be read.
    imported
        Records that are new to the store; without a store, those it would be offered.
    duplicates
        Records that the store had already.
    outcomes, outcome_duplicates
        The same for the outcomes that come with labelled predictions.
    set_aside
        Rows that were not imported; each was reported with its reason.
    roles
        Which column was taken for what.
    """

    rows: int = 0
    imported: int = 0
    duplicates: int = 0
    outcomes: int = 0
    outcome_duplicates: int = 0
    set_aside: int = 0
    roles: Roles


def import_data(
    source: object,
    *,
    store: Store | None,
    model: str,
    mapping: ImportMapping,
    now: datetime,
    on_progress: OnProgress | None = None,
    on_rejection: Callable[[Rejection], None] | None = None,
    is_discreet: bool = False,
) -> ImportReport:
    """Append the rows of files or of a data frame to a model's records.

    What is appended is durable batch by batch, and sealed at the end, so that a watch reads of it
    what it needs and not all. Importing the same data again, whole or after a crash half-way, adds
    what is missing and nothing twice. Of rows with the same id the first
    counts; the others are set aside.

    Parameters
    ----------
    source
        Paths or a data frame, as for `open_table`.
    store
        Where the records go; ``None`` to look at the data only.
    model
        Name of the model.
    mapping
        What the columns are.
    now
        Times later than a day after it are set aside.
    on_progress
        Called after each piece that was read.
    on_rejection
        Called for each row that is set aside.
    is_discreet
        Whether no value may be told of these rows, as none is if the store has private columns of
        the model.

    Returns
    -------
    How many rows went where.

    Raises
    ------
    DataError
        A file cannot be read, the mapping does not suit it, or no row of it can be used.
    """
    data = open_table(source, timezone=mapping.timezone)
    roles = assign(mapping, data.schema.names, data=data.name)
    fixed = {column: _TYPES[field] for field, column in roles.fields.items() if field in _TYPES}
    fixed |= dict.fromkeys(roles.tags.values(), TEXT)
    fixed |= dict.fromkeys(roles.explanation.values(), NUMBER)
    report = ImportReport(roles=roles)

    def set_aside(rejection: Rejection) -> None:
        report.set_aside += 1
        if on_rejection is not None:
            on_rejection(rejection)

    identity, repeated = Identity(), RepeatedIds()
    is_discreet = is_discreet or (store is not None and store.has_private_columns(model))
    table = data.select(roles.columns(), types=fixed, is_discreet=is_discreet)
    for rows in table.numbered(on_progress=on_progress, on_rejection=set_aside):
        report.rows += len(rows.rows)
        ids = _ids(rows, roles, identity)
        good = _usable(rows, roles, ids, repeated, now, set_aside, is_discreet=is_discreet)
        kept, ids = rows.table.filter(good), ids.filter(good)
        _append(store, model, _records(kept, ids, roles, mapping), roles, report)
        if roles.kind == "prediction" and "label" in roles.fields:
            _append_outcomes(store, model, kept, ids, roles, report)
    if store is not None:
        store.seal(now=now)
    return report


def _ids(rows: NumberedRows, roles: Roles, identity: Identity) -> pa.Array:
    made = identity.ids(rows)
    column = roles.fields.get("prediction_id" if roles.kind != "feedback" else "feedback_id")
    if column is None:
        return made
    given = rows.table.column(column).combine_chunks()
    return pc.if_else(pc.equal(pc.fill_null(given, ""), ""), made, given)


def _usable(
    rows: NumberedRows,
    roles: Roles,
    ids: pa.Array,
    repeated: RepeatedIds,
    now: datetime,
    set_aside: Callable[[Rejection], None],
    *,
    is_discreet: bool,
) -> pa.Array:
    """Which rows become records; the others are set aside."""
    faults: dict[int, Fault] = {}
    for fault in implausible(rows.table, roles, now=now):
        faults.setdefault(fault.position, fault)
    if roles.kind != "outcome":  # a later outcome corrects an earlier one
        for fault in _repetitions(ids, roles, repeated, faults):
            faults.setdefault(fault.position, fault)
    for at in sorted(faults):
        set_aside(
            Rejection(
                file=rows.file,
                row=int(rows.rows[at]),
                column=faults[at].column,
                reason=faults[at].reason,
                raw="" if is_discreet else rows.shown(at)[:10_000],
            )
        )
    good = np.ones(len(rows.rows), bool)
    good[list(faults)] = False
    return pa.array(good)


def _repetitions(
    ids: pa.Array, roles: Roles, repeated: RepeatedIds, faults: dict[int, Fault]
) -> list[Fault]:
    """Rows whose id came before; a row that is set aside anyway does not take the id."""
    column = roles.fields.get("prediction_id" if roles.kind == "prediction" else "feedback_id")
    if column is None:
        return []
    positions = np.setdiff1d(np.arange(len(ids)), list(faults))
    again = positions[repeated.add(ids.take(pa.array(positions)))]
    return [
        Fault(
            position=int(at),
            column=column,
            reason=f"the id {shorten(ids[int(at)].as_py())!r} came before in this data",
        )
        for at in again
    ]


def _records(table: pa.Table, ids: pa.Array, roles: Roles, mapping: ImportMapping) -> pa.Table:
    """Return the table with the store's column names."""
    key = "feedback_id" if roles.kind == "feedback" else "prediction_id"
    columns: dict[str, pa.Array | pa.ChunkedArray] = {key: ids}
    labelled = ("label", "label_time") if roles.kind == "prediction" else ()
    for field, column in roles.fields.items():
        if field != key and field not in labelled:
            columns[field] = table.column(column)
    if roles.kind == "prediction":
        for field in ("version", "variant"):
            value = getattr(mapping, f"{field}_value")
            if value is not None:
                columns[field] = pa.repeat(pa.scalar(value, TEXT), table.num_rows)
    groups = {
        "output": roles.outputs,
        "feature": roles.features,
        "tag": roles.tags,
        "explanation": roles.explanation,
    }
    for group, members in groups.items():
        columns |= {f"{group}:{name}": table.column(column) for name, column in members.items()}
    return pa.table(columns)


def _append(
    store: Store | None, model: str, records: pa.Table, roles: Roles, report: ImportReport
) -> None:
    if store is None or records.num_rows == 0:
        report.imported += records.num_rows
        return
    receipt = store.append_table(model, roles.kind, records)
    report.imported += receipt.accepted
    report.duplicates += receipt.duplicates


def _append_outcomes(
    store: Store | None,
    model: str,
    table: pa.Table,
    ids: pa.Array,
    roles: Roles,
    report: ImportReport,
) -> None:
    """Append the labels of labelled predictions as outcomes, known when the table says."""
    label = table.column(roles.fields["label"])
    time = table.column(roles.fields["time"])
    if "label_time" in roles.fields:
        time = pc.coalesce(table.column(roles.fields["label_time"]), time)
    outcomes = pa.table({"prediction_id": ids, "time": time, "label": label})
    outcomes = outcomes.filter(pc.is_valid(label))
    if store is None or outcomes.num_rows == 0:
        report.outcomes += outcomes.num_rows
        return
    receipt = store.append_table(model, "outcome", outcomes)
    report.outcomes += receipt.accepted
    report.outcome_duplicates += receipt.duplicates
