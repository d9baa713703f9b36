"""What is estimated of one hour or day, and what the labels that came say of the estimate."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.estimation import BucketEstimate
from watchkeeper.pipeline.estimating.answered import Answered, answered
from watchkeeper.pipeline.estimating.estimator_facts import EstimatorFacts
from watchkeeper.pipeline.estimating.model_estimator import ModelEstimator

LEAST_ROWS = 20
"""Of fewer predictions nothing is estimated."""
LEAST_LABELS = 30
"""Fewer labels neither correct nor contradict an estimate."""
_MOST_NAMED = 10

Ints = NDArray[np.int64]


class EstimatedValue(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A metric as it is estimated: the measured value will lie between, at 95 %."""

    name: str
    value: float
    low: float
    high: float
    standard_error: float


class CorrectedValue(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A metric by the estimate and some labels together.

    Attributes
    ----------
    gap
        By how much the estimate exceeds what the labels say, over the labelled rows.
    gap_standard_error
        By chance.
    p_value
        Of the estimate's being as right for the labelled rows as it was on the reference.
    """

    name: str
    value: float
    low: float
    high: float
    labelled: int
    gap: float
    gap_standard_error: float
    p_value: float


class EstimatedCell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of an hour or a day.

    Attributes
    ----------
    rows
        Predictions that were looked at.
    refused
        Why nothing is estimated.
    outside
        Part of the rows outside what the reference covers, 0 to 1.
    columns
        Those with values that the reference never had, with the part of the rows.
    effective_ratio
        Part of the reference that is like these rows.
    new_versions
        Of the model, that the reference did not have.
    """

    rows: int
    values: tuple[EstimatedValue, ...] = ()
    corrected: tuple[CorrectedValue, ...] = ()
    refused: str | None = None
    outside: float = 0.0
    columns: tuple[tuple[str, float], ...] = ()
    effective_ratio: float = 0.0
    new_versions: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return it for the store."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, payload: bytes) -> EstimatedCell:
        """Read what `to_bytes` wrote."""
        return msgspec.msgpack.decode(payload, type=cls)


def estimated_cell(
    table: pa.Table,
    estimator: ModelEstimator,
    facts: EstimatorFacts,
    *,
    most_rows: int,
    is_corrected: bool,
) -> EstimatedCell | None:
    """Estimate the first rows of a table; ``None`` of fewer than 20 predictions.

    Parameters
    ----------
    table
        Sorted so that the first rows are chosen by chance, both those with a label and those
        without.
    is_corrected
        Whether labels are looked at.
    """
    found = answered(table, facts)
    if len(found) < LEAST_ROWS:
        return None
    looked_at = found.take(np.arange(min(most_rows, len(found))))
    estimate = estimator.estimate(looked_at)
    corrected: tuple[CorrectedValue, ...] = ()
    if is_corrected:
        corrected = tuple(_corrected(found, estimator, estimate, most_rows))
    return EstimatedCell(
        rows=len(looked_at),
        values=tuple(_values(estimate)),
        corrected=corrected,
        refused=estimate.refused,
        outside=estimate.outside.ratio,
        columns=estimate.outside.by_column[:_MOST_NAMED],
        effective_ratio=estimate.effective_ratio,
        new_versions=_new_versions(table.take(pa.array(looked_at.places)), facts),
    )


def _values(estimate: BucketEstimate) -> Iterator[EstimatedValue]:
    for one in estimate.metrics:
        if one.value is None or one.low is None or one.high is None or one.standard_error is None:
            continue
        yield EstimatedValue(
            name=one.name,
            value=one.value,
            low=one.low,
            high=one.high,
            standard_error=one.standard_error,
        )


def _corrected(
    found: Answered, estimator: ModelEstimator, estimate: BucketEstimate, most_rows: int
) -> Iterator[CorrectedValue]:
    known = np.flatnonzero(np.isfinite(found.labels))[:most_rows]
    others = np.flatnonzero(~np.isfinite(found.labels))[:most_rows]
    if len(known) < LEAST_LABELS or estimate.refused is not None:
        return
    both = found.take(np.concatenate([known, others]))
    for name in (metric.name for metric in estimate.metrics if metric.value is not None):
        one = estimator.corrected(name, both, np.arange(len(known)))
        if one is None:
            continue
        powered = one.powered
        yield CorrectedValue(
            name=name,
            value=powered.value,
            low=powered.low,
            high=powered.high,
            labelled=one.labelled,
            gap=powered.bias,
            gap_standard_error=powered.bias_standard_error,
            p_value=one.p_value,
        )


def _new_versions(table: pa.Table, facts: EstimatorFacts) -> tuple[str, ...]:
    names = {name or "" for name in pc.unique(table.column("version")).to_pylist()}
    return tuple(sorted(names - set(facts.versions))[:_MOST_NAMED])
