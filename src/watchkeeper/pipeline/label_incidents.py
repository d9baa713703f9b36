"""The incidents of labels that no longer come as they used to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from watchkeeper.metrics import AGES
from watchkeeper.pipeline.label_deliveries import labelled_until
from watchkeeper.pipeline.opened import open_baseline
from watchkeeper.pipeline.quality import QualityPlan, labelled_days, measured_plan
from watchkeeper.pipeline.quality.saying import span_text
from watchkeeper.pipeline.quality_incident import Shown, quality_id, tell_all
from watchkeeper.store import DAY, ServiceIncident, Store
from watchkeeper.watch import LABELS_SHARE, CoverageFall, CoverageReference, coverage_falls

LABELS: Final = "labels"

_GONE = 0.1


def watch_labels(store: Store, model: str, *, now: datetime) -> list[ServiceIncident]:
    """Open, update and close the incidents of a model's labels; return those that changed.

    What is decided follows from the cells alone, so whoever looks next comes to the same, however
    many days came since the last look. While labels wait to be measured nothing is.
    """
    plan = measured_plan(store, model)
    if plan is None:
        return []
    at = labelled_until(store, model, now)
    shown = [_shown(model, fall, at) for fall in _falls(store, model, plan, at)]
    return tell_all(store, model, LABELS, shown, now=now)


def _falls(store: Store, model: str, plan: QualityPlan, at: int) -> list[CoverageFall]:
    if plan.reference is None or plan.is_ranked:
        return []
    version, start, end = plan.reference
    first, last = -(-start // DAY) * DAY, end // DAY * DAY
    reference = CoverageReference(labelled_days(store, model, start=first, end=last))
    days = labelled_days(store, model, start=-(-end // DAY) * DAY, end=at)
    mean_days = open_baseline(store, model, version).false_alarm_days / LABELS_SHARE
    return coverage_falls(reference, days, mean_days=mean_days, now=at)


def _shown(model: str, fall: CoverageFall, at: int) -> Shown:
    return Shown(
        incident_id=quality_id(model, LABELS, fall.opened_at),
        since=_time(fall.since),
        opened_at=_time(fall.opened_at),
        closed_at=None if fall.closed_at is None else _time(fall.closed_at),
        tell=lambda: _told(model, fall, at),
    )


def _told(model: str, fall: CoverageFall, at: int) -> ServiceIncident:
    return ServiceIncident(
        incident_id=quality_id(model, LABELS, fall.opened_at),
        model=model,
        source="quality",
        objective=LABELS,
        severity="critical" if fall.worst < _GONE * fall.usual.ratio else "warning",
        since=_time(fall.since),
        opened_at=_time(fall.opened_at),
        last_seen_at=_time(fall.closed_at or max(at, fall.opened_at)),
        closed_at=None if fall.closed_at is None else _time(fall.closed_at),
        message=_message(fall),
        figures=_figures(fall),
    )


def _message(fall: CoverageFall) -> str:
    age = span_text(AGES[fall.usual.place])
    usual, ratio = _percent(fall.usual.ratio), _percent(fall.ratio)
    since = f"{_time(fall.since):%Y-%m-%d}"
    if fall.ended is not None:
        return (
            f"Labels that used to come within {age} for {usual} of predictions came so for {ratio}"
            f" of the {fall.rows:,} from {since} to before {_time(fall.ended):%Y-%m-%d}."
        )
    return (
        f"Labels that used to come within {age} for {usual} of predictions have come for {ratio} of"
        f" the {fall.rows:,} since {since} that are as old. What is said of the quality of these"
        " predictions rests on fewer labels."
    )


def _figures(fall: CoverageFall) -> dict[str, float]:
    return {
        "age_seconds": float(AGES[fall.usual.place]),
        "usual_ratio": float(f"{fall.usual.ratio:.6g}"),
        "labelled_ratio": float(f"{fall.ratio:.6g}"),
        "predictions": float(fall.rows),
    }


def _percent(ratio: float) -> str:
    return f"{ratio:.0%}" if ratio >= 0.01 or ratio == 0.0 else f"{ratio:.1%}"


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
