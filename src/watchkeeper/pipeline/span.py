"""The judged buckets of a span of time, as those who ask for it get them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import UsageError
from watchkeeper.pipeline.opened import OpenBaseline
from watchkeeper.pipeline.readings import from_bytes
from watchkeeper.store import ReadBucket, Store

Floats = NDArray[np.float64]

_USUAL = timedelta(days=7)
_FEWEST = 48


class Buckets(msgspec.Struct, frozen=True, kw_only=True):
    """Judged buckets in order, one entry each; times are ``None`` for rows without times.

    Attributes
    ----------
    rows, late_rows
        Rows that the bucket was judged with, and rows that came after.
    evidence
        At its end, as a multiple of what opens an incident.
    """

    numbers: list[int]
    starts: list[datetime | None]
    ends: list[datetime | None]
    rows: list[int]
    late_rows: list[int]
    evidence: list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Judged buckets, and their readings, shape (buckets, 5, units)."""

    buckets: Buckets
    readings: Floats


def read_span(
    store: Store,
    model: str,
    baseline: OpenBaseline | None,
    *,
    start: datetime | None,
    end: datetime | None,
) -> Span:
    """Return the judged buckets that begin at or after ``start`` and before ``end``.

    Without a start, the seven days before the end, and 48 buckets if these are longer; without an
    end, up to the last bucket.

    Raises
    ------
    UsageError
        If the span ends before it begins.
    """
    if start is not None and end is not None and end <= start:
        message = f"from is {start.isoformat()}, to is {end.isoformat()}: expected from before to"
        raise UsageError(message)
    if baseline is None:
        return _span([], 0)
    if start is None:
        start = _usual_start(store, model, baseline.version, end)
    found = store.kept_buckets.readings(model, baseline.version, start=start, end=end)
    return _span(found, len(baseline.readings.units))


def _usual_start(store: Store, model: str, version: int, end: datetime | None) -> datetime | None:
    newest = store.watch_log.newest_buckets(model, version, most=_FEWEST, before=end)
    if not newest or newest[0].start is None or newest[-1].end is None:
        return None
    last = datetime.fromisoformat(newest[-1].end)
    return min(datetime.fromisoformat(newest[0].start), last - _USUAL)


def _span(found: Sequence[ReadBucket], units: int) -> Span:
    buckets = Buckets(
        numbers=[one.number for one in found],
        starts=[_time(one.start) for one in found],
        ends=[_time(one.end) for one in found],
        rows=[one.rows for one in found],
        late_rows=[one.late_rows for one in found],
        evidence=[one.evidence for one in found],
    )
    return Span(buckets=buckets, readings=from_bytes([one.readings for one in found], units))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
