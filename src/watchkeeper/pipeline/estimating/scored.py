"""Past estimates held against what the labels said later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from watchkeeper.pipeline.estimating.cell import EstimatedCell
from watchkeeper.pipeline.estimating.estimates_answer import EstimateScore
from watchkeeper.pipeline.quality.cell import QualityCell
from watchkeeper.store import EstimateCell, KeptCell

LABELLED = 0.95
"""Part of a step's predictions that must have a label, for what is measured to be its truth."""

_LEAST_STEPS = 3


def scored(
    estimates: Iterable[EstimateCell],
    measured: Iterable[KeptCell],
    reference: Mapping[str, float],
    metrics: Iterable[str],
) -> list[EstimateScore]:
    """Return how good estimates were, of each metric with three steps or more that can be scored.

    Parameters
    ----------
    reference
        The metrics of the reference, by name.
    """
    truth = {
        cell.start: known_values(cell)
        for cell in measured
        if cell.labelled >= LABELLED * cell.predictions
    }
    pairs: dict[str, list[tuple[float, float, float, float]]] = {}
    for kept in estimates:
        real = truth.get(kept.start, {})
        for one in EstimatedCell.from_bytes(kept.payload).values:
            if one.name in real:
                pair = one.value, one.low, one.high, real[one.name]
                pairs.setdefault(one.name, []).append(pair)
    return [
        score_of(name, pairs[name], reference.get(name))
        for name in metrics
        if len(pairs.get(name, ())) >= _LEAST_STEPS
    ]


def known_values(cell: KeptCell) -> dict[str, float]:
    """Return the metrics of a measured step, by name."""
    metrics = QualityCell.from_bytes(cell.payload).metrics
    return {one.name: one.value for one in metrics if one.value is not None}


def score_of(
    name: str, pairs: Sequence[tuple[float, float, float, float]], unchanged: float | None
) -> EstimateScore:
    """Return how good estimates of a metric were.

    Parameters
    ----------
    pairs
        Of each step the estimate, both ends of its interval, and what was measured; at least one.
    unchanged
        The metric of the reference.
    """
    value, low, high, real = np.array(pairs, dtype=np.float64).T
    return EstimateScore(
        metric=name,
        steps=len(pairs),
        error=float(np.abs(value - real).mean()),
        bias=float((value - real).mean()),
        inside_ratio=float(((low <= real) & (real <= high)).mean()),
        unchanged_error=None if unchanged is None else float(np.abs(unchanged - real).mean()),
    )
