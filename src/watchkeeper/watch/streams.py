"""The numbers that are followed over time: level, shape and relation of columns, and volume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Aspect: TypeAlias = Literal["level", "shape", "relation", "volume"]

LEVEL, SHAPE, RELATION, VOLUME = 0, 1, 2, 3
ASPECTS: tuple[Aspect, ...] = ("level", "shape", "relation", "volume")

_PREDICTORS = 5
_LEAST_CORRELATION = 0.25
_LEAST_EXPLAINED = 0.1
_VOLUME_PART = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What one column's level says about another's, whatever the season does to both.

    Attributes
    ----------
    target
        Unit of each relation, shape (relations,).
    predictors
        Units that predict it, shape (relations, 5); unused ones point to unit 0 with weight 0.
    weights
        Shape (relations, 5).
    """

    target: Ints
    predictors: Ints
    weights: Floats

    def residuals(self, levels: Floats, offset: Floats | None = None) -> Floats:
        """Return what the predictors leave unexplained.

        Parameters
        ----------
        levels
            Shape (..., units).
        offset
            Taken off the predictors first, (units,): where a lasting incident holds them.
        """
        known = levels if offset is None else levels - offset
        unexplained: Floats = levels[..., self.target] - self.explained(known)
        return unexplained

    def seen(self, levels_seen: Bools) -> Bools:
        """Return where target and predictors were all seen."""
        used = levels_seen[..., self.predictors] | (self.weights == 0)
        seen: Bools = levels_seen[..., self.target] & used.all(axis=-1)
        return seen

    def lean_on(self, units: Bools) -> Bools:
        """Return which relations have one of these units among their predictors, (relations,)."""
        leaning: Bools = (units[self.predictors] & (self.weights != 0)).any(axis=-1)
        return leaning

    def youngest(self, settled: Ints) -> Ints:
        """Return the fewest buckets since any unit of each relation settled, 0 if none has.

        Parameters
        ----------
        settled
            Buckets since each unit settled, 0 where it has not, shape (units,).
        """
        never = np.iinfo(np.intp).max
        age = np.where(settled > 0, settled, never)
        used = np.where(self.weights != 0, age[self.predictors], never).min(axis=-1)
        youngest = np.minimum(age[self.target], used)
        return np.where(youngest == never, 0, youngest)

    def explained(self, levels: Floats) -> Floats:
        """Return what the predictors let expect of the targets, for levels (..., units)."""
        expected: Floats = np.einsum("...rp,rp->...r", levels[..., self.predictors], self.weights)
        return expected


def fit_relations(
    levels: Floats, seen: Bools, allowed: Bools, memory: Floats, *, predicting: Bools | None = None
) -> Relations:
    """Find which levels explain one another beyond season and chance.

    Parameters
    ----------
    levels
        Levels less their expectation, shape (time, units).
    seen
        Same shape.
    allowed
        Units that may take part, shape (units,).
    memory
        Integrated autocorrelation time of each unit's level in buckets, (units,): the number of
        buckets counts only as often as they are independent.
    predicting
        Units that may predict others, shape (units,); ``None`` for all.
    """
    units = np.flatnonzero(allowed)
    complete = seen[:, units].all(axis=1) if len(units) else np.zeros(0, dtype=np.bool_)
    effective = complete.sum() / max(1.0, float(memory[units].max(initial=1.0)))
    if len(units) < 2 or effective < 4 * _PREDICTORS:
        return _none()
    z = levels[complete][:, units]
    deviation = z.std(axis=0)
    lively = deviation > 1e-9
    units, z = units[lively], z[:, lively] / deviation[lively]
    if len(units) < 2:
        return _none()
    correlation = z.T @ z / len(z)
    np.fill_diagonal(correlation, 0.0)
    if predicting is not None:
        correlation[:, ~predicting[units]] = 0.0
    chance = 4.0 / np.sqrt(effective)
    rows: list[tuple[int, Ints, Floats]] = []
    for i in range(len(units)):
        strength = np.abs(correlation[i])
        best = np.argsort(-strength, kind="stable")[:_PREDICTORS]
        best = best[strength[best] > max(_LEAST_CORRELATION, chance)]
        if not len(best):
            continue
        weights, explained = _ridge(z[:, best], z[:, i], len(z) / effective)
        if explained > _LEAST_EXPLAINED:
            scale = deviation[lively]
            rows.append((i, best, weights * scale[i] / scale[best]))
    return _pack(rows, units)


def _ridge(x: Floats, y: Floats, penalty: float) -> tuple[Floats, float]:
    """Weights, and the explained part by five contiguous folds."""
    folds = np.arange(len(y)) * 5 // len(y)
    eye: Floats = penalty * np.eye(x.shape[1])
    error = 0.0
    for fold in range(5):
        train = folds != fold
        beta = np.linalg.solve(x[train].T @ x[train] + eye, x[train].T @ y[train])
        error += float(((y[~train] - x[~train] @ beta) ** 2).sum())
    weights: Floats = np.linalg.solve(x.T @ x + eye, x.T @ y).astype(np.float64)
    return weights, 1.0 - error / float((y**2).sum())


