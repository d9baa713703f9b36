"""How the models of a store are, at a glance and in detail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from watchkeeper.errors import DataError
from watchkeeper.pipeline.column_history import column_type
from watchkeeper.pipeline.opened import OpenBaseline, open_baseline
from watchkeeper.pipeline.service_over_time import ServiceSummary, service_summary
from watchkeeper.pipeline.silence import silent_until
from watchkeeper.pipeline.stored import check_model
from watchkeeper.pipeline.stored_buckets import first_bucket
from watchkeeper.profiles import OTHER
from watchkeeper.store import Arrival, ClosedBucket, ModelSummary, Store
from watchkeeper.watch import Cycle, Incident, NotEnough

Standing: TypeAlias = Literal["incident", "stalled", "silent", "learning", "ok", "unwatched"]
Severity: TypeAlias = Literal["critical", "warning"]

_SHOWN_EVIDENCE = 60


class ModelState(msgspec.Struct, frozen=True, kw_only=True):
    """One model at a glance; what is not known, or makes no sense before a baseline, is null.

    Attributes
    ----------
    state
        ``incident``: one is open. ``unwatched``: there is no baseline. ``stalled``: two or more
        complete buckets wait to be judged. ``silent``: predictions have stopped coming, by the
        model's own pace. ``learning``: no bucket is judged yet by the newest baseline. Else ``ok``.
        What comes first here counts.
    open_incidents, worst_severity
        Of drift and rules by the newest baseline, and of objectives, budgets and quality.
    last_event_time, last_arrival
        Latest event time, and when it came in.
    evidence_ratio, evidence
        Of the last judged bucket, as a multiple of what opens an incident, and of the last 60.
    service
        The last hour with predictions.
    """

    model: str
    predictions: int
    outcomes: int
    feedback: int
    state: Standing
    open_incidents: int
    worst_severity: Severity | None
    bucket: str | None = None
    budget: str | None = None
    time_zone: str | None = None
    baseline_version: int | None = None
    last_event_time: datetime | None
    last_arrival: datetime | None
    last_bucket_end: datetime | None = None
    evidence_ratio: float | None = None
    evidence: list[float] = []
    service: ServiceSummary | None = None


class BaselineFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A baseline as it was set."""

    version: int
    created_at: str
    note: str
    begins: datetime
    bucket: str
    budget: str
    time_zone: str
    rows: int
    lateness_seconds: float


class WatchedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A watched column of all rows or of a segment, with the cycles that it follows."""

    name: str
    segment: str
    type: str
    weight: float
    cycles: list[Cycle]


class ModelDetail(ModelState, frozen=True, kw_only=True):
    """One model in detail.

    Attributes
    ----------
    not_enough
        What the reference was too short for.
    ignored
        Columns that are not watched, with the reason.
    versions, variants
        Of the predictions of the last 400 days.
    segments
        Segments that are watched, as ``name=value``.
    horizon
        Feature or tag that tells how many steps ahead a forecast looks.
    oldest_bucket, newest_bucket
        Start of the first judged bucket, and of the last.
    """

    baseline: BaselineFacts | None = None
    columns: list[WatchedColumn] = []
    not_enough: list[NotEnough] = []
    ignored: dict[str, str] = {}
    versions: list[str] = []
    variants: list[str] = []
    segments: list[str] = []
    horizon: str | None = None
    oldest_bucket: datetime | None = None
    newest_bucket: datetime | None = None


def model_states(store: Store, *, now: datetime) -> list[ModelState]:
    """Return every model at a glance, by name."""
    watched = store.watch_log.watched()
    return [_state(store, summary, watched.get(summary.model), now) for summary in store.models()]


def model_detail(store: Store, model: str, *, now: datetime) -> ModelDetail:
    """Return one model in detail.

    Raises
    ------
    DataError
        If the store has no such model.
    """
    summary = next((one for one in store.models() if one.model == model), None)
    if summary is None:
        check_model(store, model)
        raise DataError(f"model {model!r} was removed just now")
    version = store.watch_log.watched().get(model)
    quality = store.operating.in_force(model).quality
    glance = ModelDetail(
        **msgspec.structs.asdict(_state(store, summary, version, now)),
        versions=_names(store, model, "version"),
        variants=_names(store, model, "variant"),
        horizon=None if quality is None else quality.horizon,
    )
    if version is None:
        return glance
    baseline = open_baseline(store, model, version)
    fitted, setup = baseline.fitted, baseline.setup
    oldest = store.watch_log.buckets(model, version, last=0)
    newest = store.watch_log.last_bucket(model, version)
    return msgspec.structs.replace(
        glance,
        baseline=BaselineFacts(
            version=version,
            created_at=baseline.created_at,
            note=baseline.note,
            begins=setup.begins,
            bucket=setup.bucket,
            budget=setup.budget,
            time_zone=setup.timezone,
            rows=fitted.rows,
            lateness_seconds=setup.lateness_seconds,
        ),
        columns=_columns(baseline),
        not_enough=list(fitted.not_enough),
        ignored=dict(setup.ignored),
        segments=list(fitted.settings.segments),
        oldest_bucket=_time(oldest[0].start) if oldest else None,
        newest_bucket=_time(newest.start) if newest else None,
    )


def _state(store: Store, summary: ModelSummary, version: int | None, now: datetime) -> ModelState:
    model = summary.model
    arrival, event = store.arrival(model), store.newest_time(model)
    severities = _open_severities(store, model, version)
    glance = ModelState(
        model=model,
        predictions=summary.predictions,
        outcomes=summary.outcomes,
        feedback=summary.feedback,
        state="incident" if severities else "unwatched",
        open_incidents=len(severities),
        worst_severity=min(severities, default=None),
        last_event_time=event,
        last_arrival=None if arrival is None else arrival.received_at,
        service=service_summary(store, model),
    )
    if version is None:
        return glance
    baseline = open_baseline(store, model, version)
    buckets = store.watch_log.newest_buckets(model, version, most=_SHOWN_EVIDENCE)
    last = buckets[-1] if buckets else None
    return msgspec.structs.replace(
        glance,
        state="incident" if severities else _standing(baseline, last, event, arrival, now),
        bucket=baseline.setup.bucket,
        budget=baseline.setup.budget,
        time_zone=baseline.setup.timezone,
        baseline_version=version,
        last_bucket_end=None if last is None else _time(last.end),
        evidence_ratio=None if last is None else last.evidence,
        evidence=[bucket.evidence for bucket in buckets],
    )


def _standing(
    baseline: OpenBaseline,
    last: ClosedBucket | None,
    event: datetime | None,
    arrival: Arrival | None,
    now: datetime,
) -> Standing:
    bucketing = baseline.setup.bucketing()
    if bucketing.length is not None:
        zone = ZoneInfo(baseline.setup.timezone)
        done = first_bucket(baseline.setup) if last is None else _time(last.end)
        assert done is not None
        second = bucketing.next_start(bucketing.next_start(done, zone=zone), zone=zone)
        lateness = timedelta(seconds=baseline.setup.lateness_seconds)
        if event is not None and event >= second + lateness:
            return "stalled"
        if arrival is not None and silent_until(arrival, now, length=bucketing.length) is not None:
            return "silent"
    return "learning" if last is None else "ok"


def _open_severities(store: Store, model: str, version: int | None) -> list[Severity]:
    """Return how bad the open incidents are."""
    found: list[Severity] = [
        incident.severity for incident in store.service_incidents.all(model, open_only=True)
    ]
    if version is not None:
        for saved in store.watch_log.incidents(model, version, is_open=True):
            incident = msgspec.json.decode(saved.payload, type=Incident)
            found.append(incident.severity)
    return found


def _names(store: Store, model: str, dimension: Literal["version", "variant"]) -> list[str]:
    newest = store.service_cells.newest(model)
    if newest is None:
        return []
    names = store.service_cells.names(model, dimension, start=0, end=newest + 1)
    return [name for name in names if name not in ("", OTHER)]


def _columns(baseline: OpenBaseline) -> list[WatchedColumn]:
    weights = baseline.fitted.settings.weights
    return [
        WatchedColumn(
            name=unit.column,
            segment=unit.segment,
            type=column_type(baseline, unit.column),
            weight=weights.get(unit.column, 1.0),
            cycles=list(cycles),
        )
        # The last entry of the cycles is the volume's.
        for unit, cycles in zip(baseline.readings.units, baseline.fitted.cycles, strict=False)
    ]


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
