"""From a request's JSON to records; what is wrong is told by row and field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from watchkeeper.events import Feedback, Outcome, Prediction, Record, Rejection, validate
from watchkeeper.server.problems import ProblemError

_Value: TypeAlias = bool | int | float | str | list[float] | None
_PATH = re.compile(r" - at `\$\.?(?P<path>.*)`$", re.DOTALL)


class PredictionBody(Prediction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A prediction as JSON has it: a time among the features stays text."""

    # Only ever read, so a narrower type is safe.
    features: dict[str, _Value] = msgspec.field(default_factory=dict)  # type: ignore[assignment]


class OutcomeBody(Outcome, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outcome as JSON has it."""


class FeedbackBody(Feedback, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Feedback as JSON has it."""


_Record: TypeAlias = PredictionBody | OutcomeBody | FeedbackBody


class RecordsBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is sent: records of any models and kinds."""

    records: list[_Record]


class _Parts(msgspec.Struct, forbid_unknown_fields=True):
    records: list[msgspec.Raw]


_WHOLE = msgspec.json.Decoder(RecordsBody)
_PARTS = msgspec.json.Decoder(_Parts)
_RECORD = msgspec.json.Decoder(_Record)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Records that may be kept, and what is wrong with the others, by row from 0."""

    records: list[Record]
    rejections: list[Rejection]


def decode_records(body: bytes) -> Decoded:
    """Return the records of a body ``{"records": [...]}``.

    Raises
    ------
    ProblemError
        400, if the body as a whole is not such JSON.
    """
    read, rows, rejections = _read(body)
    checked = validate(read, now=datetime.now(UTC))
    rejections.extend(msgspec.structs.replace(bad, row=rows[bad.row]) for bad in checked.rejections)
    rejections.sort(key=lambda rejection: rejection.row)
    return Decoded(records=checked.records, rejections=rejections)


def _read(body: bytes) -> tuple[Sequence[Record], Sequence[int], list[Rejection]]:
    """Return the records that can be read, the row of each, and what is wrong with the others."""
    try:
        whole = _WHOLE.decode(body).records
    except _UNREADABLE:
        return _read_one_by_one(body)
    return whole, range(len(whole)), []


def _read_one_by_one(body: bytes) -> tuple[Sequence[Record], Sequence[int], list[Rejection]]:
    try:
        parts = _PARTS.decode(body).records
    except _UNREADABLE as error:
        message = f'expected a JSON object {{"records": [...]}}; {error}'
        raise ProblemError(400, "malformed-body", message) from error
    read: list[Record] = []
    rows: list[int] = []
    rejections: list[Rejection] = []
    for row, one in enumerate(parts):
        try:
            read.append(_RECORD.decode(one))
            rows.append(row)
        except _UNREADABLE as error:
            rejections.append(_rejection(row, str(error)))
    return read, rows, rejections


def _rejection(row: int, message: str) -> Rejection:
    found = _PATH.search(message)
    if found is None:
        return Rejection(row=row, field="record", reason=message)
    return Rejection(row=row, field=found["path"] or "record", reason=message[: found.start()])
