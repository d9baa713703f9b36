"""E-detectors of all streams under one budget: buckets in, incidents out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import BucketProfile
from watchkeeper.stats import cusum, e_bh, push
from watchkeeper.watch.adoption import adopt, as_adopted, settle_in
from watchkeeper.watch.alarm import Alarm
from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.incidents import Incident
from watchkeeper.watch.ledger import close_returned, follow, open_or_join, settle
from watchkeeper.watch.rules import breaches, broken_rules
from watchkeeper.watch.scoring import Score, learn, returning, score
from watchkeeper.watch.shift_sizes import HEADROOM, SIZES, shift_evidence
from watchkeeper.watch.silence import is_silent, silence_alarm
from watchkeeper.watch.state import RECENT, State, Tally
from watchkeeper.watch.streams import SHAPE

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

# No lasting shift is looked for that is smaller than this many standard errors of the
# expectation itself: the error of a short reference would pass for one.
_KNOWN = 4.0
_LEAST_SHARE = 0.05
_LONGEST_HOLD = 400
_CLIP = 4.0
_MOST_UNITS = 50
_LEAST_EFFECT = 0.3
_MOST_LOG = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Result of one bucket.

    Attributes
    ----------
    state
        Memory for the next bucket.
    changed
        Incidents that opened, spread to more columns or closed at this bucket.
    score
        How the bucket compared; ``None`` for a bucket without rows.
    """

    state: State
    changed: tuple[Incident, ...]
    score: Score | None


def step(
    baseline: Baseline,
    state: State,
    profile: BucketProfile,
    *,
    complete: bool = True,
    adopted: Collection[str] = (),
) -> Step:
    """Take in the next bucket.

    Parameters
    ----------
    profile
        Profile of bucket number ``state.index``; one without rows for a bucket of time that
        holds none.
    complete
        Whether the bucket covers all its time; if not, its number of rows says nothing.
    adopted
        Ids of incidents that become the new normal before this bucket, see `adopt`.

    Notes
    -----
    Every stream carries e-detectors (Shin, Ramdas, Rinaldo 2022) for shifts of three sizes, up and
    down; their weighted mean is an e-detector whatever the dependence between streams, so an
    alarm at ``mean >= threshold`` keeps the mean time to a false alarm at or above the threshold,
    in buckets, over all streams together.
    """
    state, taken = adopt(baseline, state, profile, adopted)
    baseline = as_adopted(baseline, state)
    if profile.rows == 0:
        state, told = _silence(baseline, replace(state, silent=state.silent + 1), profile)
        return Step(state=_skip(baseline, state), changed=taken + told, score=None)
    scored = score(baseline, state, profile, complete=complete)
    whys = breaches(baseline, profile)
    spoilt = np.array([*map(bool, whys), False])
    expectation, centre, squares, learned = learn(baseline, state, scored, spoilt)
    evidence, begun = _accumulate(baseline, state, scored)
    weighted = _weighted(baseline, state, evidence)
    by_unit = _by_unit(baseline, weighted)
    tally = _tally(baseline, state, scored, profile, weighted, begun)
    recent = np.vstack([state.recent[1:], scored.distance / baseline.spread])
    recent[-1, ~scored.seen] = np.nan
    state = replace(
        state,
        expectation=expectation,
        centre=centre,
        squares=squares,
        learned=learned,
        lags=scored.lags,
        gap=scored.gap,
        evidence=evidence,
        begun=begun,
        tally=tally,
        recent=recent,
        ratio=HEADROOM * float(by_unit.sum()) / baseline.settings.threshold,
        silent=0,
    )
    state = settle_in(baseline, _hold(baseline, state, scored), scored)
    state = follow(baseline, state, scored)
    state, closed = close_returned(baseline, settle(baseline, state), profile)
    changed = [*taken, *closed]
    alarms = broken_rules(state, whys)
    if state.ratio >= 1.0:
        state, weighted = _without_effect(baseline, state, weighted)
        by_unit = _by_unit(baseline, weighted)
        if state.ratio >= 1.0:
            alarms.append(_alarm(baseline, state, weighted, by_unit))
    for alarm in alarms:
        state, incident = open_or_join(baseline, state, profile, alarm)
        changed.append(incident)
    if alarms:
        # The procedure starts anew, on the streams that are not in an incident.
        state = replace(state, evidence=np.full_like(state.evidence, -np.inf))
    return Step(state=replace(state, index=state.index + 1), changed=tuple(changed), score=scored)


