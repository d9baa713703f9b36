"""From a request's JSON to records; what is wrong is told by row and field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from watchkeeper.events import Feedback, Outcome, Prediction, Record, Rejection, validate
from watchkeeper.server.problems import ProblemError

_Value: TypeAlias = bool | int | float | str | list[float] | None
_Output: TypeAlias = bool | int | float | str | dict[str, float] | list[str] | None
_PATH = re.compile(r" - at `\$\.?(?P<path>.*)`$", re.DOTALL)


class _Prediction(
    msgspec.Struct,
    kw_only=True,
    tag="prediction",
    tag_field="record",
    forbid_unknown_fields=True,
):
    """A prediction as JSON has it: a time among the features stays text."""

    model: str
    prediction_id: str
    time: datetime
    features: dict[str, _Value] = {}
    output: _Output = None
    version: str = ""
    variant: str = ""
    entity: str | None = None
    latency_seconds: float | None = None
    cost_usd: float | None = None
    error: str | None = None
    tags: dict[str, str] = {}
    trace_id: str | None = None


class _Outcome(
    msgspec.Struct, kw_only=True, tag="outcome", tag_field="record", forbid_unknown_fields=True
):
    model: str
    prediction_id: str
    time: datetime
    label: bool | int | float | str | None = None


class _Feedback(
    msgspec.Struct, kw_only=True, tag="feedback", tag_field="record", forbid_unknown_fields=True
):
    model: str
    feedback_id: str
    time: datetime
    kind: str
    entity: str | None = None
    item: str | None = None
    prediction_id: str | None = None
    position: int | None = None
    amount: float | None = None


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    records: list[msgspec.Raw]


_BODY = msgspec.json.Decoder(_Body)
_RECORD = msgspec.json.Decoder(_Prediction | _Outcome | _Feedback)
_KINDS: dict[type, type[Prediction] | type[Outcome] | type[Feedback]] = {
    _Prediction: Prediction,
    _Outcome: Outcome,
    _Feedback: Feedback,
}


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
    try:
        raw = _BODY.decode(body).records
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f'expected a JSON object {{"records": [...]}}; {error}'
        raise ProblemError(400, "malformed-body", message) from error
    read: list[Record] = []
    rows: list[int] = []
    rejections: list[Rejection] = []
    for row, one in enumerate(raw):
        try:
            read.append(_record(one))
            rows.append(row)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            rejections.append(_rejection(row, str(error)))
    checked = validate(read, now=datetime.now(UTC))
    rejections.extend(msgspec.structs.replace(bad, row=rows[bad.row]) for bad in checked.rejections)
    rejections.sort(key=lambda rejection: rejection.row)
    return Decoded(records=checked.records, rejections=rejections)


def _record(raw: msgspec.Raw) -> Record:
    wire = _RECORD.decode(raw)
    fields = {name: getattr(wire, name) for name in wire.__struct_fields__}
    record: Record = _KINDS[type(wire)](**fields)
    return record


def _rejection(row: int, message: str) -> Rejection:
    found = _PATH.search(message)
    if found is None:
        return Rejection(row=row, field="record", reason=message)
    return Rejection(row=row, field=found["path"] or "record", reason=message[: found.start()])
