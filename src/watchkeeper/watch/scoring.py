"""One bucket against its expectation: forecast errors of all streams as normal scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import BucketProfile
from watchkeeper.stats import push
from watchkeeper.watch.baseline import Baseline, spread_factor, stream_sampling
from watchkeeper.watch.expectation import Expectation
from watchkeeper.watch.panel import Reading
from watchkeeper.watch.shape import follow_level, shape_values
from watchkeeper.watch.state import State
from watchkeeper.watch.streams import RELATION

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

_CLIP = 4.0
"""An error beyond this many deviations teaches no more than this many: outliers teach little."""
_WILD = 8.0
"""Nor is more than this many deviations remembered: else all is well after the second bucket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one bucket says, with what it teaches if it is clean.

    Attributes
    ----------
    reading
        The bucket laid out; ``expected`` are the expected shares of its groups,
        ``expected_rows`` the expected number of rows.
    distance
        Each stream's distance from its expectation, in its own unit, (streams,).
    usual
        How large that distance usually is, in a bucket of so many rows at such a place in the
        cycles, (streams,).
    z
        Normal scores of the forecast errors, 0 where unseen.
    seen
        Streams that the bucket says something about.
    watched
        Those of them that may raise an alarm: not a relation to a column that is on its way back
        from a lasting incident.
    settled
        Buckets since a lasting incident of the stream's columns settled, or over which a place that
        was adopted is known; 0 for neither, (streams,).
    lags, gap
        Memory after the bucket.
    """

    reading: Reading
    expected: Floats
    distance: Floats
    usual: Floats
    z: Floats
    seen: Bools
    watched: Bools
    settled: Ints
    lags: Floats
    gap: Ints
    standardised: Floats
    x: Floats
    outcomes: Floats
    outcomes_seen: Bools
    values: Floats
    expected_rows: float


def score(
    baseline: Baseline, state: State, profile: BucketProfile, *, complete: bool = True
) -> Score:
    """Compare a bucket with what its place in the cycles and its predecessors let expect.

    Parameters
    ----------
    complete
        Whether the bucket covers all its time; if not, its volume is left out.
    """
    panel, streams = baseline.panel, baseline.streams
    units, groups = len(panel.units), len(panel.group_mean)
    reading = panel.read(profile)
    x = baseline.place(profile)
    mean, leverage = state.expectation.predict(x)
    young = np.zeros(units + 1, dtype=np.intp)
    if state.adopted is not None:
        young = state.adopted.young()
        mean += state.adopted.outcomes
    group_unit = panel.unit_of_group()
    leverage[units:-1] += np.where(young > 0, 1.0 / np.maximum(young, 1), 0.0)[group_unit]
    shares = reading.groups / np.maximum(reading.rows[group_unit], 1.0)
    outcomes = np.concatenate([reading.level, shares, [np.log(profile.rows + 0.5)]])
    outcomes_seen = np.concatenate(
        [
            (reading.values > 0) & panel.has_level,
            reading.rows[group_unit] > 0,
            [profile.rows > 0 and complete],
        ]
    )
    place = slice(units, units + groups)
    level = np.where(outcomes_seen[:units], outcomes[:units] - mean[:units], 0.0)
    least = np.maximum(mean[place], baseline.least_share)
    shares_now = follow_level(panel, least[None], reading.level[None])[0]
    shape, _ = shape_values(
        reading.groups,
        shares_now,
        leverage[place],
        reading.rows,
        baseline.dispersion,
        panel.group_start,
    )
    values = [level, shape, baseline.relations.residuals(level, state.offset[:units])]
    free = ~state.muted[:units]
    if state.adopted is not None:
        # A relation is a line through what the reference showed; beyond, it bends.
        free &= state.adopted.buckets[:units] == 0
    seen = [
        outcomes_seen[:units],
        reading.rows > 0,
        baseline.relations.seen(outcomes_seen[:units] & free),
    ]
    if baseline.settings.volume:
        values.append(outcomes[-1:] - mean[-1:])
        seen.append(outcomes_seen[-1:])
    value, own_seen = np.concatenate(values), np.concatenate(seen) & baseline.active
    centre, own_leverage = state.centre.predict(x)
    if state.adopted is not None:
        centre += state.adopted.centre
    own_leverage[:units] = leverage[:units]
    centre[:units] = 0.0
    if baseline.settings.volume:
        own_leverage[-1], centre[-1] = leverage[-1], 0.0
    distance = np.where(own_seen, value - centre, 0.0)
    sampling = stream_sampling(
        streams,
        reading.within,
        reading.values,
        np.asarray(float(profile.rows)),
        panel,
        len(streams),
    )
    known = np.where(state.settled > 0, state.settled, young)
    settled = known[streams.unit]
    relation = streams.aspect == RELATION
    settled[relation] = baseline.relations.youngest(known)
    own_leverage += np.where(settled > 0, 1.0 / np.maximum(settled, 1), 0.0)
    from_there = np.where(own_seen, distance - state.offset, 0.0)
    watched = own_seen.copy()
    watched[relation] &= ~baseline.relations.lean_on(returning(state, distance)[:units])
    restless = spread_factor(baseline.volatility.predict(x)[0])
    standardised, lags, gap = _forecast_error(
        baseline, state, from_there, own_seen, own_leverage, sampling, restless
    )
    return Score(
        reading=reading,
        expected=mean[place],
        distance=distance,
        usual=_usual(baseline, sampling) * restless,
        z=_normal(baseline, state, standardised, own_seen),
        seen=own_seen,
        watched=watched,
        settled=settled,
        lags=lags,
        gap=gap,
        standardised=standardised,
        x=x,
        outcomes=outcomes,
        outcomes_seen=outcomes_seen,
        values=value,
        expected_rows=float(np.exp(min(mean[-1], 700.0))),
    )


def returning(state: State, distance: Floats) -> Bools:
    """Return which streams have left where they settled and are nearer to where they were."""
    nearer: Bools = (state.offset != 0) & (np.abs(distance) < 0.5 * np.abs(state.offset))
    return nearer


def drift(baseline: Baseline, score: Score) -> Floats:
    """Return how far each unit lies from its expectation, in usual distances, (units,).

    The larger one of its level, either way, and of its shape, which can only be too far away. About
    1 is usual, 4 is far; NaN where the bucket says nothing of the unit.
    """
    units = len(baseline.panel.units)
    ratio = np.where(score.seen, score.distance / score.usual, np.nan)[: 2 * units]
    level, shape = np.abs(ratio[:units]), np.maximum(ratio[units:], 0.0)
    larger: Floats = np.fmax(level, shape)
    return larger


def _usual(baseline: Baseline, sampling: Floats) -> Floats:
    """Return the reference's spread, with the sampling part of it as in this bucket.

    It is never less than the error of a forecast, which knows of streams that never moved.
    """
    known = baseline.calibration
    part = known.variance * known.sampling_share
    variance = baseline.spread**2 + part * (sampling / known.usual_sampling - 1.0)
    return np.sqrt(np.maximum(variance, known.deviation(sampling) ** 2))


def _forecast_error(
    baseline: Baseline,
    state: State,
    distance: Floats,
    seen: Bools,
    leverage: Floats,
    sampling: Floats,
    restless: Floats,
) -> tuple[Floats, Floats, Ints]:
    memory = baseline.memory
    forecast = memory.forecast(state.lags)
    horizon = np.minimum(state.gap, memory.growth.shape[1] - 1)
    growth = memory.growth[np.arange(len(distance)), horizon]
    deviation = baseline.calibration.deviation(sampling) * np.sqrt(growth * (1.0 + leverage))
    deviation = deviation * restless
    standardised = np.where(seen, (distance - forecast) / deviation, 0.0)
    error = np.clip(distance - forecast, -_WILD * deviation, _WILD * deviation)
    lags = push(state.lags, forecast + np.where(seen, error, 0.0))
    return standardised, lags, np.where(seen, 0, state.gap + 1)


def _normal(baseline: Baseline, state: State, standardised: Floats, seen: Bools) -> Floats:
    """Return normal scores; the variance goes on being learned from clean buckets."""
    degrees = baseline.calibration.degrees
    factor = (degrees + state.squares) / (degrees + state.learned)
    if state.adopted is not None:
        factor = factor * state.adopted.restless()
    z = baseline.calibration.normal_scores(standardised / np.sqrt(factor), more=state.learned)
    return np.where(seen, z, 0.0)


def learn(
    baseline: Baseline, state: State, score: Score, spoilt: Bools
) -> tuple[Expectation, Expectation, Floats, Floats]:
    """Let a bucket's clean streams teach expectation, centre and variance.

    Parameters
    ----------
    spoilt
        Units that break a rule in this bucket and teach nothing, shape (units + 1,).

    Notes
    -----
    Standardised one-step errors under a model that keeps learning are independent of one
    another (recursive residuals; Brown, Durbin, Evans 1975): that is what keeps the budget when
    the reference is short, where errors against a frozen mean would all lean to one side.
    """
    panel, units = baseline.panel, len(baseline.panel.units)
    free = ~state.muted & (state.settled == 0) & ~spoilt
    outcomes, own = _tempered(baseline, score), score.values
    if state.adopted is not None:
        free &= state.adopted.young() == 0
        outcomes = outcomes - state.adopted.outcomes
        own = own - state.adopted.centre
    unit = np.concatenate([np.arange(units), panel.unit_of_group(), [units]])
    accepted = score.outcomes_seen & free[unit]
    expectation = state.expectation.learn(score.x, outcomes, accepted)
    clean = score.watched & free[baseline.streams.unit]
    all_limit = _CLIP * baseline.spread
    values = own - score.distance + np.clip(score.distance, -all_limit, all_limit)
    centre = state.centre.learn(score.x, values, clean)
    bounded = np.minimum(score.standardised**2, _CLIP**2)
    squares = state.squares + np.where(clean, bounded, 0.0)
    return expectation, centre, squares, state.learned + clean


def _tempered(baseline: Baseline, score: Score) -> Floats:
    """Return the outcomes, drawn to what was expected where they are far beyond it."""
    panel, units = baseline.panel, len(baseline.panel.units)
    outcomes = score.outcomes.copy()
    limit = _CLIP * baseline.spread[:units]
    expected = outcomes[:units] - score.distance[:units]
    outcomes[:units] = expected + np.clip(score.distance[:units], -limit, limit)
    # All groups of a unit go as far as its shape may.
    odd = np.abs(score.standardised[units : 2 * units])
    part = np.minimum(1.0, _CLIP / np.maximum(odd, _CLIP))[panel.unit_of_group()]
    groups = slice(units, units + len(part))
    outcomes[groups] = score.expected + part * (outcomes[groups] - score.expected)
    return outcomes
