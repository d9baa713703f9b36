"""The open incidents: opened once, joined by what happens with them, closed when all is back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import BucketProfile
from watchkeeper.watch.alarm import Alarm
from watchkeeper.watch.baseline import Baseline, memory_time
from watchkeeper.watch.effects import effect_of, moved_shares
from watchkeeper.watch.incidents import Cause, Effect, Incident, Kind, StreamEvidence
from watchkeeper.watch.kinds import kind_of_course
from watchkeeper.watch.regimes import nearest_span
from watchkeeper.watch.rules import all_back
from watchkeeper.watch.scoring import Score
from watchkeeper.watch.silence import silence_effect
from watchkeeper.watch.state import RECENT, Ongoing, Signature, State
from watchkeeper.watch.streams import ASPECTS, RELATION
from watchkeeper.watch.wording import message_of, span_text

Floats = NDArray[np.float64]

RETURNED = 3.0
"""Log evidence at which a unit counts as back: odds of about 20 to 1 against the shift lasting."""
JOIN_BUCKETS = 12
"""Buckets within which what alarms belongs to an incident that opened."""
SETTLED = 20
"""Buckets over which the place of a column is taken that stays away."""
_STEP = 1.0
_LONGEST_COURSE = 400
_SAME_DIRECTION = 0.9


def open_or_join(
    baseline: Baseline, state: State, profile: BucketProfile, alarm: Alarm
) -> tuple[State, Incident]:
    """Open an incident, or add to one of the same cause that opened within the last 12 buckets.

    A unit whose earlier incident had settled moves over to this one.
    """
    state = _leave_settled(baseline, state, alarm.units)
    evidence = tuple(_evidence(baseline, state, alarm, place) for place in range(len(alarm.units)))
    shift = tuple(_mean_shift(state, u, s) for u, s in zip(alarm.units, alarm.tracked, strict=True))
    zero = (0.0,) * len(alarm.units)
    ones = (1,) * len(alarm.units)
    muted = state.muted.copy()
    muted[list(alarm.units)] = True
    known = set(alarm.units)
    host = next(
        (o for o in state.ongoing if _joins(o, alarm, state.index) and not known & set(o.units)),
        None,
    )
    if host is not None:
        grown = _joined(baseline, host, evidence)
        ongoing = msgspec.structs.replace(
            host,
            incident=grown,
            units=host.units + alarm.units,
            tracked=host.tracked + alarm.tracked,
            shift=host.shift + shift,
            buckets=host.buckets + ones,
            returning=host.returning + zero,
            moved=host.moved + ((),) * len(alarm.units),
        )
        others = tuple(ongoing if o is host else o for o in state.ongoing)
        return replace(state, ongoing=others, muted=muted), grown
    course = tuple(float(v) for v in state.recent[:, alarm.tracked[0]])
    incident = _opened(baseline, state, profile, alarm, evidence, course)
    ongoing = Ongoing(
        incident=incident,
        units=alarm.units,
        tracked=alarm.tracked,
        shift=shift,
        buckets=ones,
        returning=zero,
        moved=((),) * len(alarm.units),
        course=course,
        lead=alarm.note,
    )
    return replace(state, ongoing=(*state.ongoing, ongoing), muted=muted), incident


def follow(baseline: Baseline, state: State, scored: Score) -> State:
    """Let the bucket speak for or against the return of each unit in an open incident.

    A sequential test of "back at the expectation" against "shifted as so far" (Page 1954), its
    steps bounded, and divided by the memory of the stream, since buckets repeat one another.
    """
    if not state.ongoing:
        return state
    repeats = memory_time(baseline.memory)
    distance = scored.distance / baseline.spread
    followed = []
    for ongoing in state.ongoing:
        if ongoing.incident.cause == "rule":
            followed.append(ongoing)
            continue
        shift, buckets = list(ongoing.shift), list(ongoing.buckets)
        returning = list(ongoing.returning)
        for i, stream in enumerate(ongoing.tracked):
            if not scored.seen[stream] or returning[i] >= RETURNED:
                continue
            d = float(distance[stream])
            gain = (shift[i] ** 2 / 2 - shift[i] * d) / float(repeats[stream])
            returning[i] = max(0.0, returning[i] + min(_STEP, max(-_STEP, gain)))
            if returning[i] < _STEP:
                buckets[i] += 1
                shift[i] += (d - shift[i]) / buckets[i]
        first = ongoing.tracked[0]
        course = (*ongoing.course, float(distance[first]))[-_LONGEST_COURSE:]
        followed.append(
            msgspec.structs.replace(
                ongoing,
                shift=tuple(shift),
                buckets=tuple(buckets),
                returning=tuple(returning),
                course=course,
            )
        )
    return replace(state, ongoing=tuple(followed))


def settle(baseline: Baseline, state: State) -> State:
    """Let units that stay shifted be watched again, from where they are now.

    An incident may last for ever. Its units hold still for 20 buckets, or four times their memory,
    then further changes of them are looked for; the incident stays open until they are back
    where they came from.
    """
    due: list[int] = []
    shift_of: dict[int, float] = {}
    for ongoing in state.ongoing:
        if ongoing.incident.cause == "rule":
            continue
        age = state.index - ongoing.incident.opened_bucket + 1
        for unit, stream, shift in zip(ongoing.units, ongoing.tracked, ongoing.shift, strict=True):
            still = max(SETTLED, 4.0 * memory_time(baseline.memory)[stream])
            moved_on = unit in ongoing.superseded_units or unit in ongoing.released
            if state.muted[unit] and age >= still and not moved_on:
                due.append(unit)
                shift_of[stream] = shift
    if not due:
        return state
    muted, settled = state.muted.copy(), state.settled.copy()
    muted[due], settled[due] = False, SETTLED
    of = np.isin(baseline.streams.unit, due)
    recent = state.recent[-SETTLED:]
    seen = np.isfinite(recent)
    mean = np.where(seen, recent, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    for stream, shift in shift_of.items():
        mean[stream] = shift
    offset = np.where(of, mean * baseline.spread, state.offset)
    state = replace(state, muted=muted, settled=settled)
    return _moved_to(baseline, state, offset)


def _moved_to(baseline: Baseline, state: State, offset: Floats) -> State:
    """Measure streams from another place, and what they remember with them."""
    units = len(baseline.panel.units)
    moved = offset - state.offset
    seen_from = -moved
    seen_from[baseline.streams.aspect == RELATION] += baseline.relations.explained(moved[:units])
    return replace(state, offset=offset, lags=state.lags + seen_from[:, None])


def _leave_settled(baseline: Baseline, state: State, units: tuple[int, ...]) -> State:
    """Take units out of settled incidents; they belong to a newer one now."""
    leaving = [u for u in units if state.settled[u] > 0]
    if not leaving:
        return state
    state = _unsettled(baseline, state, leaving)
    ongoing = tuple(
        msgspec.structs.replace(
            o,
            returning=tuple(
                RETURNED if u in leaving else r for u, r in zip(o.units, o.returning, strict=True)
            ),
            superseded_units=o.superseded_units
            + tuple(u for u in leaving if u in o.units and u not in o.released),
        )
        for o in state.ongoing
    )
    return replace(state, ongoing=ongoing)


def _unsettled(baseline: Baseline, state: State, units: Sequence[int]) -> State:
    of = np.isin(baseline.streams.unit, units)
    settled = state.settled.copy()
    settled[list(units)] = 0
    state = replace(state, settled=settled)
    return _moved_to(baseline, state, np.where(of, 0.0, state.offset))


def close_returned(
    baseline: Baseline, state: State, profile: BucketProfile
) -> tuple[State, list[Incident]]:
    """Watch units again that are back, and close incidents whose units all are."""
    left: list[Ongoing] = []
    closed: list[Incident] = []
    past = list(state.past)
    for ongoing in state.ongoing:
        back = _back(baseline, ongoing, profile)
        state, ongoing = _released(baseline, state, ongoing, back)
        if len(ongoing.released) < len(ongoing.units):
            left.append(ongoing)
            continue
        told = describe(baseline, state, ongoing)
        final = msgspec.structs.replace(told, closed_bucket=state.index, closed_at=profile.end)
        message = message_of(
            final,
            timezone=baseline.settings.timezone,
            lead=ongoing.lead,
            superseded=bool(ongoing.superseded_units),
        )
        closed.append(msgspec.structs.replace(final, message=message))
        past.append(_signature(ongoing, profile))
    return replace(state, ongoing=tuple(left), past=tuple(past)), closed


def _back(baseline: Baseline, ongoing: Ongoing, profile: BucketProfile) -> tuple[int, ...]:
    """Return the units of an incident that are back at this bucket and were not before."""
    if ongoing.incident.cause == "rule":
        return ongoing.units if all_back(baseline, ongoing.units, profile) else ()
    return tuple(
        u
        for u, r in zip(ongoing.units, ongoing.returning, strict=True)
        if r >= RETURNED and u not in ongoing.released
    )


def _released(
    baseline: Baseline, state: State, ongoing: Ongoing, back: tuple[int, ...]
) -> tuple[State, Ongoing]:
    """Let units go: note how large their change was, and watch them as before."""
    if not back:
        return state, ongoing
    # What moved on to a later incident stays with that one.
    own = [u for u in back if u not in ongoing.superseded_units]
    streams = {(s.column, s.segment): s for s in ongoing.incident.streams}
    moved = dict(zip(ongoing.units, ongoing.moved, strict=True))
    for unit in own:
        key = _named(baseline, unit)
        if state.muted[unit] and key in streams:
            effect = _effect(baseline, state, ongoing.incident.cause, unit)
            streams[key] = msgspec.structs.replace(streams[key], effect=effect)
        if unit < len(baseline.panel.units):
            moved[unit] = tuple(float(v) for v in moved_shares(baseline, state.tally, unit))
    state = _unsettled(baseline, state, [u for u in own if state.settled[u] > 0])
    muted = state.muted.copy()
    muted[own] = False
    released = msgspec.structs.replace(
        ongoing,
        incident=msgspec.structs.replace(ongoing.incident, streams=tuple(streams.values())),
        released=ongoing.released + back,
        moved=tuple(moved[u] for u in ongoing.units),
    )
    return replace(state, muted=muted), released


def _named(baseline: Baseline, unit: int) -> tuple[str, str]:
    if unit == len(baseline.panel.units):
        return "(rows)", ""
    named = baseline.panel.units[unit]
    return named.column, named.segment


def current(baseline: Baseline, state: State) -> tuple[Incident, ...]:
    """Return the open incidents as they stand now."""
    return tuple(describe(baseline, state, ongoing) for ongoing in state.ongoing)


def describe(baseline: Baseline, state: State, ongoing: Ongoing) -> Incident:
    """Return an open incident as it stands now: effects and kind over all its buckets."""
    units = {_named(baseline, u): u for u in ongoing.units if u not in ongoing.released}
    streams = tuple(
        msgspec.structs.replace(
            s, effect=_effect(baseline, state, ongoing.incident.cause, units[key])
        )
        if (key := (s.column, s.segment)) in units and state.muted[units[key]]
        else s
        for s in ongoing.incident.streams
    )
    streams = tuple(sorted(streams, key=lambda s: -s.share))
    kind = ongoing.incident.kind
    if kind != "recurring" and ongoing.incident.cause == "drift":
        kind = kind_of_course(np.array(_trimmed(ongoing)))
    told = msgspec.structs.replace(ongoing.incident, streams=streams, kind=kind)
    return msgspec.structs.replace(
        told, message=message_of(told, timezone=baseline.settings.timezone, lead=ongoing.lead)
    )


def _trimmed(ongoing: Ongoing) -> tuple[float, ...]:
    """Return the course without the buckets in which the return showed."""
    returned = int(np.ceil(ongoing.returning[0] / _STEP))
    return ongoing.course[: len(ongoing.course) - returned] if returned else ongoing.course


def _joins(ongoing: Ongoing, alarm: Alarm, index: int) -> bool:
    incident = ongoing.incident
    return incident.cause == alarm.cause and index - incident.opened_bucket <= JOIN_BUCKETS


def _joined(baseline: Baseline, host: Ongoing, evidence: tuple[StreamEvidence, ...]) -> Incident:
    streams = host.incident.streams + evidence
    total = sum(s.score for s in streams)
    shared = tuple(msgspec.structs.replace(s, share=s.score / total) for s in streams)
    grown = msgspec.structs.replace(host.incident, streams=shared)
    return msgspec.structs.replace(
        grown, message=message_of(grown, timezone=baseline.settings.timezone)
    )


def _evidence(baseline: Baseline, state: State, alarm: Alarm, place: int) -> StreamEvidence:
    u, stream = alarm.units[place], alarm.tracked[place]
    volume = u == len(baseline.panel.units)
    unit = None if volume else baseline.panel.units[u]
    return StreamEvidence(
        column="(rows)" if unit is None else unit.column,
        segment="" if unit is None else unit.segment,
        score=float(f"{alarm.score[place]:.6g}"),
        share=round(alarm.share[place], 6),
        significant=alarm.significant[place],
        aspect="rule" if alarm.cause == "rule" else ASPECTS[baseline.streams.aspect[stream]],
        effect=_effect(baseline, state, alarm.cause, u),
    )


def _effect(baseline: Baseline, state: State, cause: Cause, unit: int) -> Effect:
    if cause == "rule" and unit == len(baseline.panel.units):
        return silence_effect(baseline)
    return effect_of(baseline, state.tally, unit)


def _mean_shift(state: State, unit: int, stream: int) -> float:
    """Mean distance of a stream since the unit's evidence began, in usual deviations."""
    since = int(min(RECENT, max(1, state.index - state.tally.begun[unit] + 1)))
    values = state.recent[-since:, stream]
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else 0.0


