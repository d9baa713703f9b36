"""What an estimator says of one bucket."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.estimation.support import Outside


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedMetric:
    """A metric as it will come out once all labels are there, if only the inputs have changed.

    Attributes
    ----------
    value
        ``None`` where it is refused or not defined.
    low, high
        The measured value will lie between, at 95 %.
    standard_error
        Of the estimate as a forecast of the measured value: labels left to chance, and the
        estimator's own error.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    standard_error: float | None

    @classmethod
    def none(cls, name: str) -> EstimatedMetric:
        """Return what is said of a metric of which nothing is known."""
        return cls(name=name, value=None, low=None, high=None, standard_error=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketEstimate:
    """Estimates of a bucket's rows.

    Attributes
    ----------
    refused
        Why nothing is estimated, in words; ``None`` if it is.
    effective_ratio
        Part of the reference's rows that are like the bucket's, 0 to 1.
    """

    rows: int
    metrics: tuple[EstimatedMetric, ...]
    outside: Outside
    effective_ratio: float
    refused: str | None
