"""Quality cells follow the labels: those that a new label touches are measured again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from time import monotonic

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.pipeline.quality.answer_forms import AnswerForms
from watchkeeper.pipeline.quality.cell import QualityCell, kept_metrics
from watchkeeper.pipeline.quality.day import (
    DayRows,
    cells_of,
    read_rows,
    scorable_rows,
)
from watchkeeper.pipeline.quality.days_ahead import DaysAhead
from watchkeeper.pipeline.quality.item_facts import popularity_cells, popularity_of
from watchkeeper.pipeline.quality.plan import (
    KeptPlan,
    Measuring,
    QualityPlan,
    measuring_of,
    plan_of,
)
from watchkeeper.pipeline.quality.scorable_lists import ScorableLists
from watchkeeper.pipeline.quality.seen import seen_in
from watchkeeper.pipeline.quality.task import Untold, task_of
from watchkeeper.store import DAY, HOUR, REFERENCE, KeptCell, Kind, QualityKey, Store

_OUTCOMES_AT_ONCE = 1_000_000
_MOST_REFERENCE_ROWS = 500_000
_TURN_SECONDS = 2.0
_REST = 4.0
_LONGEST_REST_SECONDS = 600.0


class QualityRollup:
    """Measures predictions whose labels come, exactly and from their rows, hour by hour.

    Which hours wait to be measured lies in the store, so that one that was killed goes on there,
    and several processes share the work.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: dict[str, float] = {}
        self._plans: dict[str, QualityPlan] = {}
        self._forms = AnswerForms(store)
        self._known: tuple[int, dict[str, int], dict[str, int]] | None = None

    def advance(self, *, at_once: bool = False) -> int:
        """Take up new outcomes, and return how many days were measured.

        Parameters
        ----------
        at_once
            Whether all of it is done now. Otherwise a model has a turn of about two seconds, and
            then rests four times as long as that took.

        Raises
        ------
        StoreError
            If rows cannot be read.
        """
        self._learn()
        done = 0
        for model, newest in self._store.quality.rows.models().items():
            if not at_once and monotonic() < self._due.get(model, 0.0):
                continue
            begun = monotonic()
            done += self._advance(model, newest, at_once=at_once)
            rest = min(_REST * (monotonic() - begun), _LONGEST_REST_SECONDS)
            self._due[model] = monotonic() + rest
        return done

    def _advance(self, model: str, newest: int, *, at_once: bool) -> int:
        if self._forms.look(model):
            self._plans.pop(model, None)
        kept = self._kept(model)
        while self._take_up(model, newest, kept.plan) and at_once:
            pass
        ahead = DaysAhead(self._store.quality, model) if at_once else None
        begun, done = monotonic(), 0
        while days := self._store.quality.pending(model):
            # What all else is held against comes first, then the newest day.
            day = REFERENCE if REFERENCE in days else next(iter(days))
            if not self._measure(model, day, days, ahead):
                break  # another process does
            done += 1
            if not at_once and monotonic() - begun >= _TURN_SECONDS:
                break
        return done

    def _learn(self) -> None:
        """Forget plans by settings and baselines that are in force no longer."""
        known = (
            self._store.settings.revision(),
            self._store.watch_log.watched(),
            self._store.quality.traits.revisions(),
        )
        if known != self._known:
            self._known = known
            self._plans.clear()

    def _kept(self, model: str) -> KeptPlan:
        """Return by what is measured; if that changed, all is measured again."""
        plan = self._plan(model)
        kept = KeptPlan.from_bytes(self._store.quality.progress(model).plan)
        if kept.plan == plan:
            return kept
        return self._begin_again(model, KeptPlan(plan=plan, seen=kept.seen))

    def _plan(self, model: str) -> QualityPlan:
        if model in self._plans:
            return self._plans[model]
        assert self._known is not None
        _, versions, traits = self._known
        plan = plan_of(
            self._store,
            model,
            versions.get(model),
            forms=self._forms,
            traits=traits.get(model, 0),
        )
        if self._forms.is_known(model):  # else outcomes came before any prediction
            self._plans[model] = plan
        return plan

    def _begin_again(self, model: str, kept: KeptPlan) -> KeptPlan:
        hours = set(self._store.quality.hours(model))
        if kept.plan.reference is not None:
            hours.add(REFERENCE)
        self._store.quality.begin_again(model, kept.to_bytes(), hours=hours)
        return kept

    def _take_up(self, model: str, newest: int, plan: QualityPlan) -> bool:
        """Note which hours new outcomes touch; return whether there may be more."""
        store, rows = self._store, self._store.quality.rows
        after = store.quality.progress(model).sequence
        waiting = store.quality.orphans(model)
        last = store.last_sequence(model) if len(waiting) or plan.is_ranked else newest
        if last <= after:
            return False
        # As long as it is not known what a model answers with, feedback may be about lists.
        by_feedback = plan.is_ranked or not self._forms.is_known(model)
        kinds: tuple[Kind, ...] = ("outcome", "feedback") if by_feedback else ("outcome",)
        stop = rows.next_stop(
            model, after=after, up_to=last, most_rows=_OUTCOMES_AT_ONCE, kinds=kinds
        )
        fresh = rows.fresh(model, after=after, up_to=stop, kinds=kinds)
        found = rows.find_labelled(model, fresh, up_to=stop)
        came = rows.find_new(model, waiting, after=after, up_to=stop)
        hours = _hours(found) | _hours(came)
        if plan.is_ranked:
            # A list that nobody used counts beside those of its hour that somebody did.
            new = store.estimates.rows.hours(model, start=0, after=after, up_to=stop)
            hours |= set(new) & set(store.quality.hours(model))
        reference = plan.reference
        if reference is not None and any(reference[1] - HOUR < h < reference[2] for h in hours):
            hours.add(REFERENCE)
        store.quality.take_up(
            model,
            after=after,
            up_to=stop,
            kinds=kinds,
            hours=hours,
            fresh=fresh,
            found=found,
            came=came,
        )
        # What outcomes wait for may have come right behind them.
        is_waiting = len(pc.unique(fresh.column("prediction_id"))) > found.num_rows
        return stop < last or (is_waiting and store.last_sequence(model) > stop)

    def _measure(
        self, model: str, day: int, waiting: dict[int, set[int]], ahead: DaysAhead | None
    ) -> bool:
        """Measure a day's waiting hours again; return ``False`` if another process did."""
        hours = waiting[day]
        kept = self._kept(model)
        rows, up_to = self._rows(model, kept.plan, day, waiting, ahead)
        after = _learned(kept, rows)
        if after.task != kept.task and kept.task is not None:
            self._begin_again(model, after)
            hours = self._store.quality.pending(model).get(day, hours)
        cells: dict[QualityKey, KeptCell] = {}
        if after.task is not None:
            measuring = measuring_of(self._store, model, after.plan, after.task)
            if hours == {REFERENCE}:
                cells = _reference(rows, measuring)
            else:
                cells = cells_of(day, hours, rows, measuring)
        before = popularity_of(self._store, model) if hours == {REFERENCE} else {}
        is_kept = self._store.quality.record(
            model, cells, day=day, hours=hours, up_to=up_to, plan=after.to_bytes()
        )
        if is_kept and hours == {REFERENCE} and popularity_of(self._store, model) != before:
            hours_too = self._store.quality.hours(model)
            self._store.quality.begin_again(model, after.to_bytes(), hours=hours_too)
        return is_kept

    def _rows(
        self,
        model: str,
        plan: QualityPlan,
        day: int,
        waiting: Collection[int],
        ahead: DaysAhead | None,
    ) -> tuple[DayRows, int]:
        """Return the rows of a day or the reference, and up to which journal entry they are."""
        up_to = self._store.last_sequence()
        quality = self._store.quality
        if day == REFERENCE:
            assert plan.reference is not None
            _, start, end = plan.reference
            most = _MOST_REFERENCE_ROWS
            return read_rows(
                quality, model, plan, start=start, end=end, up_to=up_to, most_rows=most
            ), up_to
        if ahead is not None:
            return ahead.read(plan, day, waiting, up_to=up_to)
        return read_rows(quality, model, plan, start=day, end=day + DAY, up_to=up_to), up_to


