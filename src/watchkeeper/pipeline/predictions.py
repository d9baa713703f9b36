"""Stored predictions: the newest that fit, one by its id, and all that is known of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from watchkeeper.errors import DataError
from watchkeeper.pipeline.incident_list import list_incidents
from watchkeeper.store import Place, Store, Wanted, misfit_column

_WITHIN = ("sequence", "row")
_UNLISTED = ("explanation:", "misfit:explanation:")
_PLACE = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,9})")
# Microseconds since 1970 of the years 1 and 9999.
_FIRST_TIME, _LAST_TIME = -62_135_596_800_000_000, 253_370_764_800_000_000
_MOST_FOLLOWING = 100
_OWN_GROUPS = ("feature:", "tag:", "output:", "explanation:")


class PredictionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions, newest first; what features contributed to each is in its own page.

    Attributes
    ----------
    columns, rows
        Names as in stored tables (``feature:<name>``, ``output``, ``tag:<name>``), and the values.
    next
        What to give as ``before`` for those that follow; ``None`` at the end.
    """

    columns: list[str]
    rows: list[list[Any]]
    next: str | None


class PredictionFound(msgspec.Struct, frozen=True, kw_only=True):
    """A prediction of an id in some model."""

    model: str
    prediction_id: str
    time: datetime
    version: str | None
    output: Any


