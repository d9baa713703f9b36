"""The incident of far more outliers than a baseline let expect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from watchkeeper.pipeline.opened import open_baseline
from watchkeeper.pipeline.outlier_fitting import OutlierFacts
from watchkeeper.pipeline.quality_incident import open_incident, quality_id, told_again
from watchkeeper.store import HOUR, KeptScorer, ServiceIncident, Store
from watchkeeper.watch import OUTLIERS_SHARE, OutlierRise, ScoredHour, UsualOutliers, outlier_rises

OUTLIERS: Final = "outliers"

_CRITICAL = 0.1
_NAMED = 3


def watch_outliers(store: Store, scorer: KeptScorer, *, now: datetime) -> list[ServiceIncident]:
    """Open, update and close the incident of a model's outliers; return it if it changed.

    What is decided follows from the hours that were counted alone, so whoever looks next comes to
    the same.
    """
    before = open_incident(store, scorer.model, OUTLIERS)
    newest = store.newest_time(scorer.model)
    at = now if newest is None else min(newest, now)
    incident = _next(store, scorer, newest_rise(store, scorer, at), before, at)
    if incident is None or not store.service_incidents.record(incident, now=now):
        return []
    return [incident]


def newest_rise(store: Store, scorer: KeptScorer, at: datetime) -> OutlierRise | None:
    """Return when there were last far more outliers than usual, as is known at a time.

    Where nothing is scored, or that was switched off, nothing is known.
    """
    facts = OutlierFacts.from_bytes(scorer.facts)
    quality = store.operating.in_force(scorer.model).quality
    if facts.ratio is None or not (quality is None or quality.outliers):
        return None
    opened = open_baseline(store, scorer.model, scorer.baseline_version)
    first, last = int(opened.setup.begins.timestamp()), int(at.timestamp()) // HOUR * HOUR
    cells = store.outliers.cells(scorer.number, start=first, end=last)
    reference = zip(facts.scored, facts.outliers, strict=True)
    usual = UsualOutliers(
        ratio=facts.ratio,
        rows=facts.rows,
        hours=tuple(ScoredHour(0, scored, outliers) for scored, outliers in reference),
    )
    hours = [ScoredHour(*cell) for cell in cells]
    mean_hours = 24.0 * opened.false_alarm_days / OUTLIERS_SHARE
    rises = outlier_rises(usual, hours, mean_hours=mean_hours)
    return rises[-1] if rises else None


def _next(
    store: Store,
    scorer: KeptScorer,
    rise: OutlierRise | None,
    before: ServiceIncident | None,
    at: datetime,
) -> ServiceIncident | None:
    """Return the incident as it becomes, ``None`` if there is nothing to tell."""
    if before is not None and before.figures.get("baseline_version") != scorer.baseline_version:
        # By the newer baseline what is now is normal.
        return msgspec.structs.replace(before, closed_at=max(at, before.opened_at), adopted=True)
    if rise is None or rise.closed_at is not None:
        if before is None:
            return None
        closed = at if rise is None or rise.closed_at is None else _time(rise.closed_at)
        return msgspec.structs.replace(before, closed_at=max(closed, before.opened_at))
    told = _told(store, scorer, rise, at)
    return told if before is None else told_again(before, told)


def _told(store: Store, scorer: KeptScorer, rise: OutlierRise, at: datetime) -> ServiceIncident:
    usual = OutlierFacts.from_bytes(scorer.facts).ratio or 0.0
    since = _time(rise.since)
    names = store.outliers.columns(scorer.model, start=since, end=at, most=_NAMED)
    return ServiceIncident(
        incident_id=quality_id(scorer.model, OUTLIERS, scorer.number, rise.opened_at),
        model=scorer.model,
        source="quality",
        objective=OUTLIERS,
        severity="critical" if rise.ratio >= _CRITICAL else "warning",
        since=since,
        opened_at=_time(rise.opened_at),
        last_seen_at=max(at, _time(rise.opened_at)),
        message=_message(rise, usual, names),
        figures={
            "outlier_ratio": float(f"{rise.ratio:.6g}"),
            "usual_ratio": float(f"{usual:.6g}"),
            "predictions": float(rise.scored),
            "outliers": float(rise.outliers),
            "baseline_version": float(scorer.baseline_version),
        },
    )


def _message(rise: OutlierRise, usual: float, names: Sequence[str]) -> str:
    most = f", most of them by {', '.join(names)}" if names else ""
    return (
        f"{_percent(rise.ratio)} of the {rise.scored:,} predictions since"
        f" {_time(rise.since):%Y-%m-%d %H:%M} are outliers{most}; {_percent(usual)} used to be."
        " The model is asked about what it has not learned, and what it says of that is a guess."
    )


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.2g}%" if ratio < 0.095 else f"{ratio:.0%}"


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
