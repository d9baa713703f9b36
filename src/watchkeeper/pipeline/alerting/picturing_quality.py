"""What is drawn of an incident of quality: what got worse over time, beside what used to be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from watchkeeper.metrics import AGES
from watchkeeper.metrics.quality import METRICS
from watchkeeper.pipeline.alerting.picture_frame import FOR_EVER, days_around, framed
from watchkeeper.pipeline.alerting.picturing_business import picture_of_business
from watchkeeper.pipeline.business.incidents import PREFIX
from watchkeeper.pipeline.concept import concept
from watchkeeper.pipeline.concept.telling import OBJECTIVE
from watchkeeper.pipeline.estimating import CONTRADICTED, FALLEN, EstimatedCell
from watchkeeper.pipeline.label_incidents import LABELS
from watchkeeper.pipeline.outliers import OUTLIERS
from watchkeeper.pipeline.quality import labelled_days
from watchkeeper.pipeline.quality.saying import span_text
from watchkeeper.store import DAY, HOUR, OutlierCell, ServiceIncident, Store

if TYPE_CHECKING:
    from watchkeeper.actions.picture import Picture

_MOST_POINTS = 120
_STEPS: Final = (HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY)
_BEFORE_HOURS, _AFTER_HOURS = 48, 24


def picture_of_quality(store: Store, incident: ServiceIncident) -> Picture | None:
    """Return what is to be drawn, ``None`` where nothing is kept of its time any more."""
    if incident.objective == OBJECTIVE:
        return _of_loss(store, incident)
    if incident.objective == OUTLIERS:
        return _of_outliers(store, incident)
    if incident.objective == LABELS:
        return _of_labels(store, incident)
    if incident.objective in (CONTRADICTED, FALLEN):
        return _of_estimates(store, incident)
    return picture_of_business(store, incident) if incident.objective.startswith(PREFIX) else None


def _of_loss(store: Store, incident: ServiceIncident) -> Picture | None:
    from watchkeeper.actions.picture import Course, Level

    known = concept(store, incident.model)
    begin, end = days_around(incident)
    steps = [one for one in known.steps if begin <= one.start and one.end <= end]
    if not steps or steps[0].start >= incident.opened_at:
        return None
    times, unit = (100.0, " in %") if known.loss == "error" else (1.0, "")
    normal = times * incident.figures["loss_before"]
    name = known.loss_name or "the loss"
    course = Course(
        name=f"{name[:1].upper()}{name[1:]}{unit}, of {steps[0].labels:,} labels or more at a time",
        observed=[times * one.loss for one in steps],
        levels=[Level(name=f"was normal: {normal:.4g}", value=normal)],
    )
    return framed(incident, [one.start for one in steps], course)


def _of_outliers(store: Store, incident: ServiceIncident) -> Picture | None:
    from watchkeeper.actions.picture import Course, Level

    begin = incident.since - timedelta(hours=_BEFORE_HOURS)
    end = (incident.closed_at or FOR_EVER - timedelta(days=1)) + timedelta(hours=_AFTER_HOURS)
    cells = store.outliers.counted(incident.model, start=begin, end=end)
    if not cells or cells[0].start >= _seconds(incident.opened_at):
        return None
    first, last = cells[0].start, cells[-1].start + HOUR
    step = next((one for one in _STEPS if last - first <= one * _MOST_POINTS), _STEPS[-1])
    starts = range(first // step * step, last, step)
    usual = 100.0 * incident.figures.get("usual_ratio", 0.0)
    length = "day" if step == DAY else "hour" if step == HOUR else f"{step // HOUR} hours"
    course = Course(
        name=f"outliers, % of the predictions of each {length}",
        observed=_shares(cells, starts),
        levels=[Level(name=f"used to be: {usual:.2g} %", value=usual)],
    )
    return framed(incident, [_moment(start) for start in starts], course)


def _shares(cells: Sequence[OutlierCell], starts: range) -> list[float]:
    """Return the outliers of each step in percent, ``nan`` without predictions."""
    scored, outliers = [0] * len(starts), [0] * len(starts)
    for cell in cells:
        at = (cell.start - starts.start) // starts.step
        scored[at] += cell.scored
        outliers[at] += cell.outliers
    return [100 * o / n if n else math.nan for o, n in zip(outliers, scored, strict=True)]


def _of_labels(store: Store, incident: ServiceIncident) -> Picture | None:
    from watchkeeper.actions.picture import Course, Level

    age = int(incident.figures["age_seconds"])
    place, newest = AGES.index(age), store.quality.rows.newest(incident.model) or 0
    begin, end = (_seconds(one) for one in days_around(incident))
    days = [
        day
        for day in labelled_days(store, incident.model, start=begin, end=min(end, newest))
        if day.rows and day.known_at(place) <= newest
    ]
    if not days or days[0].start >= _seconds(incident.opened_at):
        return None
    usual = 100.0 * incident.figures["usual_ratio"]
    course = Course(
        name=f"labels within {span_text(age)}, % of the predictions of each day",
        observed=[100.0 * day.labelled[place] / day.rows for day in days],
        levels=[Level(name=f"used to be: {usual:.3g} %", value=usual)],
    )
    return framed(incident, [_moment(day.start) for day in days], course)


def _of_estimates(store: Store, incident: ServiceIncident) -> Picture | None:
    """Draw the metric that the message names: as estimated, or as labels say beside that."""
    from watchkeeper.actions.picture import Course, Level

    named = [name for name, one in METRICS.items() if f": {one.label} of " in incident.message]
    begin, end = (_seconds(one) for one in days_around(incident))
    kept = store.estimates.cells(incident.model, DAY, start=begin, end=end)
    if not named or not kept or kept[0].start >= _seconds(incident.opened_at):
        return None
    name, cells = named[0], [EstimatedCell.from_bytes(one.payload) for one in kept]
    guessed = [next((v for v in cell.values if v.name == name), None) for cell in cells]
    told = [next((v for v in cell.corrected if v.name == name), None) for cell in cells]
    is_fall = incident.objective == FALLEN
    observed = guessed if is_fall else told
    label, levels = METRICS[name].label, []
    if is_fall:
        reference = incident.figures["reference"]
        levels = [Level(name=f"the reference: {reference:.3g}", value=reference)]
    course = Course(
        name=f"{label} of each day, as {'estimated' if is_fall else 'labels say'}",
        observed=[math.nan if one is None else one.value for one in observed],
        low=[math.nan if one is None else one.low for one in guessed],
        high=[math.nan if one is None else one.high for one in guessed],
        band="the interval of the estimate",
        levels=levels,
    )
    return framed(incident, [_moment(one.start) for one in kept], course)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
