"""Incidents of estimates: labels that contradict them, and an estimated fall of performance."""

from __future__ import annotations

from datetime import UTC, datetime

from watchkeeper.metrics.quality import METRICS
from watchkeeper.pipeline.estimating.cell import EstimatedCell
from watchkeeper.pipeline.estimating.estimator_facts import EstimatorFacts
from watchkeeper.pipeline.estimating.judging import Episode, contradictions, falls
from watchkeeper.pipeline.estimating.scored import known_values
from watchkeeper.pipeline.opened import open_baseline
from watchkeeper.pipeline.quality.settled import settled_until
from watchkeeper.pipeline.quality_incident import Shown, quality_id, tell_all
from watchkeeper.store import DAY, HOUR, ServiceIncident, Store
from watchkeeper.watch import ESTIMATES_SHARE

CONTRADICTED = "estimates contradicted"
FALLEN = "estimated performance"

_USUAL_DAYS = 30.0
_FOR_EVER = 2**40


class EstimateIncidents:
    """Opens, follows and closes the incidents of a store's estimates.

    What is open follows from the days that are kept, whenever they were estimated, so that a
    process that was killed comes to the same.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._judged: dict[str, tuple[int, int]] = {}

    def advance(self, *, now: datetime) -> list[ServiceIncident]:
        """Judge the days of every model whose estimates changed, and return what changed."""
        changed: list[ServiceIncident] = []
        for model in self._store.watch_log.watched():
            payload = self._store.estimates.facts(model)
            if payload is None:
                continue
            as_of = min(int(now.timestamp()), self._store.quality.rows.newest(model) or 0)
            # Labels settle as time goes on, too.
            state = self._store.estimates.progress(model).revision, as_of // HOUR
            if self._judged.get(model) == state:
                continue
            settled = settled_until(self._store, model, as_of=as_of) // DAY * DAY
            if self._is_behind(model, settled):
                continue
            self._judged[model] = state
            facts = EstimatorFacts.from_bytes(payload)
            changed += self._judge(model, facts, settled, as_of, now)
        return changed

    def _is_behind(self, model: str, settled: int) -> bool:
        """Return whether days that are over are not estimated yet, or not anew."""
        return any(day < settled for day in self._store.estimates.pending(model))

    def _judge(
        self, model: str, facts: EstimatorFacts, settled: int, as_of: int, now: datetime
    ) -> list[ServiceIncident]:
        kept = self._store.estimates.cells(model, DAY, start=0, end=_FOR_EVER)
        days = {one.start: EstimatedCell.from_bytes(one.payload) for one in kept}
        # The newest days are estimated first: what follows one that is missing has to wait.
        pending = self._store.estimates.pending(model)
        known_until = min((day for day in pending if day not in days), default=as_of)
        over = {at: cell for at, cell in days.items() if at + DAY <= min(as_of, known_until)}
        labelled = {at: cell for at, cell in days.items() if at + DAY <= settled}
        cell = self._store.quality.reference(model)
        reference = {} if cell is None else known_values(cell)
        days_to_alarm = self._days_to_false_alarm(model, facts)
        told = {
            CONTRADICTED: contradictions(labelled, days=days_to_alarm),
            FALLEN: falls(over, reference),
        }
        changed: list[ServiceIncident] = []
        for name, episodes in told.items():
            shown = [Shown.of(_told(model, name, episode)) for episode in episodes]
            changed += tell_all(self._store, model, name, shown, now=now)
        return changed

    def _days_to_false_alarm(self, model: str, facts: EstimatorFacts) -> float:
        """Return how many days there are to a false alarm at a tenth of the model's budget."""
        days = _USUAL_DAYS
        if facts.plan.reference is not None:
            days = open_baseline(self._store, model, facts.plan.reference[0]).false_alarm_days
        return max(days / ESTIMATES_SHARE, 2.0)


def _told(model: str, name: str, episode: Episode) -> ServiceIncident:
    opened_at = _moment(episode.opened + DAY)
    worst = episode.worst
    return ServiceIncident(
        incident_id=quality_id(model, name, opened_at.isoformat()),
        model=model,
        source="quality",
        objective=name,
        severity="warning",
        since=_moment(episode.since),
        opened_at=opened_at,
        last_seen_at=_moment((episode.closed or episode.last) + DAY),
        closed_at=None if episode.closed is None else _moment(episode.closed + DAY),
        message=_message(name, episode),
        figures={
            "estimated": float(f"{worst.estimated:.6g}"),
            "labels" if name == CONTRADICTED else "reference": float(f"{worst.other:.6g}"),
        },
    )


def _message(name: str, episode: Episode) -> str:
    worst = episode.worst
    label = METRICS[worst.metric].label
    since, day = (f"{_moment(at):%Y-%m-%d}" for at in (episode.since, worst.start))
    if name == CONTRADICTED:
        return (
            f"Labels say worse than was estimated, since {since}: {label} of {day} was estimated"
            f" at {worst.estimated:.3g} and is {worst.other:.3g}. The relation of inputs and labels"
            " may have changed; believe the labels."
        )
    return (
        f"Performance is estimated to have fallen, since {since}: {label} of {day} at"
        f" {worst.estimated:.3g}, where the reference had {worst.other:.3g}. Inputs have moved to"
        " where the model is worse; labels have not told yet."
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
