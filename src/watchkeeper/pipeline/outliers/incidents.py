"""The incidents of far more outliers than a baseline let expect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from watchkeeper.pipeline.opened import open_baseline
from watchkeeper.pipeline.outlier_fitting import OutlierFacts
from watchkeeper.pipeline.quality_incident import Shown, open_incident, quality_id, tell_all
from watchkeeper.store import HOUR, KeptScorer, ServiceIncident, Store
from watchkeeper.watch import OUTLIERS_SHARE, OutlierRise, ScoredHour, UsualOutliers, outlier_rises

OUTLIERS: Final = "outliers"

_CRITICAL = 0.1
_NAMED = 3


def watch_outliers(store: Store, scorer: KeptScorer, *, now: datetime) -> list[ServiceIncident]:
    """Open, update and close the incidents of a model's outliers; return those that changed.

    What is decided follows from the hours that were counted alone, so whoever looks next comes to
    the same, however many hours came since the last look.
    """
    newest = store.newest_time(scorer.model)
    at = now if newest is None else min(newest, now)
    taken = _taken_for_normal(store, scorer)
    changed = [one for one in taken if store.service_incidents.record(one, now=now)]
    shown = [_shown(store, scorer, rise, at) for rise in rises(store, scorer, at)]
    return [*changed, *tell_all(store, scorer.model, OUTLIERS, shown, now=now)]


def rises(store: Store, scorer: KeptScorer, at: datetime) -> list[OutlierRise]:
    """Return when there were far more outliers than usual, as is known at a time.

    Where nothing is scored, or that was switched off, nothing is known.
    """
    facts = OutlierFacts.from_bytes(scorer.facts)
    quality = store.operating.in_force(scorer.model).quality
    if facts.ratio is None or not (quality is None or quality.outliers):
        return []
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
    return outlier_rises(usual, hours, mean_hours=mean_hours)


def _taken_for_normal(store: Store, scorer: KeptScorer) -> Iterator[ServiceIncident]:
    """Yield the open incident, closed, if it is of what scored before the one in use."""
    before = open_incident(store, scorer.model, OUTLIERS)
    if before is None:
        return
    opened_at = int(before.opened_at.timestamp())
    if before.incident_id != quality_id(scorer.model, OUTLIERS, scorer.number, opened_at):
        begins = open_baseline(store, scorer.model, scorer.baseline_version).setup.begins
        at = max(begins, before.last_seen_at)
        yield msgspec.structs.replace(before, closed_at=at, last_seen_at=at, adopted=True)


def _shown(store: Store, scorer: KeptScorer, rise: OutlierRise, at: datetime) -> Shown:
    return Shown(
        incident_id=quality_id(scorer.model, OUTLIERS, scorer.number, rise.opened_at),
        since=_time(rise.since),
        opened_at=_time(rise.opened_at),
        closed_at=None if rise.closed_at is None else _time(rise.closed_at),
        tell=lambda: _told(store, scorer, rise, at),
    )


def _told(store: Store, scorer: KeptScorer, rise: OutlierRise, at: datetime) -> ServiceIncident:
    usual = OutlierFacts.from_bytes(scorer.facts).ratio or 0.0
    since, closed_at = _time(rise.since), None if rise.closed_at is None else _time(rise.closed_at)
    until = closed_at or at
    names = store.outliers.columns(scorer.model, start=since, end=until, most=_NAMED)
    return ServiceIncident(
        incident_id=quality_id(scorer.model, OUTLIERS, scorer.number, rise.opened_at),
        model=scorer.model,
        source="quality",
        objective=OUTLIERS,
        severity="critical" if rise.worst >= _CRITICAL else "warning",
        since=since,
        opened_at=_time(rise.opened_at),
        last_seen_at=max(until, _time(rise.opened_at)),
        closed_at=closed_at,
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
    span, are, asked = f"since {_time(rise.since):%Y-%m-%d %H:%M}", "are", "is asked"
    if rise.ended is not None:
        span = f"from {_time(rise.since):%Y-%m-%d %H:%M} to {_time(rise.ended):%Y-%m-%d %H:%M}"
        are, asked = "were", "was asked"
    return (
        f"{_percent(rise.ratio)} of the {rise.scored:,} predictions {span} {are} outliers{most};"
        f" {_percent(usual)} used to be. The model {asked} about what it has not learned, and what"
        " it says of that is a guess."
    )


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.2g}%" if ratio < 0.095 else f"{ratio:.0%}"


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
