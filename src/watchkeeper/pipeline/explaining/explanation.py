"""Why an incident happened, or a time differs from the reference: all that can be said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.diagnosis import Coincidence, Estimate, Impact, impact_of, mean_change
from watchkeeper.errors import DataError
from watchkeeper.events import EXPLANATION, QualitySettings
from watchkeeper.pipeline.baselining import WatchSetup, load_setup
from watchkeeper.pipeline.explaining.business_rows import business_question, metric_of
from watchkeeper.pipeline.explaining.coding import clock_columns, coded_inputs
from watchkeeper.pipeline.explaining.coinciding import coincidences_of
from watchkeeper.pipeline.explaining.fairness import GroupGap, group_gaps
from watchkeeper.pipeline.explaining.finding import Finding, answer
from watchkeeper.pipeline.explaining.loss import Losses, losses_of
from watchkeeper.pipeline.explaining.question import (
    Question,
    column_question,
    cost_question,
    service_question,
)
from watchkeeper.pipeline.explaining.sides import Sides, SideTold, read_sides
from watchkeeper.pipeline.explaining.wording import conclusions
from watchkeeper.pipeline.incident_list import find_tracked, key_of, told
from watchkeeper.pipeline.stored import check_model, watched_columns
from watchkeeper.pipeline.watched_prices import WatchedPrices
from watchkeeper.store import IncidentKey, ServiceIncident, Store, TrackedIncident
from watchkeeper.watch import Incident, no_input_moved

Floats = NDArray[np.float64]
Span = tuple[datetime, datetime]
Moved = tuple[str, str]

MOST_COLUMNS = 3
_ALL = ""
_OF_THE_SERVICE = ("objective", "cost")


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why.

    Attributes
    ----------
    incident
        Its id; ``None`` where two times were compared.
    reference, current
        What was compared.
    conclusions
        The answer in sentences, most important first.
    findings
        One for each quantity: the loss of labelled predictions, the columns that moved, what the
        service did, a business metric.
    coincidences
        What changed upstream at the same time, most unusual first.
    fairness
        Gaps between protected groups in the current time.
    impact
        What the change of the loss costs; ``None`` without labels.
    said
        What cannot be known, and why.
    """

    model: str
    incident: str | None
    reference: SideTold
    current: SideTold
    conclusions: tuple[str, ...]
    findings: tuple[Finding, ...]
    coincidences: tuple[Coincidence, ...]
    fairness: tuple[GroupGap, ...]
    impact: Impact | None
    said: tuple[str, ...]


def explain_incident(
    store: Store, key: IncidentKey, *, now: datetime, threads: int | None = None
) -> Explanation:
    """Return why an incident happened.

    Its time, from its onset to its end or to the newest prediction, is held against the baseline's
    reference; without a baseline, and for what the service did, against the week before.

    Raises
    ------
    DataError
        If there is no such incident, it has no times, or nothing is stored of it any more.
    """
    _, kept = find_tracked(store, key, now=now)
    newest = store.newest_time(key.model) or now
    if isinstance(kept, ServiceIncident):
        current = kept.since, max(kept.closed_at or newest, kept.since) + timedelta(microseconds=1)
        setup = _setup(store, key.model, None)
        reference = kept.since - timedelta(days=7), kept.since
        if kept.source not in _OF_THE_SERVICE and setup is not None:
            reference = _reference(setup)
        return _explained(store, key.model, reference, current, setup, threads, incident=kept)
    incident = told(kept)
    if incident.since is None:
        raise DataError("an incident of rows without times cannot be explained")
    ended = incident.closed_at or newest
    current = incident.since, max(ended, incident.since) + timedelta(microseconds=1)
    setup = _setup(store, key.model, key.version)
    assert setup is not None
    return _explained(
        store,
        key.model,
        _reference(setup),
        current,
        setup,
        threads,
        incident=kept,
        moved=moved_in(incident),
    )


def explain_span(
    store: Store,
    model: str,
    *,
    current: Span,
    reference: Span | None = None,
    threads: int | None = None,
) -> Explanation:
    """Return in what a time differs from a reference, by default the baseline's; ends excluded.

    Raises
    ------
    DataError
        If the model is unknown, has no baseline and no reference is given, or a side has no rows.
    """
    check_model(store, model)
    setup = _setup(store, model, None)
    if reference is None:
        if setup is None:
            raise DataError(f"model {model!r} has no baseline; give a reference to compare with")
        reference = _reference(setup)
    return _explained(store, model, reference, current, setup, threads)


