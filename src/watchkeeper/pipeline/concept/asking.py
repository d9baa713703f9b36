"""The watch over a model's loss, read from what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime

from watchkeeper.pipeline.concept.answer import Concept, Improvement, RiskStep
from watchkeeper.pipeline.concept.state import ConceptState
from watchkeeper.pipeline.concept.wording import loss_name
from watchkeeper.pipeline.stored import check_model
from watchkeeper.store import IncidentKey, Store
from watchkeeper.watch.concept import LossScale, RiskWatch, TraceStep

_NO_BASELINE = (
    "Set a baseline, and the loss of what comes after it is held against that of its reference."
)
_NO_LABEL = "No prediction has a label yet; nothing about its relation to the inputs can be seen."
_LEARNING = "Too few labels have come to know what is normal: {have} of 256."
_OWN = (
    "The reference has too few labels: the first {own} labels after it are held for normal,"
    " whatever they were like."
)
_WITH_ERRORS = (
    "Changes that leave the mean loss as it is, some predictions better and others worse, cannot"
    " be seen here."
)


def concept(store: Store, model: str) -> Concept:
    """Return how the watch over a model's loss stands.

    Raises
    ------
    DataError
        If the store has no such model.
    """
    check_model(store, model)
    if model not in store.watch_log.watched():
        return Concept(state="unwatched", said=(_NO_BASELINE,))
    kept = store.quality.concept.get(model)
    state = ConceptState.from_bytes(kept.payload)
    if state.by is None or state.watch is None:
        return Concept(state="unwatched", said=(state.why_not or _NO_LABEL,))
    watch, by = state.watch, state.by
    settings = store.operating.in_force(model).quality
    steps = tuple(_step(one, watch.scale) for one in watch.trace.steps)
    monitor = watch.monitor
    key = None
    if state.incident_id is not None:
        key = str(IncidentKey(model=model, version=0, incident_id=state.incident_id))
    return Concept(
        state="learning" if monitor is None else "calm" if watch.risen is None else "risen",
        loss=by.plan.loss,
        loss_name=loss_name(by.plan.loss),
        unit=settings.cost_unit if settings is not None and by.plan.loss == "cost" else None,
        normal=watch.normal,
        now=steps[-1].loss if steps else None,
        tolerance=by.plan.tolerance,
        mean_labels=None if monitor is None else monitor.settings.mean_rows,
        labels=0 if monitor is None else monitor.rows,
        reference_labels=watch.reference_rows - watch.own_rows,
        waiting=max(store.last_sequence(model) - kept.sequence, 0),
        alarms=state.alarms,
        incident=key,
        improvements=tuple(
            Improvement(at=o.at, since=o.since, before=o.before, now=o.now, labels=o.rows)
            for o in state.falls
        ),
        steps=steps,
        said=tuple(_said(watch)),
    )


def _step(step: TraceStep, scale: LossScale) -> RiskStep:
    return RiskStep(
        start=_moment(step.start),
        end=_moment(step.end),
        labels=step.rows,
        loss=scale.from_unit(step.total / step.rows),
        evidence_ratio=round(step.evidence, 6),
    )


def _said(watch: RiskWatch) -> list[str]:
    if watch.monitor is None:
        return [_LEARNING.format(have=len(watch.losses))]
    said = [_OWN.format(own=watch.own_rows)] if watch.own_rows else []
    return [*said, _WITH_ERRORS]


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC)
