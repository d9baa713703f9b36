"""Rises of the loss, as incidents beside those of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from watchkeeper.pipeline.backtesting.buckets import Buckets
from watchkeeper.pipeline.backtesting.concept import ConceptWatch
from watchkeeper.pipeline.concept.wording import (
    loss_name,
    resembles_text,
    return_text,
    rise_text,
    value_text,
)
from watchkeeper.pipeline.cutting import to_microseconds
from watchkeeper.watch import Effect, Incident, StreamEvidence
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
    opened = _bucket(watch, one.opened.at)
    since = min(_bucket(watch, one.opened.since), opened)
    closed = None if one.closed is None else _bucket(watch, one.closed.at)
    last = len(buckets.starts) - 1 if one.closed is None else _bucket(watch, one.closed.since)
    told = _measured(one, watch, since, max(last, opened))
    is_timed = buckets.starts[since] is not None
    effect = Effect(before_mean=told.before, after_mean=told.now, shift=told.now - told.before)
    return Incident(
        incident_id=f"concept-{number}",
        cause="concept",
        kind=told.kind or "sudden",
        opened_bucket=opened,
        opened_at=buckets.ends[opened],
        since_bucket=since,
        since=buckets.starts[since],
        closed_bucket=closed,
        closed_at=None if closed is None else buckets.ends[closed],
        streams=(
            StreamEvidence(
                column=loss_name(watch.loss).removeprefix("the "),
                score=1.0,
                share=1.0,
                significant=True,
                aspect="loss",
                effect=effect,
            ),
        ),
        resembles=resembles_text(told, timezone=timezone) if is_timed else None,
        message=_message(one, told, watch, since=None if is_timed else since, timezone=timezone),
    )


def _measured(one: _Rise, watch: ConceptWatch, first: int, last: int) -> RiskEvent:
    """Return the rise as it turned out, with the mean loss of the predictions of its buckets."""
    told = msgspec.structs.replace(
        one.latest,
        since=one.opened.since,
        before=one.opened.before,
        kind=one.latest.kind or one.opened.kind,
    )
    rows = int(watch.rows[first : last + 1].sum())
    if not rows:
        return told
    mean = float(watch.totals[first : last + 1].sum()) / rows
    return msgspec.structs.replace(told, now=mean, rows=rows)


def _bucket(watch: ConceptWatch, moment: datetime) -> int:
    return watch.bucket_of(to_microseconds(moment))


def _message(
    one: _Rise, told: RiskEvent, watch: ConceptWatch, *, since: int | None, timezone: str
) -> str:
    """Return what happened; ``since`` is a bucket where rows have no times."""
    assert watch.loss is not None
    if since is None:
        text = rise_text(told, watch.loss, unit=watch.cost_unit, timezone=timezone)
    else:
        before, now = (
            value_text(watch.loss, value, watch.cost_unit) for value in (told.before, told.now)
        )
        name = loss_name(watch.loss)
        text = f"{name[0].upper()}{name[1:]} rose from {before} to {now}, since bucket {since}."
    if one.closed is None:
        return text
    return return_text(text, one.closed, watch.loss, unit=watch.cost_unit)
