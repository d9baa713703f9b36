"""Moments and spans as a person reads them, the same in every rendering."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchkeeper.errors import SettingsError
from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report.wording import NOTHING, count
from watchkeeper.watch import Bucketing


class Calendar:
    """Names the buckets of one result: by date, by time, or by their number."""

    def __init__(self, result: BacktestResult) -> None:
        try:
            self._zone = ZoneInfo(result.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = ZoneInfo("UTC")
        self._starts = result.starts
        self._bucketing = _bucketing(result.bucket)
        length = self._bucketing.length if self._bucketing else None
        self._whole_days = length is not None and length >= timedelta(days=1)
        shown = {start.astimezone(self._zone).year for start in result.starts if start}
        self._several_years = len(shown) > 1

    @property
    def zone(self) -> str:
        """Name of the zone that times are shown in."""
        return self._zone.key

    def start(self, bucket: int) -> datetime | None:
        """Start of a bucket in the shown zone, or ``None`` when buckets are counted in rows."""
        if not 0 <= bucket < len(self._starts):
            return None
        moment = self._starts[bucket]
        return None if moment is None else moment.astimezone(self._zone)

    def bucket(self, bucket: int | None, *, year: bool = True) -> str:
        """Name a bucket, ``8 Feb 2013``, ``8 Feb 2013 14:00`` or ``bucket 17``."""
        if bucket is None:
            return NOTHING
        start = self.start(bucket)
        if start is None:
            return f"bucket {bucket:,}"
        return self.moment(start, year=year)

    def moment(self, moment: datetime | None, *, year: bool = True) -> str:
        """Name a moment, to the day when buckets are whole days."""
        if moment is None:
            return NOTHING
        local = moment.astimezone(self._zone)
        day = f"{local.day} {local:%b}" + (f" {local.year}" if year or self._several_years else "")
        return day if self._whole_days else f"{day} {local:%H:%M}"

    def span(self, buckets: int) -> str:
        """Say how long a number of buckets is.

        Whole days and hours are said as such; anything else as so many buckets.
        """
        length = self._bucketing.length if self._bucketing else None
        if length == timedelta(days=1):
            return count(buckets, "day")
        if length == timedelta(hours=1):
            return count(buckets, "hour") if buckets < 72 else f"{buckets / 24:,.0f} days"
        if length is not None:
            return f"{count(buckets, 'bucket')} of {self._bucketing}"
        if self._bucketing and self._bucketing.rows:
            return f"{count(buckets, 'bucket')} of {count(self._bucketing.rows, 'row')}"
        return count(buckets, "bucket")


def _bucketing(text: str) -> Bucketing | None:
    try:
        return Bucketing.parse(text)
    except SettingsError:
        return None
