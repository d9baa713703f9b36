"""Many rows counted into service cells at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.service_cell import NANO, ServiceCell
from watchkeeper.profiles import QuantileSketch, sketch_keys

MOST_ROWS = 65_536
"""Rows of one call: their sums then fit into 64 bits."""

_MOST_SECONDS = 100_000.0
_MOST_USD = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRows:
    """Predictions as columns, each of shape (rows,).

    Attributes
    ----------
    is_error
        Whether it failed.
    latency_seconds, cost_usd
        NaN where it is not known; a negative or infinite number counts as not known.
    """

    is_error: NDArray[np.bool_]
    latency_seconds: NDArray[np.float64]
    cost_usd: NDArray[np.float64]


class ServiceTally:
    """Rows made ready to be counted in several groupings.

    Parameters
    ----------
    rows
        At most 65,536.

    Examples
    --------
    >>> nothing = np.full(3, np.nan)
    >>> rows = ServiceRows(
    ...     is_error=np.array([True, False, False]), latency_seconds=nothing, cost_usd=nothing
    ... )
    >>> found = ServiceTally(rows).by(np.array([7, 7, 8]))
    >>> found[7].errors, found[7].predictions, found[8].predictions
    (1, 2, 1)
    """

    def __init__(self, rows: ServiceRows) -> None:
        if rows.is_error.size > MOST_ROWS:
            raise ValueError(f"expected at most {MOST_ROWS} rows at once, got {rows.is_error.size}")
        self._errors = rows.is_error
        self._timed = np.flatnonzero(_is_known(rows.latency_seconds))
        seconds = rows.latency_seconds[self._timed]
        self._keys = sketch_keys(seconds)
        self._nanoseconds = _nano(seconds, _MOST_SECONDS)
        self._costed = np.flatnonzero(_is_known(rows.cost_usd))
        self._nano_usd = _nano(rows.cost_usd[self._costed], _MOST_USD)

    def by(self, groups: NDArray[np.int64]) -> dict[int, ServiceCell]:
        """Return the cell of each group of rows.

        Parameters
        ----------
        groups
            Any numbers, shape (rows,).
        """
        names, codes = np.unique(groups, return_inverse=True)
        size = names.size
        predictions = np.bincount(codes, minlength=size)
        errors = np.bincount(codes[self._errors], minlength=size)
        costed = np.bincount(codes[self._costed], minlength=size)
        cost = _sums(codes[self._costed], self._nano_usd, size)
        timed = codes[self._timed]
        nanoseconds = _sums(timed, self._nanoseconds, size)
        sketches = self._sketches(timed, size)
        return {
            int(names[code]): ServiceCell(
                predictions=int(predictions[code]),
                errors=int(errors[code]),
                latencies=sketches[code],
                latency_nanoseconds=int(nanoseconds[code]),
                costed=int(costed[code]),
                cost_nano_usd=int(cost[code]),
            )
            for code in range(size)
        }

    def _sketches(self, codes: NDArray[np.intp], size: int) -> list[QuantileSketch]:
        if not codes.size:
            return [QuantileSketch.merged(())] * size
        low = int(self._keys.min())
        span = int(self._keys.max()) - low + 1
        places, counts = np.unique(codes * span + (self._keys - low), return_counts=True)
        ends = np.searchsorted(places, np.arange(size + 1) * span)
        keys = places % span + low
        return [
            QuantileSketch(
                keys=keys[ends[code] : ends[code + 1]], counts=counts[ends[code] : ends[code + 1]]
            )
            for code in range(size)
        ]


def _is_known(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = np.isfinite(numbers) & (numbers >= 0)
    return known


def _nano(numbers: NDArray[np.float64], most: float) -> NDArray[np.int64]:
    nano: NDArray[np.int64] = np.rint(np.minimum(numbers, most) * NANO).astype(np.int64)
    return nano


def _sums(codes: NDArray[np.intp], numbers: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, codes, numbers)
    return sums
