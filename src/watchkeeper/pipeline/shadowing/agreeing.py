"""How alike the answers of two models to the same requests are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.events import QualitySettings
from watchkeeper.pipeline.quality.seen import PROBABILITY
from watchkeeper.pipeline.shadowing.answer import Agreement
from watchkeeper.pipeline.shadowing.pairs import Pairs
from watchkeeper.stats import wilson

Floats = NDArray[np.float64]


def agreement_of(pairs: Pairs, settings: QualitySettings) -> Agreement | None:
    """Return how alike the answers are, ``None`` where there is nothing to compare."""
    numbers = [_numbers(side) for side in (pairs.live, pairs.shadow)]
    if all(one is not None for one in numbers):
        one, two = (found for found in numbers if found is not None)
        known = np.isfinite(one) & np.isfinite(two)
        return _of_numbers(one[known], two[known], settings) if known.any() else None
    texts = [_texts(side) for side in (pairs.live, pairs.shadow)]
    if any(one is None for one in texts):
        return None
    same = pc.equal(texts[0], texts[1]).drop_null()
    if not len(same):
        return None
    ratio = pc.mean(same.cast(pa.float64())).as_py()
    low, high = wilson(ratio, len(same))
    return Agreement(kind="class", ratio=ratio, low=low, high=high, rows=len(same))


def _of_numbers(one: Floats, two: Floats, settings: QualitySettings) -> Agreement:
    apart = two - one
    correlation = None
    if len(one) > 2 and one.std() > 0 and two.std() > 0:
        correlation = float(np.corrcoef(one, two)[0, 1])
    ratio = low = high = None
    if all(values.min() >= 0 and values.max() <= 1 for values in (one, two)):
        same = (one >= settings.threshold) == (two >= settings.threshold)
        ratio = float(same.mean())
        low, high = wilson(ratio, len(same))
    return Agreement(
        kind="number",
        ratio=ratio,
        low=low,
        high=high,
        mean_difference=float(apart.mean()),
        mean_distance=float(np.abs(apart).mean()),
        correlation=correlation,
        rows=len(one),
    )


def _numbers(table: pa.Table) -> Floats | None:
    if "output" not in table.column_names:
        return None
    column = table.column("output")
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        return None
    found: Floats = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy()
    return found


def _texts(table: pa.Table) -> pa.ChunkedArray | None:
    """Return the class that each row says, or the likeliest of probabilities by class."""
    if "output" in table.column_names:
        column = table.column("output")
        return None if pa.types.is_list(column.type) else column.cast(pa.string())
    names = [name for name in table.column_names if name.startswith(PROBABILITY)]
    if not names:
        return None
    scores = np.stack([_filled(table.column(name)) for name in names], axis=1)
    classes = np.array([name.removeprefix(PROBABILITY) for name in names])
    likeliest = classes[scores.argmax(axis=1)]
    none = ~np.isfinite(scores).any(axis=1)
    return pa.chunked_array([pa.array(likeliest, pa.string(), mask=none)])


def _filled(column: pa.ChunkedArray) -> Floats:
    found: Floats = pc.fill_null(column.cast(pa.float64()), -np.inf).to_numpy()
    return found
