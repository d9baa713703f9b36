"""One quality cell: what is known of the labelled predictions of a group and a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.label_delay import AGES, delay_bins
from watchkeeper.metrics.quality import Measured, QualityChoice, probabilities_of
from watchkeeper.pipeline.quality.scorable_lists import ScorableLists
from watchkeeper.pipeline.quality.scoring import Mask, Scorable

Floats = NDArray[np.float64]

_BINS = 20
_LEAST_YOUNG = 20
_NEARLY_ALL = 0.98
_STEP = 0.1


class CellMetric(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A metric with its interval at 95 %, from so many labelled predictions."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    rows: int


class CalibrationSums(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Predictions whose probability lies in one of 20 equal bins, which add up."""

    place: int
    rows: int
    scores: float
    positives: float


class YoungMetrics(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The metrics as they stood at an age (place in `AGES`), from the labels there were then."""

    place: int
    rows: int
    values: dict[str, float]


class QualityCell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a cell keeps besides its counts.

    Attributes
    ----------
    delays
        How many labels came at each place in `AGES`; only places that have some.
    young
        Of days of all predictions only.
    one_in
        Metrics are from one in so many predictions, where there are too many for all.
    """

    metrics: tuple[CellMetric, ...] = ()
    delays: dict[int, int] = {}
    calibration: tuple[CalibrationSums, ...] = ()
    young: tuple[YoungMetrics, ...] = ()
    one_in: int = 1

    def to_bytes(self) -> bytes:
        """Return it for the store."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, payload: bytes) -> QualityCell:
        """Read what `to_bytes` wrote."""
        return msgspec.msgpack.decode(payload, type=cls)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRows:
    """The rows that cells are measured from.

    Parameters
    ----------
    delays
        Seconds from each scorable prediction to its first label, shape (n,); NaN for a list of
        which nothing has come.
    """

    scorable: Scorable | ScorableLists
    delays: Floats
    choice: QualityChoice
    one_in: int

    def cell(self, chosen: Mask | None, *, is_whole_day: bool) -> QualityCell:
        """Measure some of the rows, or all."""
        delays = self.delays if chosen is None else self.delays[chosen]
        if not len(delays):
            return QualityCell(one_in=self.one_in)
        came = delays[np.isfinite(delays)]
        places, counts = np.unique(delay_bins(came), return_counts=True)
        return QualityCell(
            metrics=tuple(kept_metrics(self.scorable.measured(chosen, self.choice))),
            delays=dict(zip(places.tolist(), (counts * self.one_in).tolist(), strict=True)),
            calibration=self._calibration() if is_whole_day else (),
            young=self._young() if is_whole_day else (),
            one_in=self.one_in,
        )

    def _calibration(self) -> tuple[CalibrationSums, ...]:
        if isinstance(self.scorable, ScorableLists):
            return ()
        found = probabilities_of(self.scorable.rows())
        if found is None:
            return ()
        places = np.minimum((found.told * _BINS).astype(np.int64), _BINS - 1)
        counts = np.bincount(places, minlength=_BINS)
        scores = np.bincount(places, found.told, minlength=_BINS)
        positives = np.bincount(places, found.came_true, minlength=_BINS)
        return tuple(
            CalibrationSums(
                place=int(at),
                rows=int(counts[at]),
                scores=float(scores[at]),
                positives=float(positives[at]),
            )
            for at in np.flatnonzero(counts)
        )

    def _young(self) -> tuple[YoungMetrics, ...]:
        if isinstance(self.scorable, ScorableLists):
            return ()  # a list that nothing was taken from is known as well as one that was
        found: list[YoungMetrics] = []
        last = 0
        for place, age in enumerate(AGES):
            early = self.delays <= age
            rows = int(np.count_nonzero(early))
            if rows > _NEARLY_ALL * len(early):
                break
            if rows < _LEAST_YOUNG or rows < last + _STEP * len(early):
                continue
            last = rows
            values = {
                one.name: one.value
                for one in self.scorable.measured(early, self.choice)
                if one.value is not None
            }
            found.append(YoungMetrics(place=place, rows=rows, values=values))
        return tuple(found)


def kept_metrics(found: Iterable[Measured]) -> Iterable[CellMetric]:
    """Return metrics as a cell keeps them, those without a value left out."""
    return (
        CellMetric(name=one.name, value=one.value, low=one.low, high=one.high, rows=one.rows)
        for one in found
        if one.value is not None
    )
