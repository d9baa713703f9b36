"""What a model's owner chose about its metrics."""

from __future__ import annotations

from dataclasses import dataclass

CostMatrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityChoice:
    """Settings that change what a metric means.

    Parameters
    ----------
    metrics
        Names out of :data:`METRICS`; empty: the usual ones of the task.
    threshold
        A score at or above it predicts the positive class, 0 to 1.
    beta
        How many times as important recall is as precision, in F-beta.
    cost_matrix
        Cost of a prediction, ``cost_matrix[true class][predicted class]``, in the owner's unit;
        negative where it is a gain. Binary: class 0 is the negative one.
    quantile
        Which quantile a regression predicts, between 0 and 1, for the pinball loss.
    top_ratio
        Share of rows with the highest scores that the lift is measured in, above 0 to 1.
    top_k
        How long a part of each ranked list is looked at.
    bins
        Number of equally wide bins of the calibration curve.
    """

    metrics: tuple[str, ...] = ()
    threshold: float = 0.5
    beta: float = 1.0
    cost_matrix: CostMatrix | None = None
    quantile: float | None = None
    top_ratio: float = 0.1
    top_k: int = 10
    bins: int = 10