class OutcomeKept(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome of a prediction."""

    time: datetime
    label: Any
    received_at: datetime | None
    sequence: int


class FeedbackKept(msgspec.Struct, frozen=True, kw_only=True):
    """Feedback on a prediction; ``item`` and what follows as far as they were given."""

    feedback_id: str
    time: datetime
    kind: str
    entity: str | None
    item: str | None
    position: int | None
    amount: float | None
    received_at: datetime | None
    sequence: int


class BucketOf(msgspec.Struct, frozen=True, kw_only=True):
    """The judged bucket that a prediction's time falls into.

    ``was_late`` says that the bucket had been judged before the prediction came.
    """

    number: int
    start: datetime
    end: datetime
    evidence: float
    was_late: bool


class PredictionAudit(msgspec.Struct, frozen=True, kw_only=True):
    """Where a prediction lies and what came of it.

    Attributes
    ----------
    sequence
        Its entry in the journal.
    received_at
        When it came; known until it is sealed.
    sealed_file, file_sha256, sealed_at
        The file that holds it, its hash, and since when; ``None`` while it is in the journal.
    bucket
        By the newest baseline; ``None`` before it is judged, or for buckets of rows.
    incidents
        Ids of the model's incidents that went on at its time.
    """

    sequence: int
    received_at: datetime | None
    sealed_file: str | None
    file_sha256: str | None
    sealed_at: datetime | None
    bucket: BucketOf | None
    incidents: list[str]


class PredictionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A prediction, what became of it, and how it was kept.

    ``output`` is one value, or for probabilities one by class. ``explanation`` has what each
    feature contributed to it, largest amounts first. ``outlier_score`` is 1 or more for an outlier,
    ``None`` if it was not scored; ``outlier_columns`` are what makes it one, the strongest first.
    Outcomes and feedback: the newest 100 of each, newest first.
    """

    model: str
    prediction_id: str
    time: datetime
    version: str | None
    variant: str | None
    entity: str | None
    features: dict[str, Any]
    output: Any
    latency_seconds: float | None
    cost_usd: float | None
    error: str | None
    tags: dict[str, Any]
    trace_id: str | None
    outlier_score: float | None
    outlier_columns: list[str]
    explanation: dict[str, Any]
    outcomes: list[OutcomeKept]
    feedback: list[FeedbackKept]
    audit: PredictionAudit


def newest_predictions(
    store: Store,
    model: str,
    wanted: Wanted,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    before: str | None = None,
    limit: int,
) -> PredictionPage:
    """Return the newest predictions that fit, newest first, with ``start <= time < end``.

    Parameters
    ----------
    before
        As an earlier page gave it.

    Raises
    ------
    DataError
        If ``before`` is none.
    """
    place = None if before is None else _parsed(before)
    table = store.explorer.newest(
        model, wanted, start=start, end=end, before=place, limit=limit + 1
    )
    following = None
    if table.num_rows > limit:
        table = table.slice(0, limit)
        following = _text(_place(table.slice(limit - 1, 1).to_pylist()[0]))
    shown = table.select(
        [n for n in table.column_names if n not in _WITHIN and not n.startswith(_UNLISTED)]
    )
    columns = [[cell(v) for v in column.to_pylist()] for column in shown.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return PredictionPage(columns=shown.column_names, rows=rows, next=following)


def find_predictions(store: Store, prediction_id: str) -> list[PredictionFound]:
    """Return the predictions of an id over all models."""
    models = [summary.model for summary in store.models()]
    return [
        PredictionFound(
            model=model,
            prediction_id=prediction_id,
            time=row["time"],
            version=row["version"],
            output=_output(row),
        )
        for model in store.explorer.models_with(prediction_id, models)
        for row in store.explorer.prediction(model, prediction_id).to_pylist()
    ]


def prediction_detail(
    store: Store, model: str, prediction_id: str, *, now: datetime
) -> PredictionDetail | None:
    """Return all that is known of a prediction, ``None`` if there is none of this id."""
    table = store.explorer.prediction(model, prediction_id)
    if table.num_rows == 0:
        return None
    [row] = table.to_pylist()
    return PredictionDetail(
        model=model,
        prediction_id=prediction_id,
        time=row["time"],
        version=row["version"],
        variant=row["variant"],
        entity=row["entity"],
        features=_group(row, "feature:"),
        output=_output(row),
        latency_seconds=cell(row["latency_seconds"]),
        cost_usd=cell(row["cost_usd"]),
        error=row["error"],
        tags=_group(row, "tag:"),
        trace_id=row["trace_id"],
        outlier_score=row.get("outlier_score"),
        outlier_columns=row.get("outlier_columns") or [],
        explanation=_largest_first(_group(row, "explanation:")),
        outcomes=_outcomes(store, model, prediction_id),
        feedback=_feedback(store, model, prediction_id),
        audit=_audit(store, model, row, now),
    )


def cell(value: Any) -> Any:
    """Return a stored value as JSON can hold it: no number is NaN or infinite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, list):
        return [cell(one) for one in value]
    return value


def _outcomes(store: Store, model: str, prediction_id: str) -> list[OutcomeKept]:
    table = store.explorer.outcomes(model, prediction_id, limit=_MOST_FOLLOWING)
    return [
        OutcomeKept(
            time=row["time"],
            label=_value(row, "label"),
            received_at=_received(store, row["sequence"]),
            sequence=row["sequence"],
        )
        for row in table.to_pylist()
    ]


def _feedback(store: Store, model: str, prediction_id: str) -> list[FeedbackKept]:
    table = store.explorer.feedback(model, prediction_id, limit=_MOST_FOLLOWING)
    return [
        FeedbackKept(
            feedback_id=row["feedback_id"],
            time=row["time"],
            kind=row["kind"],
            entity=row["entity"],
            item=row["item"],
            position=row["position"],
            amount=cell(row["amount"]),
            received_at=_received(store, row["sequence"]),
            sequence=row["sequence"],
        )
        for row in table.to_pylist()
    ]


def _audit(store: Store, model: str, row: Mapping[str, Any], now: datetime) -> PredictionAudit:
    place = _place(row)
    file = store.explorer.sealed_in(model, row["prediction_id"], place)
    time: datetime = row["time"]
    told = list_incidents(store, now=now, model=model, end=time.max.replace(tzinfo=time.tzinfo))
    return PredictionAudit(
        sequence=place.sequence,
        received_at=_received(store, place.sequence),
        sealed_file=None if file is None else file.path,
        file_sha256=None if file is None else file.sha256,
        sealed_at=None if file is None else datetime.fromisoformat(file.sealed_at),
        bucket=_bucket(store, model, time, place.sequence),
        incidents=[
            one.id
            for one in told
            if (began := one.since or one.opened_at) is not None
            and began <= time
            and (one.closed_at is None or time < one.closed_at)
        ],
    )


def _bucket(store: Store, model: str, time: datetime, sequence: int) -> BucketOf | None:
    version = store.watch_log.watched().get(model)
    if version is None:
        return None
    bucket = store.watch_log.bucket_at(model, version, time)
    if bucket is None or bucket.start is None or bucket.end is None:
        return None
    return BucketOf(
        number=bucket.number,
        start=datetime.fromisoformat(bucket.start),
        end=datetime.fromisoformat(bucket.end),
        evidence=bucket.evidence,
        was_late=sequence > bucket.closed_at_sequence,
    )


def _received(store: Store, sequence: int) -> datetime | None:
    received = store.explorer.received_at(sequence)
    return None if received is None else datetime.fromisoformat(received)


def _group(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the values of a group by their plain names, in the order of the names."""
    names = {name for name in map(_told_of, row) if name.startswith(prefix)}
    values = {name.removeprefix(prefix): _value(row, name) for name in sorted(names)}
    return {name: value for name, value in values.items() if value is not None}


def _largest_first(contributions: Mapping[str, Any]) -> dict[str, Any]:
    """Sort contributions by their amount; one that was infinite is told as text."""
    return dict(sorted(contributions.items(), key=lambda item: -abs(float(item[1]))))


def _told_of(column: str) -> str:
    """Return the column that a stored one tells of: for a misfit, the one it stands in for."""
    plain = column.removeprefix("misfit:")
    if plain == column or plain.startswith(_OWN_GROUPS):
        return plain
    return plain if plain in {"output", "label"} else f"feature:{plain}"


def _value(row: Mapping[str, Any], name: str) -> Any:
    """Return a value; of another type than its column's, as it came."""
    value = row.get(name)
    if value is not None:
        return cell(value)
    text = row.get(misfit_column(name))
    return None if text is None else msgspec.json.decode(text)


def _output(row: Mapping[str, Any]) -> Any:
    value = _value(row, "output")
    return value if value is not None else _group(row, "output:") or None


def _place(row: Mapping[str, Any]) -> Place:
    time: datetime = row["time"]
    return Place(time=_microseconds(time), sequence=row["sequence"], row=row["row"])


def _microseconds(time: datetime) -> int:
    [value] = pa.array([time], pa.timestamp("us", "UTC")).cast(pa.int64()).to_pylist()
    return int(value)


def _text(place: Place) -> str:
    return f"{place.time}.{place.sequence}.{place.row}"


def _parsed(text: str) -> Place:
    match = _PLACE.fullmatch(text)
    if match is not None:
        time, sequence, row = (int(part) for part in match.groups())
        if _FIRST_TIME <= time <= _LAST_TIME:
            return Place(time=time, sequence=sequence, row=row)
    raise DataError(f"before: expected what an earlier page gave as 'next', got {text!r}")
