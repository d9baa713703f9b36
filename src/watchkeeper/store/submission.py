"""What is to be kept: records of one model and kind, written out, with their keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.errors import RecordError
from watchkeeper.events import Feedback, Outcome, Prediction, Record
from watchkeeper.events.wire import to_msgpack
from watchkeeper.store.catalog import microseconds_of
from watchkeeper.store.columns import UTC_TIME, Kind, identity_column
from watchkeeper.store.keys import key_of
from watchkeeper.store.outlier_scoring import scored_records, with_scores
from watchkeeper.store.privacy import PrivateColumns
from watchkeeper.store.record_columns import table_of_uniform

if TYPE_CHECKING:
    from watchkeeper.watch.outliers import OutlierScorer

Codec: TypeAlias = Literal["msgpack", "arrow"]
PrivacyOf: TypeAlias = Callable[[str], PrivateColumns | None]
ScorerOf: TypeAlias = Callable[[str], "OutlierScorer | None"]

_WORTH_THREADS = 20_000
_WORTH_COLUMNS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Records as they will lie in the journal.

    Attributes
    ----------
    keys
        One for each row.
    first_time, last_time
        Earliest and latest event time, microseconds since 1970.
    only
        Returns the submission of the marked rows.
    privacy
        The private columns of the model that it was written by.
    under
        Returns the same records written by other ones.
    """

    model: str
    kind: Kind
    codec: Codec
    keys: list[bytes]
    blob: bytes
    first_time: int
    last_time: int
    only: Callable[[NDArray[np.bool_]], Submission]
    privacy: PrivateColumns | None
    under: Callable[[PrivateColumns | None], Submission]


def submissions_of(
    records: Sequence[Record], privacy_of: PrivacyOf, scorer_of: ScorerOf
) -> list[Submission]:
    """Group records by model and kind, in their order, and score predictions.

    Raises
    ------
    RecordError
        If one cannot be written.
    """
    groups: dict[tuple[str, Kind], list[Record]] = {}
    for record in records:
        group = record.model, _kind(record)
        if group in groups:
            groups[group].append(record)
        else:
            groups[group] = [record]
    return [
        _of_records(
            model,
            kind,
            group,
            privacy_of(model),
            scorer_of(model) if kind == "prediction" else None,
        )
        for (model, kind), group in groups.items()
    ]


def submission_of_table(
    model: str,
    kind: Kind,
    table: pa.Table,
    privacy: PrivateColumns | None,
    scorer: OutlierScorer | None,
) -> Submission:
    """Write out a table that `canonical` returned; a scorer is for predictions.

    What is scored is what is stored, private columns treated, as the reference was.
    """
    stored = table if privacy is None else privacy.table(table)
    return _of_table(
        model,
        kind,
        with_scores(stored, scorer),
        _table_keys(model, kind, stored),
        privacy,
        lambda other: submission_of_table(model, kind, table, other, scorer),
    )


def _kind(record: Record) -> Kind:
    if isinstance(record, Prediction):
        return "prediction"
    return "outcome" if isinstance(record, Outcome) else "feedback"


def _of_records(
    model: str,
    kind: Kind,
    records: Sequence[Record],
    privacy: PrivateColumns | None,
    scorer: OutlierScorer | None,
) -> Submission:
    def under(other: PrivateColumns | None) -> Submission:
        return _of_records(model, kind, records, other, scorer)

    if len(records) >= _WORTH_COLUMNS:
        table = table_of_uniform(kind, records)
        if table is not None and privacy is None:
            keys = [_record_key(kind, record) for record in records]
            return _of_table(model, kind, with_scores(table, scorer), keys, privacy, under)
        if table is not None and privacy is not None:
            table = privacy.table(table)
            keys = _table_keys(model, kind, table)
            return _of_table(model, kind, with_scores(table, scorer), keys, privacy, under)
    stored = records if privacy is None else [privacy.record(record) for record in records]
    stored = scored_records(stored, scorer)
    times = [record.time for record in records]

    def only(rows: NDArray[np.bool_]) -> Submission:
        few = [records[i] for i in np.flatnonzero(rows).tolist()]
        return _of_records(model, kind, few, privacy, scorer)

    return Submission(
        model=model,
        kind=kind,
        codec="msgpack",
        keys=[_record_key(kind, record) for record in stored],
        blob=to_msgpack(stored),
        first_time=microseconds_of(min(times)),
        last_time=microseconds_of(max(times)),
        only=only,
        privacy=privacy,
        under=under,
    )


def _of_table(
    model: str,
    kind: Kind,
    table: pa.Table,
    keys: list[bytes],
    privacy: PrivateColumns | None,
    under: Callable[[PrivateColumns | None], Submission],
) -> Submission:
    """Write out a table of which nothing private is left."""

    def only(rows: NDArray[np.bool_]) -> Submission:
        kept = [keys[i] for i in np.flatnonzero(rows)]
        return _of_table(model, kind, table.filter(pa.array(rows)), kept, privacy, under)

    sink = pa.BufferOutputStream()
    extent = pc.min_max(table.column("time").cast(pa.int64())).as_py()
    # For batches as they arrive, handing columns to threads takes longer than packing them.
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=len(keys) > _WORTH_THREADS)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return Submission(
        model=model,
        kind=kind,
        codec="arrow",
        keys=keys,
        blob=sink.getvalue().to_pybytes(),
        first_time=extent["min"] or 0,
        last_time=extent["max"] or 0,
        only=only,
        privacy=privacy,
        under=under,
    )


def _table_keys(model: str, kind: Kind, table: pa.Table) -> list[bytes]:
    ids = table.column(identity_column(kind)).to_pylist()
    if kind != "outcome":
        return [key_of(kind, model, identity) for identity in ids]
    times = table.column("time").cast(UTC_TIME).cast(pa.int64()).to_pylist()
    is_labelled = "label" in table.column_names  # it is not when the label was dropped
    labels = table.column("label").to_pylist() if is_labelled else [None] * table.num_rows
    return [
        key_of(kind, model, identity, _outcome_extra(time, label))
        for identity, time, label in zip(ids, times, labels, strict=True)
    ]


def _record_key(kind: Kind, record: Record) -> bytes:
    if isinstance(record, Prediction):
        return key_of(kind, record.model, record.prediction_id)
    if isinstance(record, Feedback):
        return key_of(kind, record.model, record.feedback_id)
    if record.time.tzinfo is None:
        raise RecordError(f"time: expected a time with its zone, got {record.time.isoformat()}")
    extra = _outcome_extra(microseconds_of(record.time), record.label)
    return key_of(kind, record.model, record.prediction_id, extra)


def _outcome_extra(microseconds: int, label: object) -> str:
    """Outcomes are the same when time and label are; another label is a correction."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    if isinstance(label, list):  # the same labels in any order
        label = sorted(label)
    return f"{microseconds}\x1f{label!r}"
