"""What a bucket should look like, given its place in the cycles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.stats import Regression, fit_regression
from watchkeeper.watch.cycles import Cycle, Design

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

# A cycle must lower the held-out error by this part, and by more than this many standard
# errors over the folds, to be believed.
_LEAST_GAIN = 0.005
_STANDARD_ERRORS = 1.0
# Penalties that are tried, as multiples of the design's. Where cycles are strong beside the noise,
# its own would leave a part of them in the errors, which fades as the watch goes on learning.
_SCALES = (1.0, 0.1, 0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Outcomes that follow the same cycles, with their regression."""

    cycles: tuple[Cycle, ...]
    features: Ints
    outcomes: Ints
    regression: Regression


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Expected outcomes by cycle; every outcome belongs to exactly one member."""

    members: tuple[Member, ...]
    width: int

    def predict(self, x: Floats) -> tuple[Floats, Floats]:
        """Return expectation and leverage of each outcome for a design row (features,)."""
        mean, leverage = np.zeros(self.width), np.zeros(self.width)
        for member in self.members:
            row = x[member.features]
            mean[member.outcomes] = member.regression.predict(row)
            leverage[member.outcomes] = float(member.regression.leverage(row))
        return mean, leverage

    def fitted(self, x: Floats) -> tuple[Floats, Floats]:
        """Return expectations and leverages for a whole design, each (time, outcomes)."""
        mean = np.zeros((len(x), self.width))
        leverage = np.zeros((len(x), self.width))
        for member in self.members:
            rows = x[:, member.features]
            mean[:, member.outcomes] = member.regression.predict(rows)
            leverage[:, member.outcomes] = member.regression.leverage(rows)[:, None]
        return mean, leverage

    def fitted_of(self, x: Floats, outcomes: Ints) -> Floats:
        """Return the expectations of some outcomes alone, shape (time, their number)."""
        mean = np.zeros((len(x), len(outcomes)))
        for member in self.members:
            _, place, own = np.intersect1d(outcomes, member.outcomes, return_indices=True)
            mean[:, place] = x[:, member.features] @ member.regression.coefficients[:, own]
        return mean

    def learn(self, x: Floats, y: Floats, accepted: NDArray[np.bool_]) -> Expectation:
        """Add a bucket; only accepted outcomes move."""
        learned = tuple(
            Member(
                cycles=m.cycles,
                features=m.features,
                outcomes=m.outcomes,
                regression=m.regression.learn(x[m.features], y[m.outcomes], accepted[m.outcomes])
                if accepted[m.outcomes].any()
                else m.regression,
            )
            for m in self.members
        )
        return Expectation(members=learned, width=self.width)


def fit_expectation(
    design: Design,
    x: Floats,
    y: Floats,
    seen: NDArray[np.bool_],
    unit: Ints,
    folds: Ints | None,
) -> tuple[Expectation, tuple[tuple[Cycle, ...], ...]]:
    """Choose each unit's cycles by cross-validation and fit them.

    Parameters
    ----------
    x
        Design, shape (time, features).
    y
        Outcomes, shape (time, outcomes); anything where not seen.
    seen
        Shape (time, outcomes).
    unit
        Unit of each outcome, shape (outcomes,): a unit's outcomes share their cycles.
    folds
        Fold of each bucket (whole cycles); ``None`` to use no optional cycle.

    Returns
    -------
    tuple
        The expectation, and the cycles of each unit.
    """
    filled = _fill(y, seen)
    units = int(unit.max()) + 1 if len(unit) else 0
    always = tuple(b.cycle for b in design.blocks if b.always)
    chosen: list[tuple[Cycle, ...]] = [always] * units
    scale = np.ones(units)
    if folds is not None and folds[-1] >= 1 and len(design.blocks) > len(always):
        selection = _Selection(design, x, filled, unit, folds)
        chosen = selection.choose(always)
        scale = selection.penalty_scale(chosen)
    members = []
    for cycles, penalty_scale in sorted(set(zip(chosen, scale.tolist(), strict=True))):
        of_unit = np.array([c == cycles for c in chosen], dtype=np.bool_) & (scale == penalty_scale)
        outcomes = np.flatnonzero(of_unit[unit])
        features = design.columns(cycles)
        penalty = design.penalties(penalty_scale)[features]
        fit = fit_regression(x[:, features], filled[:, outcomes], penalty)
        members.append(Member(cycles=cycles, features=features, outcomes=outcomes, regression=fit))
    return Expectation(members=tuple(members), width=y.shape[1]), tuple(chosen)


def _fill(y: Floats, seen: NDArray[np.bool_]) -> Floats:
    if seen.all():
        return y
    count = np.maximum(seen.sum(axis=0), 1)
    mean = np.where(seen, y, 0.0).sum(axis=0) / count
    return np.where(seen, y, mean)


class _Selection:
    """Greedy forward choice of cycles by held-out error, for all units at once."""

    def __init__(self, design: Design, x: Floats, y: Floats, unit: Ints, folds: Ints) -> None:
        self.design, self.x, self.folds = design, x, folds
        self.unit = unit
        self.units = int(unit.max()) + 1
        spread = y.std(axis=0)
        # Only outcomes that vary can vote, each in its own standard deviations.
        self.y = (y - y.mean(axis=0)) / np.where(spread > 1e-12, spread, np.inf)
        self.fold_count = int(folds[-1]) + 1
        self.known: dict[tuple[tuple[Cycle, ...], float], Floats] = {}

    def choose(self, always: tuple[Cycle, ...]) -> list[tuple[Cycle, ...]]:
        chosen = [always] * self.units
        active = set(range(self.units))
        while active:
            moved: set[int] = set()
            for cycles in sorted({chosen[u] for u in active}):
                members = np.array(sorted(u for u in active if chosen[u] == cycles))
                for u, extended in self._extend(cycles, members):
                    chosen[u] = extended
                    moved.add(u)
            active = moved
        return chosen

    def _extend(
        self, cycles: tuple[Cycle, ...], members: Ints
    ) -> list[tuple[int, tuple[Cycle, ...]]]:
        now = self._errors(cycles)[:, members]
        best_gain = np.zeros(len(members))
        best: list[tuple[Cycle, ...]] = [cycles] * len(members)
        for block in self.design.blocks:
            if block.cycle in cycles or not set(block.after) <= set(cycles):
                continue
            extended = (*cycles, block.cycle)
            gain = now - self._errors(extended)[:, members]
            mean = gain.mean(axis=0)
            error = gain.std(axis=0, ddof=1) / np.sqrt(self.fold_count)
            worth = (mean > _STANDARD_ERRORS * error) & (mean > _LEAST_GAIN * now.mean(axis=0))
            for i in np.flatnonzero(worth & (mean > best_gain)):
                best_gain[i], best[i] = mean[i], extended
        return [(int(u), b) for u, b in zip(members, best, strict=True) if b != cycles]

    def penalty_scale(self, chosen: Sequence[tuple[Cycle, ...]]) -> Floats:
        """Return the multiple of the design's penalties that errs least, shape (units,)."""
        scale = np.ones(self.units)
        for cycles in sorted(set(chosen)):
            units = np.array([u for u in range(self.units) if chosen[u] == cycles])
            errors = np.array([self._errors(cycles, s)[:, units].mean(axis=0) for s in _SCALES])
            best = np.argmin(errors, axis=0)
            gain = errors[0] - errors.min(axis=0)
            scale[units] = np.where(gain > _LEAST_GAIN * errors[0], np.array(_SCALES)[best], 1.0)
        return scale

    def _errors(self, cycles: tuple[Cycle, ...], scale: float = 1.0) -> Floats:
        """Held-out squared error by fold and unit, shape (folds, units)."""
        key = (cycles, scale)
        if key not in self.known:
            features = self.design.columns(cycles)
            x, penalty = self.x[:, features], np.diag(self.design.penalties(scale)[features])
            whole, product = x.T @ x + penalty, x.T @ self.y
            errors = np.zeros((self.fold_count, self.units))
            for fold in range(self.fold_count):
                held = self.folds == fold
                xf, yf = x[held], self.y[held]
                beta = np.linalg.solve(whole - xf.T @ xf, product - xf.T @ yf)
                squared = ((yf - xf @ beta) ** 2).mean(axis=0)
                errors[fold] = np.bincount(self.unit, squared, minlength=self.units)
            self.known[key] = errors
        return self.known[key]


def cycles_of(expectation: Expectation, outcomes: Sequence[int]) -> tuple[Cycle, ...]:
    """Return the cycles that an outcome follows."""
    wanted = set(outcomes)
    for member in expectation.members:
        if wanted & set(member.outcomes.tolist()):
            return member.cycles
    return ()
