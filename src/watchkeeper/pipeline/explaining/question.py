"""What an explanation asks of rows: one quantity for each, and which of them have it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from watchkeeper.events import EXPLANATION
from watchkeeper.pipeline.explaining.sides import ComparedRows

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

QuestionKind: TypeAlias = Literal["quality", "column", "service", "business"]

_TAIL = 0.005
_NULLS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A quantity per row.

    Attributes
    ----------
    about
        A loss such as ``error``, or the column that moved.
    quantity
        What is averaged, for people.
    values
        Shape (rows,), NaN where it is not known.
    is_ratio
        Whether the values are 0 or 1.
    is_down
        Whether a decrease is what is to be explained.
    left_out
        Column that would explain itself.
    """

    kind: QuestionKind
    about: str
    quantity: str
    values: Floats
    is_ratio: bool
    is_down: bool = False
    left_out: str | None = None

    @property
    def follows_from_inputs(self) -> bool:
        """Whether inputs make it, so that a change comes from them or from their relationship."""
        return self.kind == "quality" or self.about.startswith(EXPLANATION)


def column_question(name: str, column: pa.ChunkedArray, sides: ComparedRows) -> Question | None:
    """Return how a column moved: its nulls, its mean, or its value that gained or lost most.

    ``None`` if it is of a type that has neither numbers nor categories, or did not move at all.
    """
    now = sides.is_current
    nulls = column.is_null().to_numpy().astype(np.float64)
    if abs(nulls[now].mean() - nulls[~now].mean()) > _NULLS:
        return _moved(name, f"nulls of {name}", nulls, now, is_ratio=True)
    kind = column.type
    if pt.is_floating(kind) or pt.is_integer(kind):
        values = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy().copy()
        values[~np.isfinite(values)] = np.nan
        before = values[~now]
        if np.isnan(before).all() or np.isnan(values[now]).all():
            return None
        low, high = np.nanquantile(before, [_TAIL, 1.0 - _TAIL])
        spread = max(float(high - low), float(np.nanstd(before)), 1e-12)
        # A few far values must not decide alone where a column moved.
        values = np.clip(values, low - spread, high + spread)
        if name.startswith(EXPLANATION):
            return _moved_contribution(name, values, now)
        return _moved(name, name, values, now, is_ratio=False)
    if pt.is_boolean(kind) or pt.is_string(kind) or pt.is_large_string(kind):
        encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
        names = encoded.dictionary.to_pylist()
        codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
        counts = [np.bincount(codes[side] + 1, minlength=len(names) + 1) for side in (now, ~now)]
        gained = counts[0] / max(now.sum(), 1) - counts[1] / max((~now).sum(), 1)
        if not names:
            return None
        place = int(np.argmax(np.abs(gained[1:])))
        if pt.is_boolean(kind) and "true" in names:
            place = names.index("true")
        values = (codes == place).astype(np.float64)
        return _moved(name, f"{name} = {names[place]}", values, now, is_ratio=True)
    return None


def _moved_contribution(name: str, values: Floats, now: Flags) -> Question:
    """Return how a contribution moved, or its size: a feature may weigh more both ways."""
    quantity = f"the contribution of {name.removeprefix(EXPLANATION)}"
    sizes = np.abs(values)
    if _distance(sizes, now) > _distance(values, now):
        return _moved(name, f"the size of {quantity}", sizes, now, is_ratio=False)
    return _moved(name, quantity, values, now, is_ratio=False)


def _distance(values: Floats, now: Flags) -> float:
    """Return how far two means are apart, in standard errors of independent rows."""
    sides = [values[side & np.isfinite(values)] for side in (now, ~now)]
    error = sum(float(side.var()) / len(side) for side in sides)
    return abs(float(sides[0].mean() - sides[1].mean())) / math.sqrt(max(error, 1e-300))


def _moved(name: str, quantity: str, values: Floats, now: Flags, *, is_ratio: bool) -> Question:
    change = float(np.nanmean(values[now]) - np.nanmean(values[~now]))
    return Question(
        kind="column",
        about=name,
        quantity=quantity,
        values=values,
        is_ratio=is_ratio,
        is_down=change < 0.0,
        left_out=name,
    )


def service_question(about: str, sides: ComparedRows, threshold_seconds: float | None) -> Question:
    """Return what an objective of the service counts: failed, or too slow."""
    table = sides.table
    if threshold_seconds is None:
        values = table.column("error").is_valid().to_numpy().astype(np.float64)
        return Question(
            kind="service", about=about, quantity="failed", values=values, is_ratio=True
        )
    latency = pc.fill_null(table.column("latency_seconds"), float("nan")).to_numpy()
    slow = np.where(np.isnan(latency), np.nan, (latency > threshold_seconds).astype(np.float64))
    return Question(
        kind="service",
        about=about,
        quantity=f"slower than {threshold_seconds:g} s",
        values=slow,
        is_ratio=True,
    )


def cost_question(sides: ComparedRows) -> Question | None:
    """Return the cost of a prediction, ``None`` if nothing is known of any."""
    column = sides.table.column("cost_usd")
    if column.null_count == len(column):
        return None
    values = pc.fill_null(column, float("nan")).to_numpy()
    return Question(
        kind="service", about="cost", quantity="USD per prediction", values=values, is_ratio=False
    )
