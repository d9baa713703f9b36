"""Rules that a record must keep; good ones pass, bad ones are told by row and field."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from watchkeeper.events.acknowledgement import Rejection
from watchkeeper.events.labels import outcome_reason
from watchkeeper.events.records import Feedback, Outcome, Prediction, Record
from watchkeeper.events.values import (
    Fault,
    amount_fault,
    label_reason,
    number_reason,
    text_reason,
    texts_fault,
    value_reason,
)

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
LONGEST_ID = 512
_MOST_FEATURES = 10_000
_ALWAYS_GOOD = {float, bool, type(None)}
_CONTRIBUTIONS = {float, type(None)}
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Records that keep the rules, times in UTC, and what is wrong with the others.

    Rows of rejections count from 0 in the sequence that was given.
    """

    records: list[Record]
    rejections: list[Rejection]


def validate(records: Sequence[Record], *, now: datetime) -> Checked:
    """Check records one by one; a bad one costs only itself.

    Times are aware, not before 1970 and at most a day ahead of ``now``; ids and names have 1 to 512
    characters; a model's name is letters, digits, ``.``, ``_`` and ``-``, up to 128; latency and
    cost are finite and not negative; integers fit 64 bits; texts are Unicode and have at most a
    million characters, labels of one outcome are at most 1,000 different ones of 1 to 512
    characters, a prediction at most 10,000 features and as many contributions, which are
    numbers. NaN and infinity in features and contributions are kept: NaN counts as missing.

    Parameters
    ----------
    records
        What came, in its order.
    now
        The present, aware.

    Examples
    --------
    >>> early = Outcome(model="m", prediction_id="1", time=datetime(1969, 1, 1, tzinfo=UTC))
    >>> checked = validate([early], now=datetime.now(UTC))
    >>> checked.rejections[0].field, checked.rejections[0].reason
    ('time', 'expected a time since 1970, got 1969-01-01T00:00:00+00:00')
    """
    good: list[Record] = []
    bad: list[Rejection] = []
    seen = _Seen(latest=now + _AHEAD)
    for row, record in enumerate(records):
        fault = _common_fault(record, seen) or _own_fault(record, seen)
        if fault is None:
            good.append(_in_utc(record))
        else:
            bad.append(Rejection(row=row, field=fault.field, reason=fault.reason))
    return Checked(records=good, rejections=bad)


@dataclass(slots=True, kw_only=True)
class _Seen:
    """Names found good so far: records of one batch have the same ones."""

    latest: datetime
    models: set[str] = field(default_factory=set)
    features: set[str] = field(default_factory=set)
    contributions: set[str] = field(default_factory=set)


def _common_fault(record: Record, seen: _Seen) -> Fault | None:
    model = record.model
    if not (type(model) is str and model in seen.models):
        fault = _model_fault(model)
        if fault is not None:
            return fault
        seen.models.add(model)
    time = record.time
    # The usual case in one line: comparing is quicker than asking for the offset.
    if not (type(time) is datetime and time.tzinfo is UTC and _EARLIEST <= time <= seen.latest):
        fault = _time_fault(time, seen.latest)
        if fault is not None:
            return fault
    if isinstance(record, Feedback):
        return _id_fault("feedback_id", record.feedback_id)
    return _id_fault("prediction_id", record.prediction_id)


def _model_fault(model: object) -> Fault | None:
    if isinstance(model, str) and MODEL_NAME.fullmatch(model):
        return None
    wanted = "1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit"
    return Fault("model", f"expected {wanted}, got {_shown(model)}")


def _time_fault(time: object, latest: datetime) -> Fault | None:
    if not isinstance(time, datetime):
        return Fault("time", f"expected a time with its zone, got {_shown(time)}")
    if time.utcoffset() is None:
        reason = f"expected a time with its zone, got {time.isoformat()} without one"
        return Fault("time", reason)
    if time < _EARLIEST:
        return Fault("time", f"expected a time since 1970, got {time.isoformat()}")
    if time > latest:
        reason = f"expected a time at most a day ahead of now, got {time.isoformat()}"
        return Fault("time", reason)
    return None


def _own_fault(record: Record, seen: _Seen) -> Fault | None:
    if isinstance(record, Prediction):
        return _prediction_fault(record, seen)
    if isinstance(record, Outcome):
        reason = outcome_reason(record.label)
        return None if reason is None else Fault("label", reason)
    return _feedback_fault(record)