def _learned(kept: KeptPlan, rows: DayRows) -> KeptPlan:
    seen = kept.seen.merged(seen_in(rows.labelled))
    task = task_of(seen, kept.plan.settings)
    if isinstance(task, Untold):
        return KeptPlan(plan=kept.plan, seen=seen, why_not=task.reason)
    return KeptPlan(plan=kept.plan, seen=seen, task=task)


def _hours(found: pa.Table) -> set[int]:
    seconds = found.column("time").cast(pa.int64()).to_numpy() // 1_000_000
    hours: Iterable[int] = np.unique(seconds // HOUR * HOUR).tolist()
    return set(hours)


def _reference(rows: DayRows, measuring: Measuring) -> dict[QualityKey, KeptCell]:
    kept = scorable_rows(rows, measuring)
    cell = QualityCell(
        metrics=tuple(kept_metrics(kept.measured(None, measuring.choice))) if len(kept) else (),
        one_in=rows.one_in,
    )
    key = QualityKey(level=0, dimension="all", value="", start=0)
    total = pc.sum(rows.counted.column("predictions")).as_py() or 0
    count = min(len(kept) * rows.one_in, total)
    cells = {key: KeptCell("", 0, total, count, cell.to_bytes())}
    return cells | popularity_cells(kept.taken()) if isinstance(kept, ScorableLists) else cells
