"""Rules that a record must keep; good ones pass, bad ones are told by row and field."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from watchkeeper.events.acknowledgement import Rejection
from watchkeeper.events.records import Feedback, Outcome, Prediction, Record

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_LONGEST_ID = 512
_LONGEST_TEXT = 1_000_000
_MOST_FEATURES = 10_000
_LARGEST_INTEGER = 2**63 - 1
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
_ENCODER = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Records that keep the rules, times in UTC, and what is wrong with the others.

    Rows of rejections count from 0 in the sequence that was given.
    """

    records: list[Record]
    rejections: list[Rejection]


def validate(records: Sequence[Record], *, now: datetime) -> Checked:
    """Check records one by one.

    Times are aware, not before 1970 and at most a day ahead of ``now``; ids have 1 to 512
    characters; a model's name is letters, digits, ``.``, ``_`` and ``-``, up to 128; latency and
    cost are finite and not negative; integers fit 64 bits; texts have at most a million characters,
    a prediction at most 10,000 features, and no half of a surrogate pair, which cannot be written
    in UTF-8. NaN and infinity in features are kept: NaN counts as
    missing.
    """
    good: list[Record] = []
    bad: list[Rejection] = []
    for row, record in enumerate(records):
        fault = next(_faults(record, now), None) or _unwritable(record)
        if fault is None:
            good.append(_in_utc(record))
        else:
            bad.append(Rejection(row=row, field=fault[0], reason=fault[1]))
    return Checked(records=good, rejections=bad)


def _faults(record: Record, now: datetime) -> Iterator[tuple[str, str]]:
    if not MODEL_NAME.fullmatch(record.model):
        yield (
            "model",
            (
                "expected 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or"
                f" digit, got {_shown(record.model)}"
            ),
        )
    name = "feedback_id" if isinstance(record, Feedback) else "prediction_id"
    identity = record.feedback_id if isinstance(record, Feedback) else record.prediction_id
    if not 1 <= len(identity) <= _LONGEST_ID:
        yield name, f"expected 1 to {_LONGEST_ID} characters, got {len(identity)}"
    yield from _time_faults(record.time, now)
    if isinstance(record, Prediction):
        yield from _prediction_faults(record)
    elif isinstance(record, Outcome):
        yield from _value_faults("label", record.label)
    else:
        if not record.kind:
            yield "kind", "expected a kind such as 'click', got an empty text"
        yield from _amount_faults("amount", record.amount, negative=True)


def _time_faults(time: datetime, now: datetime) -> Iterator[tuple[str, str]]:
    if time.tzinfo is None:
        yield "time", f"expected a time with its zone, got {time.isoformat()} without one"
    elif time < _EARLIEST:
        yield "time", f"expected a time since 1970, got {time.isoformat()}"
    elif time > now + _AHEAD:
        yield "time", f"expected a time at most a day ahead of now, got {time.isoformat()}"


def _prediction_faults(record: Prediction) -> Iterator[tuple[str, str]]:
    if len(record.features) > _MOST_FEATURES:
        yield "features", f"expected at most {_MOST_FEATURES}, got {len(record.features)}"
    for name, value in record.features.items():
        yield from _value_faults(f"features.{name[:80]}", value)
    if isinstance(record.output, dict):
        for name, value in record.output.items():
            yield from _value_faults(f"output.{name[:80]}", value)
    elif not isinstance(record.output, list):
        yield from _value_faults("output", record.output)
    yield from _amount_faults("latency_seconds", record.latency_seconds)
    yield from _amount_faults("cost_usd", record.cost_usd)


def _value_faults(field: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST_INTEGER:
        yield field, f"expected an integer of at most 64 bits, got one of {value.bit_length()} bits"
    elif isinstance(value, str) and len(value) > _LONGEST_TEXT:
        yield field, f"expected at most {_LONGEST_TEXT} characters, got {len(value)}"


def _amount_faults(
    field: str, value: float | None, *, negative: bool = False
) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if not math.isfinite(value) or (value < 0 and not negative):
        wanted = "a finite number" if negative else "a finite number of 0 or more"
        yield field, f"expected {wanted}, got {value}"


def _unwritable(record: Record) -> tuple[str, str] | None:
    """Find the field with text that UTF-8 cannot hold; most records have none, at one try."""
    if _is_writable(record):
        return None
    for field in type(record).__struct_fields__:
        value = getattr(record, field)
        if _is_writable(value):
            continue
        if field == "features":
            named = (n for n, v in value.items() if _is_writable(n) and not _is_writable(v))
            name = next(named, None)
            field = field if name is None else f"features.{name[:80]}"
        return field, "holds half of a surrogate pair, which is no character"
    return None


def _is_writable(value: object) -> bool:
    try:
        _ENCODER.encode(value)
    except UnicodeEncodeError:
        return False
    return True


def _in_utc(record: Record) -> Record:
    if record.time.tzinfo is UTC:
        return record
    return msgspec.structs.replace(record, time=record.time.astimezone(UTC))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