def _opened(
    baseline: Baseline,
    state: State,
    profile: BucketProfile,
    alarm: Alarm,
    evidence: tuple[StreamEvidence, ...],
    course: tuple[float, ...],
) -> Incident:
    unit = alarm.units[0]
    at = float(state.tally.begun_at[unit])
    since = state.index if alarm.cause == "rule" else int(state.tally.begun[unit])
    started = profile.start if alarm.cause == "rule" else _time(at)
    resembles = _resembles(baseline, state, alarm) if alarm.cause == "drift" else None
    kind: Kind
    if resembles is not None:
        kind = "recurring"
    else:
        kind = kind_of_course(np.array(course)) if alarm.cause == "drift" else "sudden"
    incident = Incident(
        incident_id=f"{alarm.cause}-{state.index:06d}-{unit:04d}",
        cause=alarm.cause,
        kind=kind,
        opened_bucket=state.index,
        opened_at=profile.end,
        since_bucket=since,
        since=started,
        closed_bucket=None,
        closed_at=None,
        streams=evidence,
        resembles=resembles,
        message=alarm.note,
    )
    return msgspec.structs.replace(
        incident, message=message_of(incident, timezone=baseline.settings.timezone, lead=alarm.note)
    )


def _time(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, tz=UTC) if np.isfinite(at) else None


