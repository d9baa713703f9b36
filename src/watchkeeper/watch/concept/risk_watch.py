"""The watch over a model's loss: from labelled predictions to what a person is told."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Literal

import msgspec
import numpy as np

from watchkeeper.watch.budget import LOSS_SHARE
from watchkeeper.watch.concept.losses import largest_loss
from watchkeeper.watch.concept.monitor import LEAST_ROWS, RiskMonitor, RiskSettings, Turn
from watchkeeper.watch.concept.reference import MOST_ROWS, Reference
from watchkeeper.watch.concept.relation_log import RelationLog
from watchkeeper.watch.concept.rise_kinds import kind_of_rise
from watchkeeper.watch.concept.risk_rows import LossScale, RiskRows, WatchedLoss
from watchkeeper.watch.concept.timeline import Timeline
from watchkeeper.watch.concept.trace import Trace
from watchkeeper.watch.incidents import Kind

_DOUBTS = 3.0
_OWN_ROWS = 512
_CLEARER_ROWS = 512
_LEAST_ROWS_OF_A_COURSE = 96
_LEAST_MEAN_ROWS = 2_000.0


class RiskEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What a label made known.

    Attributes
    ----------
    what
        The loss rose, returned to what is normal, or fell below it; or the relation that it rose
        with is now seen to be one of before.
    at
        When that label was known, and all before it.
    since
        When the first prediction was made that the change most likely began with.
    row, since_row
        Numbers of these rows, from the start of the watch.
    before, now
        The loss that is held for normal, and that of the rows since, in its own unit.
    rows
        Labels since the change.
    kind
        Of a rise.
    like_from, like_until
        The time of before whose relation between predictions and labels this is.
    """

    what: Literal["rose", "returned", "fell", "recurs"]
    at: datetime
    since: datetime
    row: int
    since_row: int
    before: float
    now: float
    rows: int
    kind: Kind | None = None
    like_from: datetime | None = None
    like_until: datetime | None = None


class RiskPlan(msgspec.Struct, frozen=True, kw_only=True):
    """By what a loss is watched.

    Attributes
    ----------
    loss
        Its name.
    low, high
        Between which values it lies, if that is known before any row is seen.
    tolerance
        Rise that nobody needs to hear of, in the loss's own unit.
    false_alarm_buckets
        Mean number of buckets until a false alarm of all that is watched.
    reference_buckets
        Buckets of the reference.
    rows_a_bucket
        Predictions of a bucket, for when the reference has no labels.
    """

    loss: WatchedLoss
    low: float | None = None
    high: float | None = None
    tolerance: float = 0.0
    false_alarm_buckets: float
    reference_buckets: float
    rows_a_bucket: float


