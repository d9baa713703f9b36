"""A change adopted as normal: the expectation moves to where an incident's columns are now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import BucketProfile
from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.effects import moved_shares
from watchkeeper.watch.incidents import Incident
from watchkeeper.watch.ledger import SETTLED, describe
from watchkeeper.watch.panel import group_means
from watchkeeper.watch.scoring import Score
from watchkeeper.watch.state import Adopted, Ongoing, State
from watchkeeper.watch.streams import LEVEL, RELATION, SHAPE, VOLUME
from watchkeeper.watch.wording import message_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_CLIP = 4.0
_AS_IN_REFERENCE = 20.0
"""Rows for which the reference stands in where a group's bins are split by what was adopted."""


def adopt(
    baseline: Baseline, state: State, profile: BucketProfile, incidents: Collection[str]
) -> tuple[State, tuple[Incident, ...]]:
    """Take open incidents as the new normal, before the bucket that follows is judged.

    The columns of such an incident are expected where they were lately, and watched from there on:
    further changes, and a return to what was normal before. The incident closes.

    Parameters
    ----------
    profile
        The bucket that follows.
    incidents
        Ids. One that is not open, or was opened by a rule, stays as it is: what a rule asks
        for belongs to the baseline. Where buckets were judged again, and none is open of that id,
        the one is meant that covers the column which opened it, whenever it opened.
    """
    meant = {found for one in incidents for found in _meant(state, one)}
    taken = [o for o in state.ongoing if o.incident.incident_id in meant]
    if not taken:
        return state, ()
    closed = tuple(_closed(baseline, state, ongoing, profile) for ongoing in taken)
    units = sorted({u for o in taken for u in o.units if _is_own(o, u)})
    moved = _at_home(baseline, state, units)
    left = tuple(o for o in state.ongoing if o not in taken)
    return replace(moved, ongoing=left), closed


def as_adopted(baseline: Baseline, state: State) -> Baseline:
    """Return the baseline with the bins of adopted columns filled as they are now."""
    if state.adopted is None:
        return baseline
    panel = replace(
        baseline.panel,
        within_group=state.adopted.within_group,
        group_mean=state.adopted.group_mean,
    )
    return replace(baseline, panel=panel)


def settle_in(baseline: Baseline, state: State, scored: Score) -> State:
    """Let a bucket teach where the columns are that were adopted lately.

    What was adopted rests on few buckets. Each of the next 400 moves the place by its part of
    the mean; after them the expectation itself learns again. How restless the columns are there is
    learned anew: where the reference had few values, its bins tell less.
    """
    adopted = state.adopted
    if adopted is None:
        return state
    panel, streams = baseline.panel, baseline.streams
    young = adopted.young()
    learning = (young > 0) & ~state.muted & (state.settled == 0)
    if not learning.any():
        return state
    units = len(panel.units)
    pace = np.where(learning, 1.0 / (young + 1.0), 0.0)
    limit = _CLIP * baseline.spread
    step = np.clip(scored.distance, -limit, limit) * pace[streams.unit] * scored.seen
    outcomes, centre = adopted.outcomes.copy(), adopted.centre.copy()
    level = streams.aspect == LEVEL
    outcomes[:units] += step[level]
    outcomes[-1] += step[streams.aspect == VOLUME].sum()
    group_unit = panel.unit_of_group()
    odd = np.maximum(np.abs(scored.standardised[streams.aspect == SHAPE]), _CLIP)
    shares = scored.reading.groups / np.maximum(scored.reading.rows[group_unit], 1.0)
    seen = scored.reading.rows[group_unit] > 0
    moved = np.where(seen, shares - scored.expected, 0.0) * (_CLIP / odd * pace[:units])[group_unit]
    outcomes[units:-1] += moved
    centre[streams.aspect == SHAPE] += step[streams.aspect == SHAPE]
    taught = learning[streams.unit] & scored.seen
    bounded = np.minimum(scored.standardised**2, _CLIP**2)
    return replace(
        state,
        adopted=replace(
            adopted,
            outcomes=outcomes,
            centre=centre,
            buckets=np.where(learning, adopted.buckets + 1, adopted.buckets).astype(np.intp),
            squares=adopted.squares + np.where(taught, bounded, 0.0),
            learned=adopted.learned + taught,
        ),
        lags=state.lags - step[:, None],
    )


def _meant(state: State, incident_id: str) -> list[str]:
    """Return the ids of the open incidents that an id means; its last part tells a column."""
    drift = [o for o in state.ongoing if o.incident.cause == "drift"]
    if any(o.incident.incident_id == incident_id for o in drift):
        return [incident_id]
    cause, _, rest = incident_id.partition("-")
    unit = rest.rpartition("-")[2]
    if cause != "drift" or not unit.isdecimal():
        return []
    return [o.incident.incident_id for o in drift if int(unit) in o.units and _is_own(o, int(unit))]


