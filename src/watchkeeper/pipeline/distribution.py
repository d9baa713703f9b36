"""How a column's values were distributed over a span of time, beside what was expected of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import DataError
from watchkeeper.pipeline.column_history import column_type, unit_of
from watchkeeper.pipeline.judging import Memory
from watchkeeper.pipeline.kept_profile import unpack_column
from watchkeeper.pipeline.opened import OpenBaseline, newest_baseline
from watchkeeper.pipeline.span import Buckets, read_span
from watchkeeper.profiles import (
    FIRST,
    MISFIT,
    NULL,
    BinDistances,
    Bins,
    NumberBins,
    bin_labels,
    distances_between,
)
from watchkeeper.store import Store
from watchkeeper.watch import Expected, State, expected_over
from watchkeeper.watch import start as first_state

Floats = NDArray[np.float64]


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Values ``low <= value < high`` of a number, ``None`` for no limit; of a category, a name."""

    label: str
    low: float | None
    high: float | None


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A number as it was, and as it was expected; ``None`` if there is none."""

    observed: float | None
    expected: float | None


class Distances(msgspec.Struct, frozen=True, kw_only=True):
    """Distances from the expected distribution to the observed one, nulls and misfits included."""

    psi: float
    jensen_shannon: float
    hellinger: float
    wasserstein: float | None
    kolmogorov_smirnov: float | None
    total_variation: float


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """One column over some buckets, late rows included.

    Attributes
    ----------
    start, end
        Of the first bucket with rows of the column, and of the last.
    rows
        Rows of the column in them.
    observed, expected, reference
        Parts of all rows by bin, 0 to 1; with the parts of nulls and misfits they sum to 1.
        ``expected`` is what the place of these very buckets in the cycles lets expect;
        ``reference`` is the whole reference.
    mean
        ``None`` for a category.
    distances
        ``None`` without rows.
    """

    column: str
    segment: str
    type: str
    start: datetime | None
    end: datetime | None
    rows: int
    null_ratio: Pair
    misfit_ratio: Pair
    bins: list[Bin]
    observed: list[float]
    expected: list[float]
    reference: list[float]
    mean: Pair | None
    distances: Distances | None


def read_distribution(
    store: Store,
    model: str,
    column: str,
    *,
    segment: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> Distribution:
    """Return how a column was distributed, for the window see `read_span`.

    Raises
    ------
    DataError
        If the model, the column or the segment is unknown, or the model is not watched.
    """
    baseline = newest_baseline(store, model)
    if baseline is None:
        raise DataError(f"model {model!r} has no baseline yet, so nothing is expected of it")
    unit = unit_of(baseline, column, segment)
    buckets = read_span(store, model, baseline, start=start, end=end).buckets
    counted = _Counted.of(store, baseline, buckets, unit)
    panel = baseline.fitted.panel
    bins = baseline.fitted.bins[column]
    place = slice(int(panel.fine_start[unit]), int(panel.fine_start[unit + 1]))
    reference = panel.reference[place] / max(panel.reference[place].sum(), 1.0)
    rows = int(counted.counts.sum())
    observed = counted.counts / max(rows, 1)
    expected = _expected(store, baseline, counted, unit)
    has_mean = isinstance(bins, NumberBins)
    return Distribution(
        column=column,
        segment=segment,
        type=column_type(baseline, column),
        start=counted.spans[0][0] if counted.spans and counted.spans[0] else None,
        end=counted.spans[-1][1] if counted.spans and counted.spans[-1] else None,
        rows=rows,
        null_ratio=_pair(observed, expected, NULL),
        misfit_ratio=_pair(observed, expected, MISFIT),
        bins=_bins(bins),
        observed=_shares(observed),
        expected=_shares(expected.shares) if expected else [],
        reference=_shares(reference),
        mean=Pair(observed=counted.mean, expected=expected.mean if expected else None)
        if has_mean
        else None,
        distances=_distances(bins, expected.shares, counted.counts) if expected else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """What buckets with rows of a column had of it: rows per bin, mean, and when."""

    counts: Floats
    mean: float | None
    numbers: list[int]
    spans: list[tuple[datetime, datetime] | None]
    rows: list[float]

    @classmethod
    def of(cls, store: Store, baseline: OpenBaseline, buckets: Buckets, unit: int) -> _Counted:
        named = baseline.readings.units[unit]
        counts = np.zeros(baseline.fitted.bins[named.column].size)
        counted = _Counted(counts=counts, mean=None, numbers=[], spans=[], rows=[])
        if not buckets.numbers:
            return counted
        when = dict(
            zip(buckets.numbers, zip(buckets.starts, buckets.ends, strict=True), strict=True)
        )
        values, total = 0, 0.0
        for kept in store.kept_buckets.between(
            baseline.setup.model,
            baseline.version,
            first=buckets.numbers[0],
            last=buckets.numbers[-1],
        ):
            parts = [
                profile
                for data in (kept.profile, kept.late)
                if data is not None
                and (profile := unpack_column(data, named.column, named.segment)) is not None
            ]
            rows = sum(part.rows for part in parts)
            if not rows:
                continue
            start, end = when[kept.number]
            counted.numbers.append(kept.number)
            counted.rows.append(float(rows))
            counted.spans.append(None if start is None or end is None else (start, end))
            for part in parts:
                counts += part.counts
                if part.moments is not None and part.moments.count:
                    values += part.moments.count
                    total += part.moments.mean * part.moments.count
        return replace(counted, mean=total / values if values else None)


def _expected(
    store: Store, baseline: OpenBaseline, counted: _Counted, unit: int
) -> Expected | None:
    """Return what was expected, as the watch knew it when it judged the first of the buckets."""
    if not counted.numbers:
        return None
    state = _state_at(store, baseline, counted.numbers[0])
    return expected_over(
        baseline.fitted, state, unit, counted.spans, np.array(counted.rows, dtype=np.float64)
    )


def _state_at(store: Store, baseline: OpenBaseline, number: int) -> State:
    nearest = store.checkpoints.nearest(baseline.setup.model, baseline.version, number)
    return first_state(baseline.fitted) if nearest is None else Memory.at(nearest).state


def _bins(bins: Bins) -> list[Bin]:
    labels = bin_labels(bins)[FIRST:]
    if not isinstance(bins, NumberBins):
        return [Bin(label=label, low=None, high=None) for label in labels]
    limits = [None, *bins.edges, None]
    return [
        Bin(label=label, low=low, high=high)
        for label, low, high in zip(labels, limits[:-1], limits[1:], strict=True)
    ]


def _pair(observed: Floats, expected: Expected | None, place: int) -> Pair:
    if expected is None:
        return Pair(observed=None, expected=None)
    return Pair(observed=float(observed[place]), expected=float(expected.shares[place]))


def _shares(shares: Floats) -> list[float]:
    told: list[float] = np.round(shares[FIRST:], 8).tolist()
    return told


def _distances(bins: Bins, expected: Floats, counts: Floats) -> Distances:
    rows = np.array([counts.sum()])
    found: BinDistances = distances_between([bins], expected[None], counts[None], rows)[0]
    return Distances(
        psi=found.psi,
        jensen_shannon=found.jensen_shannon,
        hellinger=found.hellinger,
        wasserstein=found.wasserstein,
        kolmogorov_smirnov=found.kolmogorov_smirnov,
        total_variation=found.total_variation,
    )