def _prediction_fault(record: Prediction, seen: _Seen) -> Fault | None:
    if len(record.features) > _MOST_FEATURES:
        reason = f"expected at most {_MOST_FEATURES}, got {len(record.features)}"
        return Fault("features", reason)
    fault = _features_fault(record.features, seen.features)
    if fault is None and record.explanation is not None:
        fault = _explanation_fault(record.explanation, seen.contributions)
    if fault is not None:
        return fault
    return (
        _output_fault(record.output)
        or amount_fault("latency_seconds", record.latency_seconds, least=0.0)
        or amount_fault("cost_usd", record.cost_usd, least=0.0)
        or texts_fault(record, ("version", "variant"), optional=False)
        or texts_fault(record, ("entity", "error", "trace_id"), optional=True)
        or _tags_fault(record.tags)
    )


def _features_fault(features: Mapping[str, object], names: set[str]) -> Fault | None:
    if not features.keys() <= names:
        for name in features:
            if reason := _name_reason(name):
                return Fault("features", reason)
        names.update(features)
    if set(map(type, features.values())) <= _ALWAYS_GOOD:  # at the speed of C, for most records
        return None
    for name, value in features.items():
        if wrong := value_reason(value):
            return Fault(f"features.{_shortened(name)}", wrong)
    return None


def _explanation_fault(explanation: object, names: set[str]) -> Fault | None:
    if not isinstance(explanation, Mapping):
        reason = f"expected numbers by feature or null, got {type(explanation).__name__}"
        return Fault("explanation", reason)
    if not explanation.keys() <= names:
        if len(explanation) > _MOST_FEATURES:
            reason = f"expected at most {_MOST_FEATURES}, got {len(explanation)}"
            return Fault("explanation", reason)
        for name in explanation:
            if wrong := _name_reason(name):
                return Fault("explanation", wrong)
        names.update(explanation)
    if set(map(type, explanation.values())) <= _CONTRIBUTIONS:
        return None
    for name, value in explanation.items():
        if value is not None and (wrong := number_reason(value)):
            return Fault(f"explanation.{_shortened(name)}", wrong)
    return None


def _output_fault(output: object) -> Fault | None:
    if type(output) in _ALWAYS_GOOD:
        return None
    if isinstance(output, Mapping):
        return _shares_fault(output)
    if isinstance(output, list):
        reason = next((wrong for item in output if (wrong := text_reason(item))), None)
    else:
        reason = label_reason(output)
    return None if reason is None else Fault("output", reason)


def _shares_fault(shares: Mapping[object, object]) -> Fault | None:
    for name, share in shares.items():
        wrong = _name_reason(name)
        if wrong is not None:
            return Fault("output", wrong)
        wrong = number_reason(share)
        if wrong is not None:
            return Fault(f"output.{_shortened(str(name))}", wrong)
    return None


def _tags_fault(tags: Mapping[str, str]) -> Fault | None:
    for name, value in tags.items():
        wrong = _name_reason(name) or text_reason(value)
        if wrong is not None:
            return Fault("tags", wrong)
    return None


def _feedback_fault(record: Feedback) -> Fault | None:
    if record.kind == "":
        return Fault("kind", "expected a kind such as 'click', got an empty text")
    if record.position is not None and (
        type(record.position) is not int or not 0 <= record.position < 2**63
    ):
        reason = f"expected a rank from 0 or null, got {_shown(record.position)}"
        return Fault("position", reason)
    return (
        texts_fault(record, ("kind",), optional=False)
        or texts_fault(record, ("entity", "item", "prediction_id"), optional=True)
        or amount_fault("amount", record.amount, least=-math.inf)
    )


def _id_fault(field: str, identity: object) -> Fault | None:
    if not isinstance(identity, str):
        return Fault(field, f"expected text, got {type(identity).__name__}")
    if not 1 <= len(identity) <= LONGEST_ID:
        return Fault(field, f"expected 1 to {LONGEST_ID} characters, got {len(identity)}")
    reason = text_reason(identity)
    return None if reason is None else Fault(field, reason)


def _name_reason(name: object) -> str | None:
    if isinstance(name, str) and not 1 <= len(name) <= LONGEST_ID:
        return f"expected names of 1 to {LONGEST_ID} characters, got one of {len(name)}"
    return text_reason(name)


def _in_utc(record: Record) -> Record:
    if record.time.tzinfo is UTC:
        return record
    return msgspec.structs.replace(record, time=record.time.astimezone(UTC))


def _shortened(name: str) -> str:
    return name if len(name) <= 80 else name[:79] + "…"


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else text[:59] + "…"
