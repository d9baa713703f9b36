"""What a watch remembers from bucket to bucket; with the baseline it is all there is to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.stats import push
from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.expectation import Expectation
from watchkeeper.watch.incidents import Incident
from watchkeeper.watch.shift_sizes import SIZES

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

RECENT = 48
"""Buckets whose course is kept, to tell kinds of drift apart."""
LONGEST_YOUTH = 400
"""Buckets over which the place of an adopted column is learned."""


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """How the shares of groups had moved in an incident, to recognise its return."""

    incident_id: str
    since: datetime | None
    until: datetime | None
    units: tuple[int, ...]
    moved: tuple[float, ...]


class Ongoing(msgspec.Struct, frozen=True, kw_only=True):
    """An open incident and the units that it covers.

    Attributes
    ----------
    incident
        As last told.
    units
        Units that it covers, first the one with most evidence.
    tracked
        The stream by which each unit's return is judged.
    shift
        Mean distance of each tracked stream from its expectation while open.
    buckets
        Buckets over which ``shift`` is a mean.
    returning
        Log evidence that each unit has come back, 0 to ``RETURNED``.
    lead
        What happened in words, for a broken rule.
    moved
        How the shares of each unit's groups had moved when it came back; empty before.
    released
        Units that are back and watched as before.
    superseded_units
        Units that moved on to a later incident.
    course
        Course of the first unit's tracked stream, in usual deviations.
    """

    incident: Incident
    units: tuple[int, ...]
    tracked: tuple[int, ...]
    shift: tuple[float, ...]
    buckets: tuple[int, ...]
    returning: tuple[float, ...]
    course: tuple[float, ...]
    moved: tuple[tuple[float, ...], ...]
    released: tuple[int, ...] = ()
    superseded_units: tuple[int, ...] = ()
    lead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What each unit showed since its evidence began, for the size of an effect.

    Flat arrays as in a panel: counts per bin, expected rows per group, and per unit the rows, the
    sum and number of finite values, and where the tally began; for the volume, the sum of the
    expected rows and the number of buckets.
    """

    fine: Floats
    expected: Floats
    rows: Floats
    sums: Floats
    counted: Floats
    volume_expected: float
    volume_buckets: float
    begun: Ints
    begun_at: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """Changes that people adopted as normal, on top of the baseline and what it learns.

    Attributes
    ----------
    outcomes
        How far the expectation moved: levels, shares of groups, volume, as in a baseline.
    centre
        The same of the streams' own means, (streams,).
    buckets
        Over how many buckets each unit's new place is known, 0 for units never adopted, (units
        + 1,); no longer counted beyond 400.
    squares, learned
        Sum of squared standardised errors since, and their number, (streams,).
    within_group, group_mean
        The panel's, as they are since.
    """

    outcomes: Floats
    centre: Floats
    buckets: Ints
    squares: Floats
    learned: Floats
    within_group: Floats
    group_mean: Floats

    def young(self) -> Ints:
        """Return the buckets of the units whose place is still being learned, else 0."""
        young: Ints = np.where(self.buckets < LONGEST_YOUTH, self.buckets, 0)
        return young

    def restless(self) -> Floats:
        """Return by how much more than before the streams' errors vary, at least 1, (streams,)."""
        prior = 10.0
        factor: Floats = np.maximum(1.0, (prior + self.squares) / (prior + self.learned))
        return factor


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Memory of a watch after some bucket.

    Attributes
    ----------
    index
        Buckets seen so far; the number of the next one.
    expectation, centre
        The baseline's, as far as clean buckets have taught them since.
    squares, learned
        Sum of squared standardised errors since the reference, and their number, (streams,).
    lags, gap
        Latest values of each stream, newest first, and buckets since it was last seen.
    evidence, begun
        Log evidence of each detector and the bucket at which it starts, (streams, 6): three
        sizes upwards, three downwards.
    muted
        Units in an open incident that has not settled, shape (units + 1,).
    offset
        Distance from the expectation at which a settled incident holds each stream, (streams,);
        zero for all others. From there on further changes are looked for.
    settled
        Buckets that the offset is a mean of, per unit; zero for units that are not settled.
    recent
        Latest distances from the expectation in usual deviations, oldest first, (48, streams).
    ratio
        The evidence as a multiple of the threshold.
    silent
        Buckets without rows since the last one with some.
    adopted
        What was adopted as normal since the baseline, ``None`` for nothing.
    """

    index: int
    expectation: Expectation
    centre: Expectation
    squares: Floats
    learned: Floats
    lags: Floats
    gap: Ints
    evidence: Floats
    begun: Ints
    muted: Bools
    offset: Floats
    settled: Ints
    recent: Floats
    tally: Tally
    ongoing: tuple[Ongoing, ...]
    past: tuple[Signature, ...]
    ratio: float
    silent: int = 0
    adopted: Adopted | None = None


def start(baseline: Baseline, *, gap: int = 0) -> State:
    """Return the state at the first bucket to watch.

    Parameters
    ----------
    gap
        Buckets that went by unseen between the end of the reference and that bucket.
    """
    panel, streams = baseline.panel, len(baseline.streams)
    lags = baseline.lags
    for _ in range(min(gap, RECENT)):
        lags = push(lags, baseline.memory.forecast(lags))
    units = len(panel.units)
    return State(
        index=0,
        expectation=baseline.expectation,
        centre=baseline.centre,
        squares=np.zeros(streams),
        learned=np.zeros(streams),
        lags=lags,
        gap=np.full(streams, min(gap, RECENT), dtype=np.intp),
        evidence=np.full((streams, 2 * len(SIZES)), -np.inf),
        begun=np.zeros((streams, 2 * len(SIZES)), dtype=np.intp),
        muted=np.zeros(units + 1, dtype=np.bool_),
        offset=np.zeros(streams),
        settled=np.zeros(units + 1, dtype=np.intp),
        recent=np.full((RECENT, streams), np.nan),
        tally=Tally(
            fine=np.zeros(int(panel.fine_start[-1])),
            expected=np.zeros(int(panel.group_start[-1])),
            rows=np.zeros(units + 1),
            sums=np.zeros(units),
            counted=np.zeros(units),
            volume_expected=0.0,
            volume_buckets=0.0,
            begun=np.zeros(units + 1, dtype=np.intp),
            begun_at=np.full(units + 1, np.nan),
        ),
        ongoing=(),
        past=(),
        ratio=0.0,
    )
