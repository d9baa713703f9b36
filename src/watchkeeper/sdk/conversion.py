"""From what a host logs to records: the delivery thread's half of a call.

Nothing here imports NumPy, pandas or PyTorch; their scalars and arrays are recognised by what they
offer (``dtype``, ``ndim``, ``item``, ``tolist``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from numbers import Integral, Real
from typing import Any
from uuid import UUID

from watchkeeper.errors import RecordError
from watchkeeper.events import (
    Contribution,
    FeatureValue,
    Feedback,
    Label,
    Outcome,
    Output,
    Prediction,
    Record,
)
from watchkeeper.sdk.outbox import Entry


def build(entry: Entry) -> Record:
    """Return the record that a logged call stands for.

    Raises
    ------
    RecordError
        If a value has no place in a record; the message begins with its field.
    """
    if entry.kind == "prediction":
        return _prediction(*entry.fields)
    if entry.kind == "outcome":
        return _outcome(*entry.fields)
    return _feedback(*entry.fields)


def _prediction(
    model: str,
    prediction_id: str,
    logged_at: float,
    time: object,
    features: dict[Any, Any],
    output: object,
    version: object,
    variant: object,
    entity: object,
    latency_seconds: object,
    cost_usd: object,
    error: object,
    tags: object,
    trace_id: object,
    explanation: dict[Any, Any] | None = None,
) -> Prediction:
    # ``logged_at``, in seconds since 1970, stands in for a missing ``time``
    return Prediction(
        model=model,
        prediction_id=prediction_id,
        time=_moment("time", time, logged_at),
        features=_features(features),
        output=_output(output),
        version=_text("version", version) or "",
        variant=_text("variant", variant) or "",
        entity=_text("entity", entity),
        latency_seconds=_number("latency_seconds", latency_seconds),
        cost_usd=_number("cost_usd", cost_usd),
        error=_text("error", error),
        tags=_tags(tags),
        trace_id=_text("trace_id", trace_id),
        explanation=None if explanation is None else _explanation(explanation),
    )


def _outcome(
    model: str, prediction_id: object, logged_at: float, time: object, label: object
) -> Outcome:
    return Outcome(
        model=model,
        prediction_id=_required_text("prediction_id", prediction_id),
        time=_moment("time", time, logged_at),
        label=_label(_unwrapped(label)),
    )


def _label(label: object) -> Label:
    if isinstance(label, (set, frozenset)):
        return sorted(_labels(list(label)))
    if isinstance(label, (list, tuple)) or getattr(label, "ndim", False):
        return _labels(_items("label", label))
    known = _value("label", label)
    if isinstance(known, list):
        raise RecordError("label: expected a number, class, boolean or list of texts, got a list")
    return known.isoformat() if isinstance(known, datetime) else known


def _labels(items: list[Any]) -> list[str]:
    """Return the labels that apply; indicators, one for each label there is, are none."""
    plain = [item for item in items if not isinstance(item, str)]
    if any(isinstance(item, (bool, Real)) or hasattr(item, "dtype") for item in plain):
        message = (
            "label: expected the labels that apply as texts, got a list of numbers; pass for "
            "example [name for name, is_true in zip(names, indicators) if is_true]"
        )
        raise RecordError(message)
    return [_required_text("label", item) for item in items]


def _feedback(
    model: str,
    feedback_id: str,
    logged_at: float,
    time: object,
    kind: object,
    entity: object,
    item: object,
    prediction_id: object,
    position: object,
    amount: object,
) -> Feedback:
    rank = _number("position", position)
    if rank is not None and rank != int(rank):
        message = f"position: expected a whole rank from 0, got {rank}; count shown items from 0"
        raise RecordError(message)
    return Feedback(
        model=model,
        feedback_id=feedback_id,
        time=_moment("time", time, logged_at),
        kind=_required_text("kind", kind),
        entity=_text("entity", entity),
        item=_text("item", item),
        prediction_id=_text("prediction_id", prediction_id),
        position=None if rank is None else int(rank),
        amount=_number("amount", amount),
    )


def _features(features: dict[Any, Any]) -> dict[str, FeatureValue]:
    converted: dict[str, FeatureValue] = {}
    for name, value in features.items():
        key = name if type(name) is str else _required_text("features", name)
        if key in converted:
            message = f"features: two are called {key!r} once written as text; rename one"
            raise RecordError(message)
        kind = type(value)
        if kind is float or kind is str or kind is bool or value is None:
            converted[key] = value
        else:
            converted[key] = _value(f"features.{key}", value)
    return converted


def _explanation(explanation: dict[Any, Any]) -> dict[str, Contribution]:
    converted: dict[str, Contribution] = {}
    for name, value in explanation.items():
        key = name if type(name) is str else _required_text("explanation", name)
        if key in converted:
            message = f"explanation: two are called {key!r} once written as text; rename one"
            raise RecordError(message)
        converted[key] = value if type(value) is float else _number(f"explanation.{key}", value)
    return converted


def _output(output: object) -> Output:
    if isinstance(output, Mapping):
        return {
            _required_text("output", name): _probability(f"output.{name}", share)
            for name, share in output.items()
        }
    output = _unwrapped(output)
    if isinstance(output, (list, tuple)) or getattr(output, "ndim", False):
        items = output if isinstance(output, (list, tuple)) else _items("output", output)
        if any(isinstance(item, Real) and not isinstance(item, (bool, Integral)) for item in items):
            message = (
                "output: expected a ranked list of items, got a list of fractions; pass "
                "probabilities as a mapping from class to probability"
            )
            raise RecordError(message)
        return [_required_text("output", item) for item in items]
    value = _value("output", output)
    if isinstance(value, (datetime, list)):
        return str(value)
    return value


def _unwrapped(value: Any) -> object:
    """Return the only element of an array of one, as ``model.predict`` gives for one row."""
    if getattr(value, "ndim", 0) and getattr(value, "size", 0) == 1 and hasattr(value, "tolist"):
        return value.reshape(-1)[0]
    return value


def _value(field: str, value: Any) -> FeatureValue:
    """Return a scalar or a list of numbers in the types of a record."""
    if isinstance(value, Enum):
        return _value(field, value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):  # pandas.NaT is one, and unequal to itself
        return _in_utc(value) if value == value else None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (time, UUID)):
        return str(value)
    if isinstance(value, Decimal):
        return math.nan if value.is_nan() else float(value)
    if hasattr(value, "dtype") or isinstance(value, (list, tuple)):
        return _of_array(field, value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if type(value).__name__ == "NAType":  # pandas.NA
        return None
    message = (
        f"{field}: expected a number, text, boolean, time stamp, null or a list of numbers, "
        f"got {type(value).__name__}"
    )
    raise RecordError(message)


def _of_array(field: str, value: Any) -> FeatureValue:
    """Return what a NumPy-like scalar, an array of one dimension, a list or a tuple holds."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in ("M", "m") and not getattr(value, "ndim", 0):
        value = value.astype("datetime64[us]" if kind == "M" else "timedelta64[us]")
    if hasattr(value, "dtype") and not getattr(value, "ndim", 0):
        plain = value.item()
        if hasattr(plain, "dtype"):  # an extended float that Python has no scalar for
            return float(plain)
        return _value(field, plain)
    return [_element(field, item) for item in _items(field, value)]