def _explained(
    store: Store,
    model: str,
    reference: Span,
    current: Span,
    setup: WatchSetup | None,
    threads: int | None,
    *,
    incident: TrackedIncident | ServiceIncident | None = None,
    moved: Sequence[Moved] = (),
) -> Explanation:
    prices: WatchedPrices | None = None if setup is None else setup.prices
    sides = read_sides(store, model, reference=reference, current=current, prices=prices)
    for told_side in (sides.reference, sides.current):
        if not told_side.rows:
            raise DataError(
                f"no predictions of model {model!r} are stored from"
                f" {told_side.start.isoformat()} to {told_side.end.isoformat()}"
            )
    quality = store.operating.in_force(model).quality or QualitySettings()
    columns, clocks = coded_inputs(sides.table), clock_columns(sides.table)
    losses = losses_of(sides, quality)
    said = [losses] if isinstance(losses, str) else []
    findings: list[Finding] = []
    asked = _of_business(store, incident, sides)
    for question, part in (*asked, *_questions(sides, losses, incident, moved, setup)):
        coded = columns if part is sides else coded_inputs(part.table)
        found, why = answer(question, part, coded, clocks=clocks, threads=threads)
        said += why
        findings += [] if found is None else [found]
    known = None if isinstance(losses, str) else losses
    coincidences = coincidences_of(store, model, sides, columns)
    impact = None if known is None else impact_on(known, sides, quality)
    fairness = () if known is None else group_gaps(known, sides, quality)
    return Explanation(
        model=model,
        incident=None if incident is None else str(key_of(incident)),
        reference=sides.reference,
        current=sides.current,
        conclusions=conclusions(findings, coincidences, impact, _of_data(incident)),
        findings=tuple(findings),
        coincidences=coincidences,
        fairness=fairness,
        impact=impact,
        said=tuple(said),
    )


def _of_data(incident: TrackedIncident | ServiceIncident | None) -> Incident | None:
    return told(incident) if isinstance(incident, TrackedIncident) else None


def _of_business(
    store: Store, incident: TrackedIncident | ServiceIncident | None, sides: Sides
) -> list[tuple[Question, Sides]]:
    metric = metric_of(store, incident) if isinstance(incident, ServiceIncident) else None
    if metric is None or not isinstance(incident, ServiceIncident):
        return []
    return [(business_question(store, incident, metric, sides), sides)]


def _questions(
    sides: Sides,
    losses: Losses | str,
    incident: TrackedIncident | ServiceIncident | None,
    moved: Sequence[Moved],
    setup: WatchSetup | None,
) -> list[tuple[Question, Sides]]:
    found: list[tuple[Question, Sides]] = []
    if isinstance(incident, ServiceIncident):
        if incident.source == "objective":
            threshold = incident.figures.get("threshold_seconds")
            found.append((service_question(incident.objective, sides, threshold), sides))
        elif incident.source == "cost":
            asked = cost_question(sides)
            found += [] if asked is None else [(asked, sides)]
    if not isinstance(losses, str):
        found.append((losses.question, sides))
    for name, segment in moved:
        part = _of_segment(sides, segment, setup)
        plain = watched_columns(part.table)
        if name in plain.column_names and part.is_current.any() and not part.is_current.all():
            asked = column_question(name, plain.column(name), part)
            found += [] if asked is None else [(asked, part)]
    return found


def _of_segment(sides: Sides, segment: str, setup: WatchSetup | None) -> Sides:
    if segment == _ALL or setup is None or setup.segment_by is None:
        return sides
    plain = watched_columns(sides.table)
    if setup.segment_by not in plain.column_names:
        return sides
    texts = plain.column(setup.segment_by).cast(pa.string())
    wanted = segment.partition("=")[2]
    return sides.only(pc.fill_null(pc.equal(texts, wanted), False).to_numpy())


def moved_in(incident: Incident) -> list[Moved]:
    """Return up to three columns, and their segments, that moved in an incident of the data.

    Contributions first, where no input moved by itself.
    """
    named = [(s.column, s.segment) for s in incident.streams if s.column != "(rows)"]
    if no_input_moved(incident):
        named.sort(key=lambda one: not one[0].startswith(EXPLANATION))
    # All rows say what a segment of them says, and more surely.
    whole = {column for column, segment in named if segment == _ALL}
    kept = [(c, s) for c, s in named if s == _ALL or c not in whole]
    return list(dict.fromkeys(kept))[:MOST_COLUMNS]


def impact_on(losses: Losses, sides: Sides, quality: QualitySettings) -> Impact | None:
    """Return what a change of the loss costs, ``None`` if only one side has labels."""
    change = _change(losses, losses.question.values, sides)
    if change is None:
        return None
    seconds = (sides.current.end - sides.current.start).total_seconds()
    return impact_of(
        change,
        predictions=sides.current.predictions,
        seconds=seconds,
        quantity=losses.question.quantity,
        cost_change=None if losses.costs is None else _change(losses, losses.costs, sides),
        cost_unit=quality.cost_unit,
    )


def _change(losses: Losses, values: Floats, sides: Sides) -> Estimate | None:
    rows = losses.places
    now = sides.is_current[rows]
    if not now.any() or now.all():
        return None
    clusters = None if sides.clusters is None else sides.clusters[rows]
    return mean_change(values[rows], now, clusters)


def _setup(store: Store, model: str, version: int | None) -> WatchSetup | None:
    try:
        return load_setup(store, model, version)[1]
    except DataError:
        return None


def _reference(setup: WatchSetup) -> Span:
    fitted = setup.fitted()
    start = fitted.start or datetime.min.replace(tzinfo=UTC)
    return start, fitted.end or setup.begins