def _pack(rows: list[tuple[int, Ints, Floats]], units: Ints) -> Relations:
    if not rows:
        return _none()
    predictors = np.zeros((len(rows), _PREDICTORS), dtype=np.intp)
    weights = np.zeros((len(rows), _PREDICTORS))
    for r, (_, best, weight) in enumerate(rows):
        predictors[r, : len(best)] = units[best]
        weights[r, : len(best)] = weight
    target = units[np.array([i for i, _, _ in rows], dtype=np.intp)]
    return Relations(target=target, predictors=predictors, weights=weights)


def _none() -> Relations:
    return Relations(
        target=np.zeros(0, dtype=np.intp),
        predictors=np.zeros((0, _PREDICTORS), dtype=np.intp),
        weights=np.zeros((0, _PREDICTORS)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """Aspect, unit and weight of every stream, in one order everywhere.

    The volume's unit is one past the last unit. Weights are shares of the one budget.
    """

    aspect: Ints
    unit: Ints
    weight: Floats

    def __len__(self) -> int:
        return len(self.aspect)


_SHAPE_PART = 0.35
_QUIET = 10.0
_HANDFUL = 5.0


def lay_out(panel: Panel, relations: Relations, *, volume: bool) -> Streams:
    """List the streams, with equal weights."""
    units = len(panel.units)
    counts = [units, units, len(relations.target)]
    aspect = np.repeat([LEVEL, SHAPE, RELATION], counts)
    unit = np.concatenate([np.arange(units), np.arange(units), relations.target])
    if volume:
        aspect, unit = np.append(aspect, VOLUME), np.append(unit, units)
    return Streams(
        aspect=aspect.astype(np.intp), unit=unit.astype(np.intp), weight=np.ones(len(unit))
    )


def weigh(
    streams: Streams,
    panel: Panel,
    typical_rows: Floats,
    wander: Floats,
    broad: Bools,
    speed: Floats,
    active: Bools,
    weights: Mapping[str, float],
) -> Streams:
    """Divide the budget over the streams.

    Every column gets a share by its importance; all rows get half of the budget when there are
    segments, which share the rest. Within a column most goes to the level, where it has one. The
    shape's part shrinks as the level moves from bucket to bucket, in cycles or by itself:
    then so do all its bins, and what the level leaves of them is harder to expect.

    Parameters
    ----------
    typical_rows
        Rows of each unit in a usual bucket, (units,): a handful of values has no shape.
    wander
        Variance of each unit's level as a multiple of what independent rows give, (units,).
    broad
        Units whose rows in one bucket spread about as far as all rows do, (units,): elsewhere a
        bucket's shape only says where its level lies.
    speed
        How much a lasting shift of one unit shows in each bucket, in deviations of a forecast
        error, (streams,): level and relation share by the square of it, which is the rate at
        which they gather evidence.
    active
        Streams that can be followed; the others get nothing.
    """
    units = len(panel.units)
    by_unit = np.zeros((3, units))
    level = active[:units]
    quiet = np.minimum(1.0, _QUIET / np.maximum(wander, 1e-9))
    full = np.clip((typical_rows - _HANDFUL) / _HANDFUL, 0.0, 1.0)
    by_unit[SHAPE] = np.where(level, _SHAPE_PART * quiet * full * broad, 1.0)
    own = speed[:units] ** 2
    relation = np.zeros(units)
    place = streams.aspect == RELATION
    relation[streams.unit[place]] = np.where(active, speed, 0.0)[place] ** 2
    part = np.where(level, relation / np.maximum(own + relation, 1e-300), 0.0)
    by_unit[RELATION] = (1.0 - by_unit[SHAPE]) * part
    by_unit[LEVEL] = np.where(level, 1.0 - by_unit[SHAPE] - by_unit[RELATION], 0.0)
    by_unit *= _importance(panel, weights)
    weight = np.array(
        [
            _VOLUME_PART if aspect == VOLUME else by_unit[aspect, unit]
            for aspect, unit in zip(streams.aspect, streams.unit, strict=True)
        ]
    )
    weight = np.where(active, weight, 0.0)
    return Streams(
        aspect=streams.aspect,
        unit=streams.unit,
        weight=weight / max(float(weight.sum()), 1e-300),
    )


def _importance(panel: Panel, weights: Mapping[str, float]) -> Floats:
    segments = {u.segment for u in panel.units if u.segment}
    families: dict[tuple[str, str], int] = {}
    for unit in panel.units:
        key = (unit.segment, unit.column.partition(".")[0])
        families[key] = families.get(key, 0) + 1
    importance = np.ones(len(panel.units))
    for i, unit in enumerate(panel.units):
        source = unit.column.partition(".")[0]
        given = weights.get(unit.column)
        if given is None:
            given = weights.get(source, 1.0)
        part = 1.0 / len(segments) if unit.segment else 1.0
        derived = unit.column != source and unit.column not in weights
        family = families[(unit.segment, source)] if derived else 1
        importance[i] = given * part / family
    return importance