def _items(field: str, value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    if getattr(value, "ndim", 1) != 1:
        message = f"{field}: expected one dimension, got {value.ndim}; flatten it first"
        raise RecordError(message)
    return list(value.tolist())


def _element(field: str, item: object) -> float:
    if type(item) is float:
        return item
    number = _value(field, item)
    if isinstance(number, (bool, int, float)):
        return float(number)
    message = f"{field}: expected a list of numbers, got one with {type(item).__name__} in it"
    raise RecordError(message)


def _probability(field: str, share: object) -> float:
    number = _number(field, share)
    if number is None:
        message = f"{field}: expected a probability, got null"
        raise RecordError(message)
    return number


def _number(field: str, value: object) -> float | None:
    if value is None:
        return None
    number = _value(field, _unwrapped(value))
    if number is None or (isinstance(number, (int, float)) and not isinstance(number, bool)):
        return None if number is None else float(number)
    message = f"{field}: expected a number or null, got {type(value).__name__}"
    raise RecordError(message)


def _text(field: str, value: object) -> str | None:
    if value is None or type(value) is str:
        return value
    plain = _value(field, value)
    if plain is None:
        return None
    if isinstance(plain, (str, int, float)) and not isinstance(plain, bool):
        return str(plain)
    message = f"{field}: expected text, got {type(value).__name__}"
    raise RecordError(message)


def _required_text(field: str, value: object) -> str:
    text = _text(field, value)
    if text is None:
        message = f"{field}: expected text, got null"
        raise RecordError(message)
    return text


def _tags(tags: object) -> dict[str, str]:
    if tags is None:
        return {}
    if not isinstance(tags, Mapping):
        message = f"tags: expected a mapping from name to text, got {type(tags).__name__}"
        raise RecordError(message)
    return {
        _required_text("tags", name): str(_value(f"tags.{name}", value))
        for name, value in tags.items()
        if value is not None
    }


def _moment(field: str, given: object, logged_at: float) -> datetime:
    if given is None:
        return datetime.fromtimestamp(logged_at, UTC)
    moment = (
        _value(field, given) if not isinstance(given, date) or isinstance(given, datetime) else None
    )
    if not isinstance(moment, datetime):
        message = f"{field}: expected an aware datetime, got {type(given).__name__}"
        raise RecordError(message)
    if isinstance(given, datetime) and given.tzinfo is None:
        message = (
            f"{field}: expected an aware datetime, got {given} without a time zone; "
            "use datetime.now(timezone.utc)"
        )
        raise RecordError(message)
    return moment


def _in_utc(moment: datetime) -> datetime:
    """Return a plain datetime in UTC; a naive one is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    moment = moment.astimezone(UTC)
    return datetime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        tzinfo=UTC,
    )
