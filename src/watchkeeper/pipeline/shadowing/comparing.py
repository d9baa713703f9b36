"""A shadow model held against the one that serves, on the requests that both answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.errors import SettingsError
from watchkeeper.events import QualitySettings
from watchkeeper.metrics.quality import (
    METRICS,
    Estimated,
    clusters,
    interval,
    measure_paired,
)
from watchkeeper.pipeline.quality.plan import choice_of
from watchkeeper.pipeline.quality.scoring import Scorable, entity_codes, scorable
from watchkeeper.pipeline.quality.seen import seen_in
from watchkeeper.pipeline.quality.task import TaskPlan, Untold, task_of
from watchkeeper.pipeline.shadowing.agreeing import agreement_of
from watchkeeper.pipeline.shadowing.answer import PairedDifference, Shadow, Shadows
from watchkeeper.pipeline.shadowing.pairs import Pairs, read_pairs
from watchkeeper.pipeline.shadowing.saying import sentences
from watchkeeper.pipeline.stored import check_model
from watchkeeper.store import Store

Floats = NDArray[np.float64]
Verdict = Literal["better", "worse", "different", "alike", "unknown"]

_SERVICE = (
    ("latency_seconds", "latency", "seconds"),
    ("cost_usd", "cost", "usd"),
)


def shadows(
    store: Store, model: str, *, start: datetime | None = None, end: datetime | None = None
) -> Shadows:
    """Return every model that is in force as a shadow of one, held against it.

    Raises
    ------
    DataError
        If the store has no such model.
    """
    check_model(store, model)
    names = [n for n, one in store.operating.models().items() if one.shadow_of == model]
    found = (shadow(store, model, name, start=start, end=end) for name in sorted(names))
    return Shadows(model=model, shadows=tuple(found))


def shadow(
    store: Store,
    model: str,
    other: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Shadow:
    """Hold a shadow model against the one that serves, by the requests that both answered.

    Both log a request under the same prediction id. A label of either counts for both.

    Raises
    ------
    DataError
        If the store has no such model.
    SettingsError
        If both are the same, or the window is empty.
    """
    check_model(store, model)
    if other == model:
        raise SettingsError(f"{model} cannot be its own shadow; name the other model")
    if start is not None and end is not None and start >= end:
        raise SettingsError(f"The window is empty: it begins at {start} and ends at {end}.")
    if other not in {summary.model for summary in store.models()}:
        # It may have been declared before its first prediction.
        if store.operating.in_force(other).shadow_of != model:
            check_model(store, other)
        return _nothing_yet(store, model, other, start, end)
    pairs = read_pairs(store, model, other, start=start, end=end)
    settings = store.operating.in_force(model).quality or QualitySettings()
    metrics: tuple[PairedDifference, ...] = ()
    labelled, why_not = 0, None
    is_labelled = pairs.live.column("label").is_valid()
    live, shown = pairs.live.filter(is_labelled), pairs.shadow.filter(is_labelled)
    plan = _task(live, shown, settings)
    if isinstance(plan, Untold):
        why_not = plan.reason
    elif live.num_rows:
        labelled, metrics = _metrics(live, shown, plan, settings)
    service = tuple(_service(pairs))
    agreement = agreement_of(pairs, settings)
    return Shadow(
        model=model,
        shadow=other,
        since=start,
        until=end,
        predictions=pairs.predictions,
        shadow_predictions=pairs.shadow_predictions,
        pairs=pairs.live.num_rows * pairs.one_in,
        labelled=labelled * pairs.one_in,
        one_in=pairs.one_in,
        agreement=agreement,
        metrics=metrics,
        service=service,
        said=tuple(sentences(pairs, other, metrics, labelled=labelled, why_not=why_not)),
    )


def _nothing_yet(
    store: Store, model: str, other: str, start: datetime | None, end: datetime | None
) -> Shadow:
    return Shadow(
        model=model,
        shadow=other,
        since=start,
        until=end,
        predictions=store.quality.answers.count(model, start=start, end=end),
        shadow_predictions=0,
        pairs=0,
        labelled=0,
        one_in=1,
        agreement=None,
        metrics=(),
        service=(),
        said=(f"{other} has not logged a prediction yet.",),
    )


def _task(live: pa.Table, shown: pa.Table, settings: QualitySettings) -> TaskPlan | Untold:
    plan = task_of(seen_in(live).merged(seen_in(shown)), settings)
    if not isinstance(plan, Untold) and plan.task == "ranking":
        return Untold(reason="Ranked lists of a shadow are seen by nobody, so nothing is known.")
    return plan


def _metrics(
    live: pa.Table, shown: pa.Table, plan: TaskPlan, settings: QualitySettings
) -> tuple[int, tuple[PairedDifference, ...]]:
    first, second = (scorable(one, plan, cost_matrix=settings.cost_matrix) for one in (live, shown))
    both = np.intersect1d(first.places, second.places)
    if not len(both):
        return 0, ()
    # The same classes on both sides, so that a class that only one names counts for both.
    one, two = (
        scorable(part.take(pa.array(both)), plan, cost_matrix=settings.cost_matrix)
        for part in (live, shown)
    )
    choice = choice_of(settings, plan.task)
    sides = [_with_entities(part, live.take(pa.array(both))) for part in (one, two)]
    costs = one.costs if one.classes == two.classes else None
    names = tuple(name for name in choice.metrics if costs or name != "cost")
    choice = replace(choice, cost_matrix=costs, metrics=names)
    found = measure_paired(sides[0].rows(), sides[1].rows(), choice)
    return len(both), tuple(
        PairedDifference(
            name=pair.name,
            label=METRICS[pair.name].label,
            unit=METRICS[pair.name].unit,
            higher_is_better=METRICS[pair.name].higher_is_better,
            live=pair.first,
            shadow=pair.second,
            difference=pair.difference,
            low=pair.low,
            high=pair.high,
            rows=pair.rows,
            verdict=_verdict(pair.low, pair.high, METRICS[pair.name].higher_is_better),
        )
        for pair in found
    )


def _with_entities(part: Scorable, live: pa.Table) -> Scorable:
    return replace(part, entities=entity_codes(live))


def _service(pairs: Pairs) -> Iterator[PairedDifference]:
    for column, label, unit in _SERVICE:
        one, two = (_numbers(side, column) for side in (pairs.live, pairs.shadow))
        known = np.isfinite(one) & np.isfinite(two)
        yield _mean_difference(column, label, unit, one[known], two[known], pairs, known)
    failed = [side.column("error").is_valid().to_numpy().astype(float) for side in _sides(pairs)]
    every = np.ones(pairs.live.num_rows, dtype=bool)
    yield _mean_difference("error_ratio", "errors", "ratio", failed[0], failed[1], pairs, every)


def _sides(pairs: Pairs) -> tuple[pa.Table, pa.Table]:
    return pairs.live, pairs.shadow


def _numbers(table: pa.Table, column: str) -> Floats:
    found: Floats = pc.fill_null(table.column(column), float("nan")).to_numpy()
    return found


def _mean_difference(
    name: str,
    label: str,
    unit: str,
    one: Floats,
    two: Floats,
    pairs: Pairs,
    known: NDArray[np.bool_],
) -> PairedDifference:
    low = high = difference = None
    if len(one):
        apart = two - one
        difference = float(apart.mean())
        codes = entity_codes(pairs.live.filter(pa.array(known)))
        estimated = Estimated(
            value=difference, influence=apart - difference, scale="free", support=float(len(one))
        )
        ends = interval(estimated, clusters(codes))
        low, high = (float(end) if np.isfinite(end) else None for end in ends)
    return PairedDifference(
        name=name,
        label=label,
        unit=unit,
        higher_is_better=False,
        live=float(one.mean()) if len(one) else None,
        shadow=float(two.mean()) if len(two) else None,
        difference=difference,
        low=low,
        high=high,
        rows=len(one),
        verdict=_verdict(low, high, False),
    )


def _verdict(low: float | None, high: float | None, higher_is_better: bool | None) -> Verdict:
    if low is None or high is None:
        return "unknown"
    if low <= 0 <= high:
        return "alike"
    if higher_is_better is None:
        return "different"
    return "better" if (low > 0) == higher_is_better else "worse"