def _is_own(ongoing: Ongoing, unit: int) -> bool:
    return unit not in ongoing.released and unit not in ongoing.superseded_units


def _closed(baseline: Baseline, state: State, ongoing: Ongoing, profile: BucketProfile) -> Incident:
    told = msgspec.structs.replace(
        describe(baseline, state, ongoing),
        closed_bucket=state.index,
        closed_at=profile.end,
        adopted=True,
    )
    message = message_of(told, timezone=baseline.settings.timezone, lead=ongoing.lead)
    return msgspec.structs.replace(told, message=message)


def _at_home(baseline: Baseline, state: State, units: list[int]) -> State:
    """Expect units where they were lately, and begin anew to look for changes of them."""
    streams, names = baseline.streams, len(baseline.panel.units)
    of = np.isin(streams.unit, units)
    place, buckets = _place(baseline, state, units)
    adopted = state.adopted or _nothing(baseline)
    outcomes = adopted.outcomes.copy()
    outcomes[:names] += place[streams.aspect == LEVEL]
    outcomes[-1] += place[streams.aspect == VOLUME].sum()
    within, means = adopted.within_group.copy(), adopted.group_mean.copy()
    start = baseline.panel.group_start
    for unit in (u for u in units if u < names):
        moved = moved_shares(baseline, state.tally, unit)
        outcomes[names + start[unit] : names + start[unit + 1]] += moved
        _fill_bins(baseline, state, unit, within, means)
    lags = state.lags - np.where(of, place - state.offset, 0.0)[:, None]
    muted, settled = state.muted.copy(), state.settled.copy()
    muted[units], settled[units] = False, 0
    since = adopted.buckets.copy()
    since[units] = buckets
    return replace(
        state,
        adopted=Adopted(
            outcomes=outcomes,
            centre=np.where(of, 0.0, adopted.centre),
            buckets=since,
            squares=np.where(of, 0.0, adopted.squares),
            learned=np.where(of, 0.0, adopted.learned),
            within_group=within,
            group_mean=means,
        ),
        lags=np.where((of & (streams.aspect == SHAPE))[:, None], 0.0, lags),
        muted=muted,
        settled=settled,
        offset=np.where(of, 0.0, state.offset),
        evidence=np.where(of[:, None], -np.inf, state.evidence),
        begun=np.where(of[:, None], state.index, state.begun),
        recent=np.where(of[None, :], np.nan, state.recent),
    )


def _place(baseline: Baseline, state: State, units: list[int]) -> tuple[Floats, list[int]]:
    """Return where streams were lately, and over how many buckets that is known of each unit.

    A unit that has settled is where its incident holds it.
    """
    streams = baseline.streams
    place, buckets = np.zeros(len(streams)), []
    for unit in units:
        own = streams.unit == unit
        known = int(np.clip(state.index - state.tally.begun[unit], 1, SETTLED))
        buckets.append(known)
        if state.settled[unit] > 0:
            place[own] = state.offset[own]
            continue
        recent = state.recent[-known:, own]
        there = np.isfinite(recent)
        mean = np.where(there, recent, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        place[own] = mean * baseline.spread[own]
    # Shapes are seen from shares, which move themselves, and relations are given up.
    left_out = (streams.aspect == SHAPE) | (streams.aspect == RELATION)
    return np.where(left_out, 0.0, place), buckets


def _fill_bins(baseline: Baseline, state: State, unit: int, within: Floats, means: Floats) -> None:
    """Split a unit's groups over its bins as its rows were lately, and note the groups' means."""
    panel, tally = baseline.panel, state.tally
    fine = slice(panel.fine_start[unit], panel.fine_start[unit + 1])
    groups = slice(panel.group_start[unit], panel.group_start[unit + 1])
    own = panel.group_of[fine] - panel.group_start[unit]
    counts = tally.fine[fine]
    total = np.bincount(own, counts, minlength=groups.stop - groups.start)
    as_before = _AS_IN_REFERENCE * panel.within_group[fine]
    within[fine] = (counts + as_before) / (total + _AS_IN_REFERENCE)[own]
    if tally.counted[unit] > 0:
        mean = float(tally.sums[unit] / tally.counted[unit])
        found = group_means(counts, own, baseline.bins[panel.units[unit].column], mean)
        means[groups] = np.where((total > 0) & np.isfinite(found), found, means[groups])


def _nothing(baseline: Baseline) -> Adopted:
    panel = baseline.panel
    return Adopted(
        outcomes=np.zeros(len(panel.units) + int(panel.group_start[-1]) + 1),
        centre=np.zeros(len(baseline.streams)),
        buckets=np.zeros(len(panel.units) + 1, dtype=np.intp),
        squares=np.zeros(len(baseline.streams)),
        learned=np.zeros(len(baseline.streams)),
        within_group=panel.within_group,
        group_mean=panel.group_mean,
    )