def _groups_of(baseline: Baseline, units: tuple[int, ...]) -> np.ndarray:
    start = baseline.panel.group_start
    known = [u for u in units if u < len(baseline.panel.units)]
    parts = [np.arange(start[u], start[u + 1]) for u in known]
    return np.concatenate(parts).astype(np.intp) if parts else np.zeros(0, dtype=np.intp)


def _resembles(baseline: Baseline, state: State, alarm: Alarm) -> str | None:
    """Name an earlier incident, or a span of the reference, that looked like this one."""
    units = tuple(u for u in alarm.units if u < len(baseline.panel.units))
    if not units:
        return None
    for signature in reversed(state.past):
        common = tuple(u for u in signature.units if u in units)
        if 2 * len(common) < len(set(signature.units) | set(units)):
            continue
        place = {u: i for i, u in enumerate(signature.units)}
        sizes = [
            baseline.panel.group_start[u + 1] - baseline.panel.group_start[u]
            for u in signature.units
        ]
        ends = np.concatenate([[0], np.cumsum(sizes)])
        then = np.concatenate(
            [np.array(signature.moved)[ends[place[u]] : ends[place[u] + 1]] for u in common]
        )
        now = np.concatenate([moved_shares(baseline, state.tally, u) for u in common])
        size = float(np.linalg.norm(then) * np.linalg.norm(now))
        if size > 0 and float(then @ now) / size > _SAME_DIRECTION:
            return span_text(
                signature.since,
                signature.until,
                signature.incident_id,
                timezone=baseline.settings.timezone,
            )
    return _like_reference(baseline, state, units)


def _like_reference(baseline: Baseline, state: State, units: tuple[int, ...]) -> str | None:
    groups = _groups_of(baseline, units)
    start = baseline.panel.group_start
    rows = np.concatenate(
        [np.full(start[u + 1] - start[u], max(state.tally.rows[u], 1.0)) for u in units]
    )
    before = np.maximum(state.tally.expected[groups] / rows, 0.0)
    after = np.maximum(
        before + np.concatenate([moved_shares(baseline, state.tally, u) for u in units]), 0.0
    )
    span = nearest_span(baseline.regimes, before, after, groups)
    if span is None or baseline.regimes.starts[span] is None:
        return None
    return span_text(
        baseline.regimes.starts[span],
        baseline.regimes.ends[span],
        "",
        timezone=baseline.settings.timezone,
    )


def _signature(ongoing: Ongoing, profile: BucketProfile) -> Signature:
    units = tuple(u for u, m in zip(ongoing.units, ongoing.moved, strict=True) if m)
    return Signature(
        incident_id=ongoing.incident.incident_id,
        since=ongoing.incident.since,
        until=profile.end,
        units=units,
        moved=tuple(v for m in ongoing.moved for v in m),
    )