def _hold(baseline: Baseline, state: State, scored: Score) -> State:
    """Go on learning where settled units stand; what is on its way back teaches nothing."""
    of = state.settled[baseline.streams.unit]
    learning = (of > 0) & scored.seen & ~returning(state, scored.distance)
    if not learning.any():
        return state
    limit = _CLIP * baseline.spread
    step_ = np.clip(scored.distance - state.offset, -limit, limit) / (of + 1.0)
    moved = np.where(learning, step_, 0.0)
    settled = np.where(state.settled > 0, np.minimum(state.settled + 1, _LONGEST_HOLD), 0)
    return replace(
        state,
        offset=state.offset + moved,
        lags=state.lags - moved[:, None],
        settled=settled.astype(np.intp),
    )


def _silence(
    baseline: Baseline, state: State, profile: BucketProfile
) -> tuple[State, tuple[Incident, ...]]:
    """Tell, once, of a silence that is longer than could be usual."""
    if state.muted[-1] or not is_silent(baseline, state):
        return state, ()
    state, incident = open_or_join(baseline, state, profile, silence_alarm(baseline))
    return state, (incident,)


def _skip(baseline: Baseline, state: State) -> State:
    forecast = baseline.memory.forecast(state.lags)
    recent = np.vstack([state.recent[1:], np.full((1, state.recent.shape[1]), np.nan)])
    return replace(
        state,
        index=state.index + 1,
        lags=push(state.lags, forecast),
        gap=state.gap + 1,
        recent=recent if len(recent) == RECENT else state.recent,
    )


def _accumulate(baseline: Baseline, state: State, scored: Score) -> tuple[Floats, Ints]:
    settled = scored.settled
    known = np.where(settled > 0, settled, baseline.calibration.count + state.learned)
    least = _KNOWN / np.sqrt(np.maximum(known, 1.0))
    up, down = (shift_evidence(z, baseline.memory.gain, least) for z in (scored.z, -scored.z))
    first, later = (np.concatenate(sides, axis=1) for sides in zip(up, down, strict=True))
    evidence, restarted = cusum(state.evidence, first, later)
    # A settled stream on its way back is no further change.
    back = returning(state, scored.distance)
    live = scored.watched & ~state.muted[baseline.streams.unit] & ~back
    evidence = np.where(live[:, None], np.minimum(evidence, _MOST_LOG), state.evidence)
    begun = np.where(restarted & live[:, None], state.index, state.begun)
    return evidence, begun


def _weighted(baseline: Baseline, state: State, evidence: Floats) -> Floats:
    """Each detector's part in the weighted mean, (streams, 6)."""
    streams, sides = baseline.streams, evidence.shape[1]
    # A distribution can only be too far from the expected one, never too near.
    one_sided = (streams.aspect == SHAPE)[:, None]
    upward = np.arange(sides)[None, :] < len(SIZES)
    part = np.where(one_sided, np.where(upward, 2.0, 0.0), 1.0) / sides
    live = ~state.muted[streams.unit]
    weighted: Floats = streams.weight[:, None] * part * np.exp(evidence) * live[:, None]
    return weighted


def _by_unit(baseline: Baseline, weighted: Floats) -> Floats:
    units = len(baseline.panel.units) + 1
    total = np.bincount(baseline.streams.unit, weighted.sum(axis=1), minlength=units)
    return total.astype(np.float64)


