"""Intake: records are committed as blobs, with whoever else is waiting, then acknowledged."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from numpy.typing import NDArray

from watchkeeper.errors import RecordError, StoreError
from watchkeeper.events import Feedback, Outcome, Prediction, Record
from watchkeeper.store.columns import with_fixed_types
from watchkeeper.store.database import Database

Kind: TypeAlias = Literal["prediction", "outcome", "feedback"]
Codec: TypeAlias = Literal["msgpack", "arrow"]

_LOOK_UP = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENCODER = msgspec.msgpack.Encoder()


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that records are on disk.

    Attributes
    ----------
    sequence
        Number of the last journal entry written; 0 if all were duplicates.
    accepted, duplicates
        Records that were new, and records that the store had already.
    """

    sequence: int
    accepted: int
    duplicates: int


@dataclass(slots=True, kw_only=True)
class Submission:
    """Records of one model and kind with their idempotency keys, waiting for a commit."""

    model: str
    kind: Kind
    codec: Codec
    keys: list[bytes]
    newest: str
    encode: Callable[[NDArray[np.bool_]], bytes]
    receipt: Receipt | None = None
    error: Exception | None = None


@dataclass(slots=True)
class Journal:
    """Commits what waits, one transaction for all who wait at the same moment."""

    database: Database
    _waiting: list[Submission] = field(default_factory=list)
    _list: threading.Lock = field(default_factory=threading.Lock)
    _leading: threading.Lock = field(default_factory=threading.Lock)

    def commit(self, submissions: Sequence[Submission]) -> None:
        """Return once all are durable or failed; each then has its receipt.

        Whoever gets the lead commits for all who queued meanwhile (group commit).

        Raises
        ------
        BusyError, StoreError
            If nothing could be written.
        """
        with self._list:
            self._waiting.extend(submissions)
        with self._leading:
            with self._list:
                batch, self._waiting = self._waiting, []
            if batch:
                self._write(batch)
        for submission in submissions:
            if submission.error is not None:
                raise submission.error

    def _write(self, batch: list[Submission]) -> None:
        now = datetime.now(tz=UTC).isoformat()
        try:
            with self.database.writing() as connection:
                receipts = [_insert(connection, s, now) for s in batch]
        except Exception as error:  # noqa: BLE001 - everyone who waits must learn of it
            for submission in batch:
                submission.error = error
            return
        except BaseException:
            for submission in batch:
                submission.error = StoreError("the write was interrupted; nothing was kept")
            raise
        for submission, receipt in zip(batch, receipts, strict=True):
            submission.receipt = receipt


def submissions_of(records: Sequence[Record]) -> list[Submission]:
    """Group records by model and kind, in their order."""
    groups: dict[tuple[str, Kind], list[Record]] = {}
    for record in records:
        groups.setdefault((record.model, _kind(record)), []).append(record)
    return [_of_records(model, kind, group) for (model, kind), group in groups.items()]


def submission_of_table(model: str, kind: Kind, table: pa.Table) -> Submission:
    """Wrap a table whose columns are named as `Store.predictions` names them.

    Raises
    ------
    RecordError
        If the column of ids or times is missing or has nulls, or a column that every table has is
        of another type.
    """
    name = "feedback_id" if kind == "feedback" else "prediction_id"
    for needed in (name, "time"):
        if needed not in table.column_names or table.column(needed).null_count:
            raise RecordError(f"a table of {kind}s needs a column {needed!r} without nulls")
    if kind == "outcome" and "label" not in table.column_names:
        raise RecordError("a table of outcomes needs a column 'label'")
    table = with_fixed_types(kind, table)
    ids = table.column(name).to_pylist()
    extra = [""] * len(ids)
    if kind == "outcome":
        times = table.column("time").cast(pa.int64()).to_pylist()
        labels = table.column("label").to_pylist()
        extra = [_outcome_key(t, v) for t, v in zip(times, labels, strict=True)]

    def encode(new: NDArray[np.bool_]) -> bytes:
        kept = table if new.all() else table.filter(pa.array(new))
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(sink, kept.schema, options=options) as writer:
            writer.write_table(kept)
        blob: bytes = sink.getvalue().to_pybytes()
        return blob

    keys = [_key(kind, model, i, e) for i, e in zip(ids, extra, strict=True)]
    return Submission(
        model=model,
        kind=kind,
        codec="arrow",
        keys=keys,
        newest=time_text(pc.max(table.column("time")).as_py()),
        encode=encode,
    )


