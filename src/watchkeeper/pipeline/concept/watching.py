"""The losses of all models of a store are watched as labels come, each label once."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic

import msgspec

from watchkeeper.errors import WatchkeeperError
from watchkeeper.events import QualitySettings
from watchkeeper.pipeline.concept.choosing import loss_of, risk_plan
from watchkeeper.pipeline.concept.losing import risk_rows
from watchkeeper.pipeline.concept.state import ConceptState, WatchedBy
from watchkeeper.pipeline.concept.telling import adopted, superseded, tell
from watchkeeper.pipeline.opened import OpenBaseline, open_baseline
from watchkeeper.pipeline.quality.plan import KeptPlan
from watchkeeper.pipeline.quality.seen import PROBABILITY
from watchkeeper.pipeline.quality.task import Untold
from watchkeeper.store import KeptConcept, ServiceIncident, Store
from watchkeeper.watch.concept import RiskWatch

_AT_ONCE = 500_000
_TURN_SECONDS = 2.0
_REST = 4.0
_LONGEST_REST_SECONDS = 600.0


class ConceptWatch:
    """Watches the loss of every model that has a baseline and labels.

    The same records give the same incidents, whenever it looks: predictions are taken in the order
    in which they and their labels were both there; those that came together, by their time. How far
    that got lies in the store, so that one that was killed goes on there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: dict[str, float] = {}

    def advance(self, *, now: datetime, at_once: bool = False) -> list[ServiceIncident]:
        """Take in the labels that have come, and return the incidents that changed.

        Parameters
        ----------
        now
            Time of the incidents in the audit log.
        at_once
            Whether all is taken in, however much it is. Otherwise a model has a turn of about two
            seconds, and then rests four times as long as that took.

        Raises
        ------
        StoreError
            If rows cannot be read.
        """
        changed: list[ServiceIncident] = []
        for model, version in self._store.watch_log.watched().items():
            if not at_once and monotonic() < self._due.get(model, 0.0):
                continue
            begun = monotonic()
            changed += self._advance(model, version, now, at_once=at_once)
            rest = min(_REST * (monotonic() - begun), _LONGEST_REST_SECONDS)
            self._due[model] = monotonic() + rest
        return changed

    def _advance(
        self, model: str, version: int, now: datetime, *, at_once: bool
    ) -> list[ServiceIncident]:
        plan = self._store.quality.progress(model).plan
        if not plan:  # no label has ever come
            return []
        quality = KeptPlan.from_bytes(plan)
        settings = quality.plan.settings
        by = self._by(model, version, quality)
        begun, changed = monotonic(), list[ServiceIncident]()
        while True:
            kept = self._store.quality.concept.get(model)
            state = ConceptState.from_bytes(kept.payload)
            if isinstance(by, str) or state.by != by:
                told = self._begin_again(model, kept, state, by, now)
                changed += told
                if isinstance(by, str):
                    return changed
                continue
            told, is_done = self._step(model, kept, state, settings, now)
            changed += told
            if is_done or (not at_once and monotonic() - begun >= _TURN_SECONDS):
                return changed

    def _by(self, model: str, version: int, quality: KeptPlan) -> WatchedBy | str:
        """Return by what the loss is watched, or why it is not."""
        if quality.task is None:
            return quality.why_not or "No prediction has a label yet."
        settings = quality.plan.settings
        loss = loss_of(quality.task, settings)
        if isinstance(loss, Untold):
            return loss.reason
        try:
            opened = open_baseline(self._store, model, version)
        except (WatchkeeperError, msgspec.MsgspecError):
            return "The baseline cannot be read."  # the watch of this model tells of it
        fitted = opened.fitted
        return WatchedBy(
            version=version,
            begins=opened.setup.begins,
            task=quality.task,
            plan=risk_plan(
                loss,
                settings,
                false_alarm_buckets=opened.false_alarm_buckets,
                reference_buckets=_reference_buckets(opened),
                rows_a_bucket=fitted.rows / max(fitted.buckets, 1),
            ),
            threshold=settings.threshold,
            cost_matrix=(settings.cost_matrix or ()) if loss == "cost" else (),
            timezone=opened.setup.timezone,
        )

    def _begin_again(
        self,
        model: str,
        kept: KeptConcept,
        state: ConceptState,
        by: WatchedBy | str,
        now: datetime,
    ) -> list[ServiceIncident]:
        if isinstance(by, str):
            if state.by is None and state.why_not == by:
                return []
            fresh = ConceptState(why_not=by)
        else:
            fresh = ConceptState(by=by, watch=RiskWatch.start(by.plan))
        at = _latest_moment(state, now)
        told = self._record(superseded(self._store, model, at=at), now)
        self._store.quality.concept.put(model, KeptConcept(0, kept.revision + 1, fresh.to_bytes()))
        return told

    def _step(
        self,
        model: str,
        kept: KeptConcept,
        state: ConceptState,
        settings: QualitySettings,
        now: datetime,
    ) -> tuple[list[ServiceIncident], bool]:
        """Take in some labels; return what changed, and whether there are no more."""
        assert state.by is not None and state.watch is not None
        store = self._store
        told: list[ServiceIncident] = []
        taken = adopted(store, state, at=_latest_moment(state, now))
        if taken is not None:
            state.watch.adopt()
            state.incident_id = None
            told.append(taken)
        newest = store.last_sequence(model)
        stop = kept.sequence
        if newest > kept.sequence:
            stream = store.quality.stream
            stop = stream.next_stop(model, after=kept.sequence, up_to=newest, most_rows=_AT_ONCE)
            table = stream.read(model, ("output", PROBABILITY), after=kept.sequence, up_to=stop)
            by = state.by
            begins = int(by.begins.timestamp() * 1_000_000)
            rows = risk_rows(table, by.task, by.plan.loss, settings, begins=begins)
            told += tell(store, model, state, state.watch.feed(rows), settings.cost_unit)
        if stop == kept.sequence and not told:
            return [], True
        # First the incidents: whoever goes on from the state before finds the same ones again.
        changed = self._record(told, now)
        going_on = KeptConcept(stop, kept.revision + 1, state.to_bytes())
        self._store.quality.concept.put(model, going_on)
        return changed, stop >= newest

    def _record(self, told: list[ServiceIncident], now: datetime) -> list[ServiceIncident]:
        return [one for one in told if self._store.service_incidents.record(one, now=now)]


def _reference_buckets(opened: OpenBaseline) -> float:
    fitted, length = opened.fitted, opened.setup.bucketing().length
    if length is None or fitted.start is None:
        return float(fitted.buckets)
    return (opened.setup.begins - fitted.start) / length


def _latest_moment(state: ConceptState, now: datetime) -> datetime:
    """Return the newest time that the watch has seen, by the clock of the events."""
    if state.watch is None or not state.watch.newest:
        return now
    return datetime.fromtimestamp(state.watch.newest // 1_000_000, UTC)