def _tally(
    baseline: Baseline,
    state: State,
    scored: Score,
    profile: BucketProfile,
    weighted: Floats,
    begun: Ints,
) -> Tally:
    """Add the bucket to each unit's tally, begun anew where the unit's best explanation is."""
    panel, old, unit = baseline.panel, state.tally, baseline.streams.unit
    best = weighted.argmax(axis=1)
    strongest = weighted[np.arange(len(unit)), best]
    since = begun[np.arange(len(unit)), best]
    order = np.argsort(strongest, kind="stable")
    unit_since = old.begun.copy()
    unit_since[unit[order]] = since[order]
    anew = (unit_since == state.index) & ~state.muted
    keep = ~anew
    units = len(panel.units)
    group_unit = panel.unit_of_group()
    fine_unit = np.repeat(np.arange(units), np.diff(panel.fine_start))
    reading = scored.reading
    rows = np.append(reading.rows, float(profile.rows))
    at = profile.start.timestamp() if profile.start else np.nan
    return Tally(
        fine=old.fine * keep[fine_unit] + reading.fine,
        expected=old.expected * keep[group_unit]
        + np.clip(scored.expected, 0.0, 1.0) * reading.rows[group_unit],
        rows=old.rows * keep + rows,
        sums=old.sums * keep[:units] + reading.sums,
        counted=old.counted * keep[:units] + reading.counted,
        volume_expected=old.volume_expected * keep[-1] + scored.expected_rows,
        volume_buckets=old.volume_buckets * keep[-1] + 1.0,
        begun=np.where(anew, state.index, old.begun),
        begun_at=np.where(anew, at, old.begun_at),
    )


def _without_effect(baseline: Baseline, state: State, weighted: Floats) -> tuple[State, Floats]:
    """Drop evidence of streams that, on average, hardly left their expectation.

    In a process with memory a slow swing from below to above the expectation looks for a while like
    a lasting shift to its forecasts. A shift that is one is there in the mean as well.
    """
    streams = np.arange(len(weighted))
    best = weighted.argmax(axis=1)
    since = np.clip(state.index - state.begun[streams, best], 0, RECENT - 1)
    newest = np.arange(RECENT)[:, None] >= RECENT - 1 - since[None, :]
    counted = newest & np.isfinite(state.recent)
    mean = np.where(counted, state.recent, 0.0).sum(axis=0) / np.maximum(counted.sum(axis=0), 1)
    mean -= state.offset / baseline.spread
    direction = np.where(best < len(SIZES), 1.0, -1.0)
    idle = direction * mean < _LEAST_EFFECT
    weighted = np.where(idle[:, None], 0.0, weighted)
    evidence = np.where(idle[:, None], -np.inf, state.evidence)
    ratio = HEADROOM * float(weighted.sum()) / baseline.settings.threshold
    return replace(state, evidence=evidence, ratio=ratio), weighted


def _alarm(baseline: Baseline, state: State, weighted: Floats, by_unit: Floats) -> Alarm:
    """Name the units that carry the evidence, and the stream that speaks loudest for each."""
    share = by_unit / by_unit.sum()
    streams = baseline.streams
    weight = np.bincount(streams.unit, streams.weight, minlength=len(by_unit))
    alone = by_unit / np.maximum(weight, 1e-300)
    significant = e_bh(HEADROOM * alone, 1.0 / baseline.settings.threshold)
    order = np.argsort(-share, kind="stable")
    carried = significant[order] | (share[order] >= _LEAST_SHARE)
    members = [int(u) for u in order[carried][:_MOST_UNITS] if by_unit[u] > 0]
    by_stream = weighted.sum(axis=1)
    tracked = []
    for u in members:
        own = np.flatnonzero(streams.unit == u)
        tracked.append(int(own[np.argmax(by_stream[own])]))
    return Alarm(
        cause="drift",
        units=tuple(members),
        tracked=tuple(tracked),
        share=tuple(float(share[u]) for u in members),
        score=tuple(HEADROOM * float(by_unit[u]) / baseline.settings.threshold for u in members),
        significant=tuple(bool(significant[u]) for u in members),
        note="",
    )
