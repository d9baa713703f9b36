"""How a stream of rows is cut into buckets: by time or by number of rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from watchkeeper.errors import SettingsError
from watchkeeper.events import parse_duration

_ROWS = re.compile(r"\s*(?P<n>\d[\d_,]*)\s*rows?\s*", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucketing:
    """Buckets of a fixed length of time or of a fixed number of rows; exactly one is set.

    A bucket of time holds the rows with ``start <= time < start + length``. Lengths below a day
    are aligned to the epoch in UTC, whole days to local midnight (so that a local day may last 23
    or 25 hours where clocks change), weeks to Monday.
    """

    length: timedelta | None = None
    rows: int | None = None

    @classmethod
    def parse(cls, text: str) -> Bucketing:
        """Read ``5m``, ``1h``, ``1d`` or ``1000rows``.

        Raises
        ------
        SettingsError
            If the text has another form.

        Examples
        --------
        >>> Bucketing.parse("1000rows").rows
        1000
        >>> str(Bucketing.parse("24h"))
        '1d'
        """
        counted = _ROWS.fullmatch(text)
        if counted is not None:
            rows = int(re.sub("[_,]", "", counted["n"]))
            if rows > 0:
                return cls(rows=rows)
        else:
            try:
                length = parse_duration(text)
            except SettingsError:
                length = timedelta(0)
            if length >= timedelta(seconds=1) and (
                length < timedelta(days=1) or length % timedelta(days=1) == timedelta(0)
            ):
                return cls(length=length)
        raise SettingsError(
            f"bucket {text!r} is not understood; write a length of time (5m, 1h, 1d: at least 1s,"
            " and whole days from one day on) or a number of rows (1000rows)"
        )

    def start_of(self, time: datetime, *, zone: tzinfo = UTC) -> datetime:
        """Return the start (UTC) of the bucket of time that holds ``time``.

        Examples
        --------
        >>> Bucketing.parse("1h").start_of(datetime(2024, 1, 1, 5, 30, tzinfo=UTC)).hour
        5
        """
        assert self.length is not None
        if self.length < timedelta(days=1):
            return _EPOCH + (time - _EPOCH) // self.length * self.length
        days = self.length // timedelta(days=1)
        # Day 4 of the epoch was a Monday: weeks start there.
        shift = 4 if days % 7 == 0 else 0
        day = time.astimezone(zone).date().toordinal() - _EPOCH.date().toordinal()
        first = (day - shift) // days * days + shift
        return self._midnight(first, zone)

    def next_start(self, start: datetime, *, zone: tzinfo = UTC) -> datetime:
        """Return the start (UTC) of the bucket after the one that starts at ``start``."""
        assert self.length is not None
        if self.length < timedelta(days=1):
            return start + self.length
        day = start.astimezone(zone).date().toordinal() - _EPOCH.date().toordinal()
        return self._midnight(day + self.length // timedelta(days=1), zone)

    @staticmethod
    def _midnight(day: int, zone: tzinfo) -> datetime:
        date = datetime.fromordinal(day + _EPOCH.date().toordinal())
        return date.replace(tzinfo=zone).astimezone(UTC)

    def __str__(self) -> str:
        if self.rows is not None:
            return f"{self.rows}rows"
        assert self.length is not None
        seconds = self.length.total_seconds()
        for unit, size in (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60)):
            if seconds % size == 0:
                return f"{seconds / size:g}{unit}"
        return f"{seconds:g}s"
