"""Estimates follow the predictions: hours that new rows or labels touch are estimated again."""

from __future__ import annotations

from datetime import datetime
from time import monotonic

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.pipeline.estimating.cell import EstimatedCell, estimated_cell
from watchkeeper.pipeline.estimating.estimator_facts import EstimatorFacts
from watchkeeper.pipeline.estimating.fitting import fitted, reference_facts, reference_rows
from watchkeeper.pipeline.estimating.model_estimator import ModelEstimator
from watchkeeper.pipeline.quality.plan import KeptPlan
from watchkeeper.store import DAY, HOUR, REFERENCE, EstimateCell, KeptEstimator, Store

HOURLY_DAYS = 10
"""Days, counted back from the newest prediction's, whose single hours are estimated too."""

_ROWS_OF_HOUR, _ROWS_OF_DAY = 1_000, 3_000
_TURN_SECONDS = 2.0
_REST = 4.0
_LONGEST_REST_SECONDS = 600.0
_BETWEEN_FITS_SECONDS = 3_600.0
_GROWN = 1.1


class EstimateRounds:
    """Estimates how good predictions will turn out to be, hour by hour and day by day.

    Which hours wait lies in the store, so that one that was killed goes on there, and several
    processes share the work.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: dict[str, float] = {}
        self._fitted_at: dict[str, float] = {}
        self._open: dict[str, tuple[EstimatorFacts, ModelEstimator | None]] = {}

    def advance(
        self, *, now: datetime, at_once: bool = False, since: datetime | None = None
    ) -> int:
        """Take up new predictions and labels, and return how many days were estimated.

        Parameters
        ----------
        now
            Hours that have not ended yet are left for later.
        at_once
            Whether all of it is done now, hours that have not ended included. Otherwise a model has
            a turn of about two seconds, some more when its estimator is fitted, and then rests four
            times as long as that took.
        since
            Days that ended before are left for later; ``None``: all are estimated.

        Raises
        ------
        StoreError
            If rows cannot be read.
        """
        done = 0
        for model in self._store.watch_log.watched():
            if not at_once and monotonic() < self._due.get(model, 0.0):
                continue
            begun = monotonic()
            done += self._advance(model, now, at_once=at_once, since=since)
            rest = min(_REST * (monotonic() - begun), _LONGEST_REST_SECONDS)
            self._due[model] = monotonic() + rest
        return done

    def _advance(self, model: str, now: datetime, *, at_once: bool, since: datetime | None) -> int:
        plan = self._store.quality.progress(model).plan
        if not plan:  # no label has ever come
            return 0
        kept = KeptPlan.from_bytes(plan)
        facts, estimator = self._learned(model, kept, at_once=at_once)
        if estimator is None:
            return 0
        newest = self._newest(model, now)
        self._take_up(model, facts)
        begun, done = monotonic(), 0
        for day, hours in self._store.estimates.pending(model).items():
            if since is not None and day != REFERENCE and day + DAY <= since.timestamp():
                break  # the newest come first
            if not at_once:
                hours = {hour for hour in hours if hour + HOUR <= newest}
            if day == REFERENCE or not hours:
                continue
            if not self._estimate(model, day, hours, newest, facts, estimator):
                break  # another process does
            done += 1
            if not at_once and monotonic() - begun >= _TURN_SECONDS:
                break
        return done

    def _newest(self, model: str, now: datetime) -> int:
        """Return the latest event time; a clock that runs ahead must not make all else old."""
        newest = self._store.quality.rows.newest(model) or 0
        return min(newest, int(now.timestamp()))

    def _learned(
        self, model: str, kept: KeptPlan, *, at_once: bool
    ) -> tuple[EstimatorFacts, ModelEstimator | None]:
        """Return the model's estimator, fitted anew if what it was fitted on has changed."""
        known = self._store.estimates.facts(model)
        before = None if known is None else EstimatorFacts.from_bytes(known)
        pending = self._store.estimates.pending(model)
        if before is None or not before.fits(kept.plan, kept.task):
            return self._fit(model, kept, None)
        if REFERENCE in pending and (at_once or self._is_worth_fitting(model, before)):
            return self._fit(model, kept, before)
        if before.why_not is not None:
            return before, None
        if model not in self._open or self._open[model][0] != before:
            found = self._store.estimates.estimator(model)
            assert found is not None
            estimator = ModelEstimator.from_bytes(found.payload, before)
            self._open[model] = EstimatorFacts.from_bytes(found.facts), estimator
        return self._open[model]

    def _is_worth_fitting(self, model: str, before: EstimatorFacts) -> bool:
        """Return whether the reference has many more labels, or was not looked at for an hour."""
        cell = self._store.quality.reference(model)
        labelled = 0 if cell is None else cell.labelled
        last = self._fitted_at.get(model)
        is_long_ago = last is None or monotonic() - last >= _BETWEEN_FITS_SECONDS
        return is_long_ago or labelled > _GROWN * before.labelled

    def _fit(
        self, model: str, kept: KeptPlan, before: EstimatorFacts | None
    ) -> tuple[EstimatorFacts, ModelEstimator | None]:
        store, up_to = self._store, self._store.last_sequence()
        self._fitted_at[model] = monotonic()
        facts = reference_facts(store, model, kept)
        found = KeptEstimator(facts=facts.to_bytes(), payload=b"")
        hours: list[int] = []
        if facts.why_not is None:
            facts, table = reference_rows(store, model, facts, up_to=up_to)
            if before is not None and before.digest == facts.digest:
                store.estimates.forget(model, {REFERENCE}, up_to=up_to)
                return self._learned(model, kept, at_once=False)
            found = fitted(facts, table)
        if found.payload:
            hours = store.estimates.rows.hours(model, start=_begins(facts), after=0, up_to=up_to)
        store.estimates.begin_again(model, found, hours=hours, up_to=up_to)
        facts = EstimatorFacts.from_bytes(found.facts)
        estimator = ModelEstimator.from_bytes(found.payload, facts) if found.payload else None
        self._open[model] = facts, estimator
        return self._open[model]

    def _take_up(self, model: str, facts: EstimatorFacts) -> None:
        """Note which hours new predictions touch."""
        estimates = self._store.estimates
        after, up_to = estimates.progress(model).sequence, self._store.last_sequence(model)
        if up_to > after:
            hours = estimates.rows.hours(model, start=_begins(facts), after=after, up_to=up_to)
            estimates.take_up(model, after=after, up_to=up_to, hours=hours)

    def _estimate(
        self,
        model: str,
        day: int,
        hours: set[int],
        newest: int,
        facts: EstimatorFacts,
        estimator: ModelEstimator,
    ) -> bool:
        """Estimate a day and some of its hours again; ``False`` if another process did."""
        up_to = self._store.last_sequence()
        begins, oldest = _begins(facts), newest // DAY * DAY - HOURLY_DAYS * DAY
        wanted = sorted(hour for hour in hours if hour >= max(begins, oldest))
        cells: dict[tuple[int, int], EstimateCell] = {}
        if any(hour >= begins for hour in hours):
            table = self._store.estimates.rows.read(
                model,
                facts.read_columns,
                start=max(day, begins),
                end=day + DAY,
                up_to=up_to,
                of_day=_ROWS_OF_DAY,
                of_hour=_ROWS_OF_HOUR,
            )
            if day >= begins:
                _add(cells, DAY, day, table, facts, estimator)
            seconds = table.column("time").cast(pa.int64()).to_numpy() // 1_000_000
            for hour in wanted:
                inside = (seconds >= hour) & (seconds < hour + HOUR)
                _add(cells, HOUR, hour, table.filter(pa.array(inside)), facts, estimator)
        return self._store.estimates.record(
            model, cells, hours=hours, up_to=up_to, oldest_hour=oldest
        )


def _begins(facts: EstimatorFacts) -> int:
    """Return the first whole hour after the reference."""
    assert facts.plan.reference is not None
    return -(-facts.plan.reference[2] // HOUR) * HOUR


def _add(
    cells: dict[tuple[int, int], EstimateCell],
    level: int,
    start: int,
    table: pa.Table,
    facts: EstimatorFacts,
    estimator: ModelEstimator,
) -> None:
    if not table.num_rows:
        return
    is_day = level == DAY
    most = _ROWS_OF_DAY if is_day else _ROWS_OF_HOUR
    cell: EstimatedCell | None = estimated_cell(
        table, estimator, facts, most_rows=most, is_corrected=is_day
    )
    if cell is not None:
        counted = table.column("day_rows" if is_day else "hour_rows")
        predictions = int(pc.max(counted).as_py())
        cells[level, start] = EstimateCell(start, predictions, cell.to_bytes())
