"""The baseline: what normal looks like, learned before deployment and then held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import NotEnoughDataError
from watchkeeper.events import Column
from watchkeeper.profiles import Bins, BucketProfile
from watchkeeper.stats import Autoregression, fit_autoregression
from watchkeeper.watch.calibration import Calibration, calibrate
from watchkeeper.watch.cycles import (
    Calendar,
    Cycle,
    Design,
    cycle_folds,
    design,
    middle,
    timeless,
)
from watchkeeper.watch.expectation import Expectation, fit_expectation
from watchkeeper.watch.incidents import NotEnough
from watchkeeper.watch.panel import Panel, Reading, Unit, build_panel
from watchkeeper.watch.regimes import Regimes, remember
from watchkeeper.watch.shape import follow_level, shape_values
from watchkeeper.watch.streams import (
    LEVEL,
    SHAPE,
    Relations,
    Streams,
    fit_relations,
    lay_out,
    weigh,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

LEAST_BUCKETS = 8
"""Buckets of reference below which nothing can be said about bucket-to-bucket variation."""
_MOST_MEMORY = 26
_CALM = 0.02
_NARROW = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person decides about the watch of one model.

    Attributes
    ----------
    threshold
        The budget in buckets: mean number of buckets to a false alarm, over all streams.
    calendar
        Cycles to take into account; ``None`` for buckets without time or with seasons off.
    volume
        Whether the number of rows per bucket is a stream.
    weights
        Importance of columns, default 1 each.
    names
        Columns to watch, in order; derived columns by their own names.
    segments
        Segments to watch besides all rows, as ``name=value``.
    explanations
        Those of the names that hold what features contributed to the output.
    limits
        Declared columns, whose range, categories and nulls are hard rules.
    timezone
        Zone in which messages name times.
    """

    threshold: float
    calendar: Calendar | None
    names: tuple[str, ...]
    segments: tuple[str, ...] = ()
    volume: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    explanations: tuple[str, ...] = ()
    limits: Mapping[str, Column] = field(default_factory=dict)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Everything that a watch compares with; never changed by the watch itself.

    Outcomes of ``expectation`` are the units' levels, the shares of all groups, and the
    volume, in this order. Outcomes of ``centre`` are the streams' own means, in their order.
    ``longest_silence`` is the most buckets in a row that had no rows, ``None`` if that is not
    watched.
    """

    settings: Settings
    bins: Mapping[str, Bins]
    panel: Panel
    design: Design
    expectation: Expectation
    cycles: tuple[tuple[Cycle, ...], ...]
    least_share: Floats
    dispersion: Floats
    relations: Relations
    streams: Streams
    centre: Expectation
    memory: Autoregression
    calibration: Calibration
    volatility: Expectation
    spread: Floats
    lags: Floats
    active: Bools
    regimes: Regimes
    buckets: int
    rows: int
    start: datetime | None
    end: datetime | None
    not_enough: tuple[NotEnough, ...]
    longest_silence: int | None = None

    def place(self, profile: BucketProfile) -> Floats:
        """Return the design row of a bucket, shape (features,)."""
        if profile.start is None or profile.end is None or not self.design.blocks:
            return np.eye(1, self.design.width).reshape(-1)
        return self.design.rows([middle(profile.start, profile.end)]).reshape(-1)


def fit(
    profiles: Sequence[BucketProfile], bins: Mapping[str, Bins], settings: Settings
) -> Baseline:
    """Learn a baseline from the profiles of the reference's buckets, in order of time.

    Parameters
    ----------
    profiles
        One per bucket; buckets of time without rows are given too, with no rows.
    bins
        Bins of each column, fixed from the same reference.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 8 buckets with rows.
    """
    filled = [p for p in profiles if p.rows > 0]
    if len(filled) < LEAST_BUCKETS:
        message = (
            f"the reference has {len(filled)} buckets with rows; at least {LEAST_BUCKETS} are"
            " needed to know how much buckets differ by themselves. Take a longer"
            " reference or smaller buckets"
        )
        raise NotEnoughDataError(message)
    first = next(i for i, p in enumerate(profiles) if p.rows > 0)
    profiles = profiles[first:]
    units = [Unit(column=c, segment=s) for s in ("", *settings.segments) for c in settings.names]
    panel = build_panel(units, bins, profiles)
    readings = [panel.read(p) for p in profiles]
    return _Fit(profiles, readings, bins, panel, settings).run()


class _Fit:
    """One fit, step by step; each step leaves what the next one needs."""

    def __init__(
        self,
        profiles: Sequence[BucketProfile],
        readings: Sequence[Reading],
        bins: Mapping[str, Bins],
        panel: Panel,
        settings: Settings,
    ) -> None:
        self.profiles, self.bins, self.panel, self.settings = profiles, bins, panel, settings
        self.total = np.array([p.rows for p in profiles], dtype=np.float64)
        self.rows = np.array([r.rows for r in readings])
        self.values = np.array([r.values for r in readings])
        self.groups = np.array([r.groups for r in readings])
        self.level = np.array([r.level for r in readings])
        self.within = np.array([r.within for r in readings])

    def run(self) -> Baseline:
        self._expect()
        self._follow()
        self._disperse()
        self._relate()
        streams = lay_out(self.panel, self.relations, volume=self.settings.volume)
        values, seen = self._stream_values(streams)
        centre = self._centre(values, seen)
        residual, leverage = self._residuals(values, seen, centre)
        memory = fit_autoregression(
            residual, seen, most_order=self._most_memory(), families=streams.aspect
        )
        errors = memory.innovations(residual, seen)
        volatility = self._volatility(errors)
        errors = errors / spread_factor(volatility.fitted(self.x)[0])
        active = seen.sum(axis=0) >= LEAST_BUCKETS
        calibration = self._calibrate(errors, leverage, streams, memory)
        active &= ~self._hopeless(streams)
        units = len(self.panel.units)
        between = self._between()
        wander = between / calibration.usual_sampling[:units]
        broad = between <= _NARROW * self.within.mean(axis=0)
        typical = self.rows.sum(axis=0) / np.maximum((self.rows > 0).sum(axis=0), 1)
        speed = memory.gain / np.sqrt(calibration.variance)
        streams = weigh(
            streams, self.panel, typical, wander, broad, speed, active, self.settings.weights
        )
        spread = np.sqrt((np.where(seen, residual, 0.0) ** 2).sum(0) / np.maximum(seen.sum(0), 1))
        first, last = self.profiles[0], self.profiles[-1]
        return Baseline(
            settings=self.settings,
            bins=self.bins,
            panel=self.panel,
            design=self.design,
            expectation=self.expectation,
            cycles=self.cycles,
            least_share=0.25 / (self.rows.sum(axis=0)[self.unit_of_group] + 1.0),
            dispersion=self.dispersion,
            relations=self.relations,
            streams=streams,
            centre=centre,
            memory=memory,
            calibration=calibration,
            volatility=volatility,
            spread=np.maximum(spread, 1e-12),
            lags=_last_lags(residual, seen, memory),
            active=active,
            regimes=remember(self.profiles, self.groups, self.rows, self.panel),
            buckets=int((self.total > 0).sum()),
            rows=int(self.total.sum()),
            start=first.start,
            end=last.end,
            not_enough=(*self.missing, *self._too_few(active, streams)),
            longest_silence=_longest_run(self.total == 0) if self.settings.volume else None,
        )

    def _expect(self) -> None:
        """Levels, shares and volume by place in the cycles."""
        units = len(self.panel.units)
        self.unit_of_group = self.panel.unit_of_group()
        per_unit = np.maximum(self.rows[:, self.unit_of_group], 1.0)
        shares = self.groups / per_unit
        volume = np.log(self.total + 0.5)[:, None]
        y = np.concatenate([self.level, shares, volume], axis=1)
        seen = np.concatenate(
            [
                (self.values > 0) & self.panel.has_level,
                self.rows[:, self.unit_of_group] > 0,
                self.total[:, None] > 0,
            ],
            axis=1,
        )
        unit = np.concatenate([np.arange(units), self.unit_of_group, [units]]).astype(np.intp)
        self.design, self.missing, x, self.folds = self._place()
        self.x = x
        self.expectation, self.cycles = fit_expectation(self.design, x, y, seen, unit, self.folds)
        mean, self.leverage = self.expectation.fitted(x)
        self.y, self.y_seen = y, seen
        self.error = np.where(seen, y - mean, 0.0)
        # What the bucket would have been expected to be, had it not been in the reference itself.
        self.outside = y - self.error / np.maximum(1.0 - self.leverage, 0.05)

    def _place(self) -> tuple[Design, list[NotEnough], Floats, Ints | None]:
        first, last = self.profiles[0], self.profiles[-1]
        calendar = self.settings.calendar
        if calendar is None or first.start is None or last.end is None:
            return timeless(), [], np.ones((len(self.profiles), 1)), None
        times = [middle(p.start, p.end) for p in self.profiles if p.start and p.end]
        chosen, missing = design(calendar, first.start, last.end)
        return chosen, missing, chosen.rows(times), cycle_folds(times, calendar.timezone)

    def _follow(self) -> None:
        """Let expected shares go along with each bucket's level; never quite to zero."""
        units = len(self.panel.units)
        place = slice(units, units + len(self.unit_of_group))
        rows = self.rows.sum(axis=0)[self.unit_of_group]
        least = 0.25 / (rows + 1.0)
        expected = np.maximum(self.outside[:, place], least)
        self.shares = follow_level(self.panel, expected, self.level)

    def _disperse(self) -> None:
        """Variance of shares between buckets beyond the multinomial's, by moments."""
        units = len(self.panel.units)
        place = slice(units, units + len(self.unit_of_group))
        share = np.clip(self.shares, 0.0, 1.0)
        error = np.where(self.y_seen[:, place], self.y[:, place] - self.shares, 0.0)
        rows = self.rows[:, self.unit_of_group]
        counted = np.maximum((rows > 0).sum(axis=0), 2)
        wider = 1.0 + np.where(rows > 0, self.leverage[:, place], 0.0).sum(axis=0) / counted
        sampling = np.where(rows > 0, share * (1 - share) / np.maximum(rows, 1.0), 0.0)
        observed = (error**2).sum(axis=0) / counted / wider
        expected = sampling.sum(axis=0) / counted
        excess = observed - expected * (1.0 + 2.0 * np.sqrt(2.0 / counted))
        self.dispersion = np.where(excess > 0, observed - expected, 0.0)

    def _relate(self) -> None:
        units = len(self.panel.units)
        level, seen = self.error[:, :units], self.y_seen[:, :units]
        allowed = np.array([not u.segment for u in self.panel.units]) & self.panel.has_level
        if allowed.sum() > 400:
            # Beyond some hundred columns a search of all pairs finds chance before it finds sense.
            allowed[:] = False
        memory = fit_autoregression(level, seen, most_order=self._most_memory())
        reasons = {*self.settings.explanations}
        data = np.array([u.column not in reasons for u in self.panel.units])
        self.relations = fit_relations(level, seen, allowed, memory_time(memory), predicting=data)

    def _stream_values(self, streams: Streams) -> tuple[Floats, Bools]:
        units = len(self.panel.units)
        place = slice(units, units + len(self.unit_of_group))
        shape, _ = shape_values(
            self.groups,
            self.shares,
            self.leverage[:, place],
            self.rows,
            self.dispersion,
            self.panel.group_start,
        )
        level, level_seen = self.error[:, :units], self.y_seen[:, :units]
        parts = [level, shape, self.relations.residuals(level)]
        seen = [level_seen, self.rows > 0, self.relations.seen(level_seen)]
        if self.settings.volume:
            parts.append(self.error[:, -1:])
            seen.append(self.y_seen[:, -1:])
        return np.concatenate(parts, axis=1), np.concatenate(seen, axis=1)

    def _centre(self, values: Floats, seen: Bools) -> Expectation:
        """Means, by cycle where that helps, of streams that have no expectation of their own."""
        own = np.ones(values.shape[1], dtype=np.bool_)
        own[: len(self.panel.units)] = False
        if self.settings.volume:
            own[-1] = False
        every = np.arange(values.shape[1])
        asked = np.where(own, values, 0.0)
        centre, _ = fit_expectation(self.design, self.x, asked, seen, every, self.folds)
        return centre

    def _residuals(self, values: Floats, seen: Bools, centre: Expectation) -> tuple[Floats, Floats]:
        mean, own = centre.fitted(self.x)
        units = len(self.panel.units)
        leverage = own.copy()
        leverage[:, :units] = self.leverage[:, :units]
        if self.settings.volume:
            leverage[:, -1] = self.leverage[:, -1]
        centred = values - mean
        centred[:, :units] = values[:, :units]
        return np.where(seen, centred, 0.0), leverage

    def _between(self) -> Floats:
        """Variance of each unit's level from bucket to bucket, cycles and all, (units,)."""
        units = len(self.panel.units)
        seen = self.y_seen[:, :units]
        count = np.maximum(seen.sum(axis=0), 1)
        mean = np.where(seen, self.level, 0.0).sum(axis=0) / count
        squared: Floats = np.where(seen, self.level - mean, 0.0) ** 2
        variance: Floats = squared.sum(axis=0) / count
        return variance

    def _volatility(self, errors: Floats) -> Expectation:
        """Logarithms of squared errors by place in the cycles, less their mean.

        Some hours and seasons are more restless than others; without this their buckets would
        look unusual one after the other.
        """
        seen = np.isfinite(errors)
        squared = np.where(seen, errors, 0.0) ** 2
        count = np.maximum(seen.sum(axis=0), 1)
        usual = np.maximum(squared.sum(axis=0) / count, 1e-300)
        log = np.log(squared / usual + _CALM)
        log -= np.where(seen, log, 0.0).sum(axis=0) / count
        every = np.arange(errors.shape[1])
        volatility, _ = fit_expectation(
            self.design, self.x, np.where(seen, log, 0.0), seen, every, self.folds
        )
        return volatility

    def _calibrate(
        self, errors: Floats, leverage: Floats, streams: Streams, memory: Autoregression
    ) -> Calibration:
        sampling = stream_sampling(
            streams, self.within, self.values, self.total, self.panel, errors.shape[1]
        )
        order = (memory.coefficients != 0).sum(axis=1)
        seen = np.isfinite(errors)
        spent = np.where(seen, leverage, 0.0).sum(axis=0) + order
        theory = np.where(seen, sampling, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
        own = (np.where(seen, errors, 0.0) ** 2).sum(0) / np.maximum(seen.sum(0), 1)
        relation = streams.aspect == 2
        theory = np.where(relation, np.maximum(own, 1e-12), np.maximum(theory, 1e-12))
        return calibrate(errors, np.maximum(sampling, 1e-300), spent, theory, streams.aspect)

    def _hopeless(self, streams: Streams) -> Bools:
        """Return streams of units without a value in the reference, and of levels without one."""
        units = len(self.panel.units)
        has_level = np.append(self.panel.has_level, True)
        some = np.append(self.rows.sum(axis=0) > 0, True)
        level = (streams.aspect == LEVEL) & ~has_level[np.minimum(streams.unit, units)]
        hopeless: Bools = level | ~some[np.minimum(streams.unit, units)]
        return hopeless

    def _too_few(self, active: Bools, streams: Streams) -> list[NotEnough]:
        few = []
        for i, unit in enumerate(self.panel.units):
            own = (streams.unit == i) & (streams.aspect == SHAPE)
            if not active[own].any():
                name = f"{unit.column} ({unit.segment})" if unit.segment else unit.column
                have = int((self.rows[:, i] > 0).sum())
                few.append(
                    NotEnough(
                        subject=f"column {name}",
                        have=f"{have} buckets with rows in the reference",
                        need=f"{LEAST_BUCKETS} buckets",
                    )
                )
        return few

    def _most_memory(self) -> int:
        return min(_MOST_MEMORY, max(1, len(self.profiles) // 10))


def _longest_run(holds: Bools) -> int:
    """Return how many times in a row something holds at most."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8)))
    return int(np.max(ends[1::2] - ends[::2], initial=0))


def spread_factor(log_variance: Floats) -> Floats:
    """Return by what factor a place in the cycles is more restless than usual, 0.4 to 2.5."""
    return np.exp(np.clip(log_variance / 2.0, -0.9, 0.9))


def stream_sampling(
    streams: Streams, within: Floats, values: Floats, total: Floats, panel: Panel, width: int
) -> Floats:
    """Variance of each stream's value from the finite number of rows, shape (..., streams)."""
    units = len(panel.units)
    sampling = np.ones((*np.shape(total), width))
    # A bucket of one value shows no variance within: never below a quarter of the score's own.
    floor = 0.25 * panel_within(panel)
    level = np.maximum(within, floor) / np.maximum(values, 1.0)
    sampling[..., :units] = level
    degrees = np.maximum(np.diff(panel.group_start) - 1.0, 1.0)
    sampling[..., units : 2 * units] = 2.0 / (9.0 * degrees)
    if (streams.aspect == 3).any():
        sampling[..., -1] = 1.0 / np.maximum(np.asarray(total), 1.0)
    return sampling


def panel_within(panel: Panel) -> Floats:
    """Variance of the normal scores over the whole reference, (units,), at least one row's."""
    starts = panel.fine_start[:-1]
    total = np.maximum(np.add.reduceat(panel.reference * (panel.score != 0), starts), 1.0)
    square = np.add.reduceat(panel.reference * panel.score**2, starts)
    return np.maximum(square / total, 1.0 / total)


def memory_time(memory: Autoregression) -> Floats:
    """Integrated autocorrelation time: spectrum at zero over the variance."""
    return np.maximum(1.0, 1.0 / (memory.gain**2 * memory.growth[:, -1]))


def _last_lags(residual: Floats, seen: Bools, memory: Autoregression) -> Floats:
    order = memory.coefficients.shape[1]
    lags = np.zeros((residual.shape[1], order))
    for t in range(max(0, len(residual) - 8 * order), len(residual)):
        newest = np.where(seen[t], residual[t], memory.forecast(lags))
        lags = np.concatenate([newest[:, None], lags[:, :-1]], axis=1)
    return lags