class RiskWatch(msgspec.Struct, kw_only=True):
    """Watches the loss of labelled predictions; rows in any slices give the same.

    The rows of the reference come first, up to the first other row; if they are fewer than 256,
    the next rows are taken as a reference too, until there are 512.

    Attributes
    ----------
    losses, predicted, came
        Of the reference, as long as it is gathered.
    reference_rows
        How many it had, those of after among them.
    own_rows
        Of these, such that came after the reference.
    risen
        What opened the rise that lasts, ``None`` if none does.
    fallen
        Whether a fall was told since the last rise.
    """

    plan: RiskPlan
    losses: list[float]
    predicted: list[float]
    came: list[float]
    reference_rows: int = 0
    own_rows: int = 0
    scale: LossScale = LossScale()
    monitor: RiskMonitor | None = None
    relations: RelationLog | None = None
    trace: Trace
    timeline: Timeline
    newest: int = 0
    risen: RiskEvent | None = None
    fallen: bool = False

    @classmethod
    def start(cls, plan: RiskPlan) -> RiskWatch:
        """Return a watch that has seen no row."""
        return cls(
            plan=plan,
            losses=[],
            predicted=[],
            came=[],
            trace=Trace.none(),
            timeline=Timeline.none(),
        )

    @property
    def is_learning(self) -> bool:
        """Whether there is nothing yet to hold a loss against."""
        return self.monitor is None

    @property
    def normal(self) -> float | None:
        """The loss that is held for normal, in its own unit."""
        if self.monitor is None:
            return None
        reference = self.monitor.normal or self.monitor.reference
        return self.scale.from_unit(reference.mean)

    def feed(self, rows: RiskRows) -> list[RiskEvent]:
        """Take in rows, and return what they make known, in order."""
        # What comes late of the reference changes nothing any more.
        rows = self._gather(rows) if self.monitor is None else rows.at(~rows.is_reference)
        events: list[RiskEvent] = []
        while len(rows):
            taken, event = self._take(rows)
            rows = rows.at(slice(taken, None))
            if event is not None:
                events.append(event)
        return events

    def adopt(self) -> None:
        """Take the loss of after a rise for normal from now on."""
        if self.monitor is not None:
            self.monitor.normal = None
        self.risen = None

    def _gather(self, rows: RiskRows) -> RiskRows:
        """Take in rows of the reference; return those after it once it is complete."""
        while len(rows):
            own = np.flatnonzero(~rows.is_reference)
            first = int(own[0]) if len(own) else len(rows)
            self._learn(rows.at(slice(0, first)))
            rows = rows.at(slice(first, None))
            if not len(rows):
                break
            if len(self.losses) >= (_OWN_ROWS if self.own_rows else LEAST_ROWS):
                self._begin()
                return rows.at(~rows.is_reference)
            self._learn(rows.at(slice(0, 1)))
            self.own_rows += 1
            rows = rows.at(slice(1, None))
        return rows

    def _learn(self, rows: RiskRows) -> None:
        kept = slice(0, MOST_ROWS - len(self.losses))
        self.losses += rows.losses[kept].tolist()
        self.predicted += rows.predicted[kept].tolist()
        self.came += rows.came[kept].tolist()
        self.reference_rows += len(rows)

    def _begin(self) -> None:
        losses, plan = np.array(self.losses), self.plan
        name = "error" if plan.loss == "cost" else plan.loss
        high = largest_loss(name, losses) if plan.high is None else plan.high
        self.scale = LossScale(low=plan.low or 0.0, high=high)
        per_bucket = self.reference_rows / plan.reference_buckets
        if self.own_rows:
            per_bucket = plan.rows_a_bucket
        mean_rows = plan.false_alarm_buckets / LOSS_SHARE * per_bucket
        settings = RiskSettings(
            mean_rows=max(mean_rows, _LEAST_MEAN_ROWS),
            tolerance=plan.tolerance / (self.scale.high - self.scale.low),
            doubts=_DOUBTS,
            follows_falls=False,
        )
        self.monitor = RiskMonitor.start(settings, Reference.of(self.scale.to_unit(losses)))
        self.relations = RelationLog.of(np.array(self.predicted), np.array(self.came))
        self.losses, self.predicted, self.came = [], [], []

    def _take(self, rows: RiskRows) -> tuple[int, RiskEvent | None]:
        """Take in rows up to the next step of the trace, or what makes something known."""
        assert self.monitor is not None and self.relations is not None
        most = min(self.trace.room, self._rows_until_clearer() or math.inf)
        part = rows.at(slice(0, int(most)))
        losses = self.scale.to_unit(part.losses)
        first = self.monitor.rows
        taken, turn = self.monitor.add_many(losses)
        part, losses = part.at(slice(0, taken)), losses[:taken]
        self.newest = max(self.newest, int(part.known.max()), int(part.times.max()))
        self.timeline.add(first, part.times)
        self.relations.add(first, part)
        evidence = min(self.monitor.ratio, 1.0)
        self.trace.add(losses, start=int(part.known[0]), end=self.newest, evidence=evidence)
        if turn is not None:
            return taken, self._follow(turn)
        return taken, self._seen_clearer() if self._rows_until_clearer() == 0 else None

    def _rows_until_clearer(self) -> float:
        """Return after how many rows the relation of a rise is looked at again."""
        assert self.monitor is not None
        if self.risen is None or self.risen.kind == "recurring":
            return math.inf
        left = self.risen.since_row + _CLEARER_ROWS - self.monitor.rows
        return left if left >= 0 else math.inf

    def _seen_clearer(self) -> RiskEvent | None:
        """Return the rise once more if its relation turns out to be one of before."""
        assert self.monitor is not None and self.relations is not None and self.risen is not None
        like = self.relations.like_now(self.risen.since_row)
        if like is None:
            return None
        self.risen = msgspec.structs.replace(
            self.risen,
            what="recurs",
            at=_moment(self.newest),
            row=self.monitor.rows,
            kind="recurring",
            like_from=like.start,
            like_until=like.end,
        )
        return self.risen

    def _follow(self, turn: Turn) -> RiskEvent | None:
        """Go on from a turn, and return it as it is told; ``None`` for a fall told before."""
        assert self.monitor is not None and self.relations is not None
        monitor = self.monitor
        event = self._event(turn)
        if turn == "rose":
            kind = None
            onset = monitor.onset(rises=True)
            if onset is not None and onset.rows >= _LEAST_ROWS_OF_A_COURSE:
                kind = kind_of_rise(monitor.course_to_now(), onset, monitor.reference)
            like = self.relations.like_now(event.since_row)
            event = msgspec.structs.replace(
                event,
                kind="recurring" if like is not None else kind or "sudden",
                like_from=None if like is None else like.start,
                like_until=None if like is None else like.end,
            )
            self.risen, self.fallen = self.risen or event, False
        elif turn == "returned":
            self.risen = None
        monitor.follow(turn)
        if turn != "fell":
            return event
        # A fall from what it had risen to is the way back, which is told when it is sure.
        is_news = not self.fallen and self.risen is None
        self.fallen = self.fallen or is_news
        return event if is_news else None

    def _event(self, turn: Turn) -> RiskEvent:
        assert self.monitor is not None
        monitor = self.monitor
        onset = monitor.onset(rises=turn == "rose")
        rows = monitor.in_chunk or 1 if onset is None else onset.rows
        total = monitor.chunk_total if onset is None else onset.total
        since_row = max(monitor.rows - rows, 0)
        since = self.timeline.time_at(since_row)
        normal = monitor.normal or monitor.reference
        return RiskEvent(
            what=turn,
            at=_moment(self.newest),
            since=_moment(self.newest if since is None else since),
            row=monitor.rows,
            since_row=since_row,
            before=self.scale.from_unit(normal.mean),
            now=self.scale.from_unit(total / rows),
            rows=rows,
        )


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC)