def _of_records(model: str, kind: Kind, records: list[Record]) -> Submission:
    try:
        blob = _ENCODER.encode(records)
    except (OverflowError, TypeError, ValueError) as error:
        message = f"records of model {model!r} hold a value that cannot be kept: {error}"
        raise RecordError(message) from error

    def encode(new: NDArray[np.bool_]) -> bytes:
        if new.all():
            return blob
        return _ENCODER.encode([r for r, is_new in zip(records, new, strict=True) if is_new])

    return Submission(
        model=model,
        kind=kind,
        codec="msgpack",
        keys=[_record_key(kind, r) for r in records],
        newest=time_text(max(r.time for r in records)),
        encode=encode,
    )


def time_text(time: datetime | None) -> str:
    """Return a time as text that sorts like the time, empty for none."""
    return "" if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def _kind(record: Record) -> Kind:
    if isinstance(record, Prediction):
        return "prediction"
    return "outcome" if isinstance(record, Outcome) else "feedback"


def _record_key(kind: Kind, record: Record) -> bytes:
    if isinstance(record, Feedback):
        return _key(kind, record.model, record.feedback_id, "")
    if isinstance(record, Outcome):
        micros = (record.time - _EPOCH) // timedelta(microseconds=1)
        extra = _outcome_key(micros, record.label)
        return _key(kind, record.model, record.prediction_id, extra)
    return _key(kind, record.model, record.prediction_id, "")


def _outcome_key(micros: int, label: object) -> str:
    """Outcomes are the same when time and label are; another label is a correction."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return f"{micros}\x1f{label!r}"


def _key(kind: str, model: str, identity: str, extra: str) -> bytes:
    text = f"{kind}\x1f{model}\x1f{identity}\x1f{extra}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).digest()


def _insert(connection: sa.Connection, submission: Submission, now: str) -> Receipt:
    new = _claim(connection, submission.keys)
    accepted = int(new.sum())
    duplicates = len(new) - accepted
    if not accepted:
        return Receipt(sequence=0, accepted=0, duplicates=duplicates)
    result = connection.exec_driver_sql(
        "INSERT INTO journal (model, kind, codec, rows, blob, received_at, newest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            submission.model,
            submission.kind,
            submission.codec,
            accepted,
            submission.encode(new),
            now,
            submission.newest,
        ),
    )
    return Receipt(sequence=int(result.lastrowid or 0), accepted=accepted, duplicates=duplicates)


def _claim(connection: sa.Connection, keys: list[bytes]) -> NDArray[np.bool_]:
    """Enter the keys that are new, and return which are; the first of equal keys is."""
    known: set[bytes] = set()
    for at in range(0, len(keys), _LOOK_UP):
        part = keys[at : at + _LOOK_UP]
        marks = ",".join("?" * len(part))
        rows = connection.exec_driver_sql(
            f"SELECT key FROM keys WHERE key IN ({marks})",  # noqa: S608 - only question marks
            tuple(part),
        )
        known.update(bytes(row[0]) for row in rows)
    new = np.zeros(len(keys), dtype=np.bool_)
    for i, key in enumerate(keys):
        if key not in known:
            known.add(key)
            new[i] = True
    fresh = [(key,) for key, is_new in zip(keys, new, strict=True) if is_new]
    if fresh:
        connection.exec_driver_sql("INSERT INTO keys (key) VALUES (?)", fresh)
    return new
