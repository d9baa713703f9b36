"""Rises of the loss, as incidents beside those of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watchkeeper.pipeline.backtesting.buckets import Buckets
from watchkeeper.pipeline.backtesting.concept import ConceptWatch
from watchkeeper.pipeline.concept_losses import LOSS_LABELS
from watchkeeper.pipeline.cutting import to_microseconds
from watchkeeper.watch import Effect, Incident, Kind, StreamEvidence, moment_text, span_text
from watchkeeper.watch.concept import RiskEvent


@dataclass(slots=True, kw_only=True)
class _Rise:
    opened: RiskEvent
    latest: RiskEvent
    closed: RiskEvent | None = None


def concept_incidents(
    watch: ConceptWatch, buckets: Buckets, *, timezone: str
) -> tuple[Incident, ...]:
    """Return an incident for each rise that a watch told, oldest first.

    One whose loss rises further goes on; it ends when the loss is back.
    """
    rises: list[_Rise] = []
    for event in watch.events:
        is_open = bool(rises) and rises[-1].closed is None
        if event.what in ("rose", "recurs"):
            if not is_open:
                rises.append(_Rise(opened=event, latest=event))
            rises[-1].latest = event
        elif event.what == "returned" and is_open:
            rises[-1].closed = event
    return tuple(
        _incident(number, one, watch, buckets, timezone) for number, one in enumerate(rises)
    )


def _incident(
    number: int, one: _Rise, watch: ConceptWatch, buckets: Buckets, timezone: str
) -> Incident:
    assert watch.loss is not None
    name = LOSS_LABELS[watch.loss]
    opened = _bucket(watch, one.opened.at)
    since = min(_bucket(watch, one.opened.since), opened)
    closed = None if one.closed is None else _bucket(watch, one.closed.at)
    last = len(buckets.starts) - 1 if one.closed is None else _bucket(watch, one.closed.since)
    before, after = one.opened.before, _mean(watch, since, max(last, opened)) or one.opened.now
    is_timed = buckets.starts[since] is not None
    resembles = None
    if is_timed and one.latest.like_from is not None:
        resembles = span_text(
            one.latest.like_from, one.latest.like_until, "an earlier time", timezone=timezone
        )
    effect = Effect(before_mean=before, after_mean=after, shift=after - before)
    kind: Kind = one.latest.kind or one.opened.kind or "sudden"
    return Incident(
        incident_id=f"concept-{number}",
        cause="concept",
        kind=kind,
        opened_bucket=opened,
        opened_at=buckets.ends[opened],
        since_bucket=since,
        since=buckets.starts[since],
        closed_bucket=closed,
        closed_at=None if closed is None else buckets.ends[closed],
        streams=(
            StreamEvidence(
                column=name, score=1.0, share=1.0, significant=True, aspect="loss", effect=effect
            ),
        ),
        resembles=resembles,
        message=_message(name, effect, since, closed, buckets.starts[since], resembles, timezone),
    )


def _bucket(watch: ConceptWatch, moment: datetime) -> int:
    return watch.bucket_of(to_microseconds(moment))


def _mean(watch: ConceptWatch, first: int, last: int) -> float | None:
    """Return the mean loss of the predictions of some buckets."""
    rows = float(watch.rows[first : last + 1].sum())
    return float(watch.totals[first : last + 1].sum()) / rows if rows else None


def _message(
    name: str,
    effect: Effect,
    since: int,
    closed: int | None,
    moment: datetime | None,
    resembles: str | None,
    timezone: str,
) -> str:
    when = f"bucket {since}" if moment is None else moment_text(moment, timezone)
    text = (
        f"the model's {name} rose from {effect.before_mean:.3g} to {effect.after_mean:.3g},"
        f" since {when}"
    )
    if resembles is not None:
        text += f"; labels go with predictions as in {resembles}"
    if closed is None:
        return text
    lasted = closed - since + 1
    return f"{text}; back to normal after {lasted} bucket{'s' if lasted != 1 else ''}"
