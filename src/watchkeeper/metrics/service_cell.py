"""What some predictions took and cost, added up so that any two sums can be added again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import DataError
from watchkeeper.profiles import QuantileSketch

NANO = 1_000_000_000
_VERSION = 1
_SUM_BYTES = 16
_UNSIGNED = (np.dtype("<u1"), np.dtype("<u2"), np.dtype("<u4"), np.dtype("<u8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCell:
    """Predictions of one span of time, counted.

    Everything in it is an integer, so merging is exact, to the bit, in any order and grouping.

    Attributes
    ----------
    predictions, errors
        All of them, and those with an error.
    latencies
        Of those that have one, with or without an error; quantiles are within 1 % (DDSketch).
    latency_nanoseconds
        Sum of these; each counts as 100,000 s at most.
    costed
        Predictions whose cost is known.
    cost_nano_usd
        Sum of these costs; each is rounded to a billionth of a dollar, and counts as 100,000 USD
        at most.

    References
    ----------
    C. Masson, J. E. Rim, H. K. Lee (2019), DDSketch: a fast and fully-mergeable quantile sketch
    with relative-error guarantees, PVLDB 12.

    Examples
    --------
    >>> fast = ServiceCell(predictions=3, errors=1, latencies=QuantileSketch.of(np.full(3, 0.1)))
    >>> both = ServiceCell.merged([fast, ServiceCell(predictions=1)])
    >>> both.predictions, both.error_ratio, round(both.latency_seconds(0.5), 1)
    (4, 0.25, 0.1)
    """

    predictions: int = 0
    errors: int = 0
    latencies: QuantileSketch = field(default_factory=lambda: QuantileSketch.merged(()))
    latency_nanoseconds: int = 0
    costed: int = 0
    cost_nano_usd: int = 0

    @classmethod
    def merged(cls, cells: Sequence[ServiceCell]) -> ServiceCell:
        """Return the cell of all their predictions."""
        if len(cells) == 1:
            return cells[0]
        return cls(
            predictions=sum(cell.predictions for cell in cells),
            errors=sum(cell.errors for cell in cells),
            latencies=QuantileSketch.merged([cell.latencies for cell in cells]),
            latency_nanoseconds=sum(cell.latency_nanoseconds for cell in cells),
            costed=sum(cell.costed for cell in cells),
            cost_nano_usd=sum(cell.cost_nano_usd for cell in cells),
        )

    @property
    def error_ratio(self) -> float | None:
        """Errors by predictions, ``None`` without predictions."""
        return self.errors / self.predictions if self.predictions else None

    @property
    def cost_usd(self) -> float | None:
        """Known costs together, ``None`` if none is known."""
        return self.cost_nano_usd / NANO if self.costed else None

    @property
    def cost_per_prediction_usd(self) -> float | None:
        """Mean of the known costs, ``None`` if none is known."""
        return self.cost_nano_usd / NANO / self.costed if self.costed else None

    def latency_seconds(self, q: float) -> float | None:
        """Return a quantile of the latencies, ``None`` without any.

        Parameters
        ----------
        q
            0 to 1, both included.
        """
        return self.latencies.quantile(q) if self.latencies.keys.size else None

    def latencies_to_bytes(self) -> bytes:
        """Return the latencies in short: ends of buckets as steps, in as few bytes as they need.

        One byte of version, 16 of the sum, 4 of the first key, 2 of widths, then the steps from
        key to key and the counts, each of a width of 1, 2, 4 or 8 bytes, all little-endian.
        """
        keys, counts = self.latencies.keys, self.latencies.counts
        first = int(keys[0]) if keys.size else 0
        steps, steps_width = _narrow(np.diff(keys))
        narrow, counts_width = _narrow(counts)
        return b"".join(
            (
                bytes([_VERSION]),
                self.latency_nanoseconds.to_bytes(_SUM_BYTES, "little"),
                first.to_bytes(4, "little", signed=True),
                bytes([steps_width, counts_width]),
                narrow,
                steps,
            )
        )

    @classmethod
    def of_parts(
        cls, *, predictions: int, errors: int, costed: int, cost_nano_usd: int, latencies: bytes
    ) -> ServiceCell:
        """Return the cell with these sums, and the latencies that `latencies_to_bytes` wrote.

        Raises
        ------
        DataError
            If the bytes are none of these.
        """
        sketch, nanoseconds = _latencies(latencies)
        return cls(
            predictions=predictions,
            errors=errors,
            latencies=sketch,
            latency_nanoseconds=nanoseconds,
            costed=costed,
            cost_nano_usd=cost_nano_usd,
        )


def _narrow(numbers: NDArray[np.int64]) -> tuple[bytes, int]:
    largest = int(numbers.max(initial=0))
    kind = next(kind for kind in _UNSIGNED if largest <= np.iinfo(kind).max)
    return numbers.astype(kind).tobytes(), kind.itemsize


def _latencies(data: bytes) -> tuple[QuantileSketch, int]:
    head = 1 + _SUM_BYTES + 4 + 2
    if len(data) < head or data[0] != _VERSION:
        raise DataError(
            f"Expected latencies of a service cell, version {_VERSION}, got {len(data)} bytes that"
            f" begin with {data[:4]!r}. Read them with the release that wrote them, or a newer one."
        )
    nanoseconds = int.from_bytes(data[1 : 1 + _SUM_BYTES], "little")
    first = int.from_bytes(data[1 + _SUM_BYTES : 5 + _SUM_BYTES], "little", signed=True)
    steps_width, counts_width = data[head - 2], data[head - 1]
    size = (len(data) - head + steps_width) // max(1, steps_width + counts_width)
    middle = head + size * counts_width
    counts = np.frombuffer(data[head:middle], dtype=f"<u{counts_width}").astype(np.int64)
    keys = np.empty(size, dtype=np.int64)
    if size:
        keys[0] = first
        keys[1:] = np.frombuffer(data[middle:], dtype=f"<u{steps_width}")
        np.cumsum(keys, out=keys)
    return QuantileSketch(keys=keys, counts=counts), nanoseconds
