"""How many alerts would last year have given me? A stored period, watched as if it were live."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
import pyarrow as pa

from watchkeeper.errors import DataError, NotEnoughDataError, SettingsError, nearest
from watchkeeper.events import Schema
from watchkeeper.pipeline.clock import aware_time
from watchkeeper.pipeline.cutting import microseconds, to_microseconds
from watchkeeper.pipeline.files import OnProgress, TableSource, open_table
from watchkeeper.pipeline.history import Recorder
from watchkeeper.pipeline.preparation import Plan, Watched, prepare, profiles_of
from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.pipeline.survey import Survey, survey, timed_batches
from watchkeeper.profiles import BucketProfile
from watchkeeper.watch import (
    LEAST_BUCKETS,
    Baseline,
    Bucketing,
    Budget,
    Incident,
    NamedEvent,
    NotEnough,
    Settings,
    current,
    fit,
    start,
    step,
)

OnBucket = Callable[[int, int | None], None]


def backtest(
    data: object,
    *,
    time: str | None = None,
    reference_until: datetime | str | None = None,
    reference: object | None = None,
    bucket: str | None = None,
    budget: str | None = None,
    columns: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    segment_by: str | None = None,
    season: Literal["auto", "none"] = "auto",
    holidays: str | None = None,
    timezone: str | None = None,
    events: Sequence[NamedEvent] = (),
    schema: Schema | None = None,
    weights: Mapping[str, float] | None = None,
    on_read: OnProgress | None = None,
    on_bucket: OnBucket | None = None,
) -> BacktestResult:
    """Watch stored data as if it came in live, and return what would have been told.

    Parameters
    ----------
    data
        Path, pattern, folder, list of these, or a data frame (pandas, Polars, PyArrow, DuckDB).
    time
        Column of event times; needed unless buckets are of rows.
    reference_until
        Rows before this time are the reference (and not watched).
    reference
        Or: a source of its own that is the reference.
    bucket
        ``5m``, ``1h``, ``1d`` or ``1000rows``; by default a day, or 1,000 rows without times.
    budget
        Accepted false alarms over all columns together, by default ``1 per 30d``, or ``1 per 720
        buckets`` where rows carry no time.
    columns, ignore
        Columns to watch (default: all that make sense) and to leave out.
    segment_by
        Column whose most frequent values, up to 20, are watched each by itself too.
    season
        ``auto`` finds daily, weekly and yearly cycles in the reference; ``none`` expects none.
    holidays
        Country of the ``holidays`` library, such as ``US`` or ``US-NY``.
    timezone
        Zone of the local clock, and of times that name none; default UTC.
    on_bucket
        Called after each monitored bucket with its number and, if known, their total.

    Raises
    ------
    UsageError
        If a setting or the data cannot be used; the message says why.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> values = np.random.default_rng(0).normal(size=40_000)
    >>> values[35_000:] += 1
    >>> result = backtest(
    ...     pa.table({"x": values[20_000:]}),
    ...     reference=pa.table({"x": values[:20_000]}),
    ...     bucket="1000rows",
    ...     budget="1 per 720 buckets",
    ... )
    >>> [(i.since_bucket, i.streams[0].column) for i in result.incidents]
    [(15, 'x')]
    """
    bucketing = Bucketing.parse(bucket or ("1d" if time else "1000rows"))
    plan = Plan(
        bucketing=bucketing,
        time_column=time,
        columns=None if columns is None else tuple(columns),
        ignore=tuple(ignore),
        segment_by=segment_by,
        season=season == "auto",
        holidays=holidays,
        timezone=timezone or "UTC",
        events=tuple(events),
        schema=schema,
        weights=dict(weights or {}),
    )
    _check(plan, season, reference_until, reference)
    now = datetime.now(tz=UTC)
    until = aware_time(reference_until, plan.timezone, name="reference-until")
    sources = _Sources.open(data, reference, until, plan, now, on_read)
    accepted = budget or ("1 per 30d" if time else "1 per 720 buckets")
    return _Run(plan, Budget.parse(accepted), sources, on_bucket).result()


def _check(plan: Plan, season: str, reference_until: object, reference: object) -> None:
    if season not in {"auto", "none"}:
        raise SettingsError(f"season is {season!r}.{nearest(season, ['auto', 'none'])}")
    if (reference_until is None) == (reference is None):
        message = (
            "a backtest needs to know what normal looks like: give reference-until (a time in the"
            " data) or reference (a file of its own), one of the two"
        )
        raise SettingsError(message)
    if plan.time_column is None and plan.bucketing.rows is None:
        raise SettingsError(
            f"buckets of {plan.bucketing} need the time column; name it, or use buckets of rows"
            " such as 1000rows"
        )
    if plan.time_column is None and reference_until is not None:
        raise SettingsError("reference-until is a time, so name the time column too")
    if plan.holidays is not None:
        _check_holidays(plan.holidays)


def _check_holidays(country: str) -> None:
    import holidays as calendars

    name, _, part = country.partition("-")
    known = calendars.list_supported_countries()
    if name not in known:
        raise SettingsError(f"holidays of {country!r} are not known.{nearest(name, known)}")
    if part and part not in known[name]:
        raise SettingsError(f"holidays of {country!r} are not known.{nearest(part, known[name])}")


class _Sources:
    """The reference's rows and the monitored rows, wherever they lie."""

    def __init__(
        self,
        data: TableSource,
        reference: TableSource | None,
        until: datetime | None,
        plan: Plan,
        now: datetime,
        on_read: OnProgress | None,
    ) -> None:
        self.data, self._reference, self.until = data, reference, until
        self._plan, self._now = plan, now
        self.data_survey = survey(data, plan.time_column, now=now, on_progress=on_read)
        self.reference_survey = self.data_survey
        if reference is not None:
            self.reference_survey = survey(reference, plan.time_column, now=now)
        elif until is not None:
            self._check_until(until, self.data_survey)

    @classmethod
    def open(
        cls,
        data: object,
        reference: object | None,
        until: datetime | None,
        plan: Plan,
        now: datetime,
        on_read: OnProgress | None,
    ) -> _Sources:
        time, zone = plan.time_column, plan.timezone
        if reference is None:
            source = open_table(data, time_column=time, timezone=zone, bad_cells="misfit")
            return cls(source, None, until, plan, now, on_read)
        known = open_table(reference, time_column=time, timezone=zone, bad_cells="misfit")
        types = {f.name: f.type for f in known.schema if f.name != time}
        source = open_table(data, time_column=time, timezone=zone, bad_cells="misfit")
        shared = {n: t for n, t in types.items() if n in source.schema.names}
        source = open_table(data, time_column=time, timezone=zone, types=shared, bad_cells="misfit")
        return cls(source, known, None, plan, now, on_read)

    def reference(self) -> Iterator[pa.Table]:
        """Yield the reference's tables."""
        if self._reference is not None:
            yield from timed_batches(self._reference, self._plan.time_column, now=self._now)
            return
        for table in timed_batches(self.data, self._plan.time_column, now=self._now):
            part = self._split(table, before=True)
            if part.num_rows:
                yield part
            elif self.data_survey.ordered:
                return

    def monitored(self) -> Iterator[pa.Table]:
        """Yield the tables after the reference."""
        for table in timed_batches(self.data, self._plan.time_column, now=self._now):
            yield table if self._reference is not None else self._split(table, before=False)

    def _split(self, table: pa.Table, *, before: bool) -> pa.Table:
        assert self._plan.time_column is not None and self.until is not None
        times = microseconds(table, self._plan.time_column)
        wanted = (times < to_microseconds(self.until)) == before
        return table if wanted.all() else table.filter(pa.array(wanted))

    def _check_until(self, until: datetime, extent: Survey) -> None:
        assert extent.first is not None and extent.last is not None
        if not extent.first < until <= extent.last:
            message = (
                f"reference-until is {until:%Y-%m-%dT%H:%MZ}, but the data goes from"
                f" {extent.first:%Y-%m-%dT%H:%MZ} to {extent.last:%Y-%m-%dT%H:%MZ}; expected a"
                " time within, with enough data before it to learn from"
            )
            raise DataError(message)


class _Run:
    """One backtest under way."""

    def __init__(
        self, plan: Plan, budget: Budget, sources: _Sources, on_bucket: OnBucket | None
    ) -> None:
        self.plan, self.budget, self.sources = plan, budget, sources
        self.on_bucket = on_bucket
        self.typical = self._typical()
        self.threshold = budget.in_buckets(plan.bucketing, typical=self.typical)

    def result(self) -> BacktestResult:
        """Learn the baseline, watch the rest, and sum up."""
        watched = prepare(self.plan, self.sources.reference)
        profiles = self._reference_profiles(watched)
        seconds = None if self.typical is None else self.typical.total_seconds()
        settings = Settings(
            threshold=self.threshold,
            calendar=self.plan.calendar(seconds),
            names=watched.names,
            segments=watched.segments,
            limits=watched.limits,
            volume=self.plan.bucketing.length is not None and self.plan.columns is None,
            weights=self.plan.weights,
            timezone=self.plan.timezone,
        )
        empty = self._empty(watched, profiles)
        try:
            baseline = fit(profiles, watched.bins, settings)
        except NotEnoughDataError:
            filled = sum(p.rows > 0 for p in profiles)
            short = NotEnough(
                subject="the reference",
                have=f"{filled} buckets with rows" if filled != 1 else "1 bucket with rows",
                need=f"at least {LEAST_BUCKETS}, to know how much buckets differ by themselves; "
                "take a longer reference or smaller buckets",
            )
            return msgspec.structs.replace(empty, conclusive=False, not_enough_data=(short,))
        return self._watch(baseline, watched, empty)

    def _reference_profiles(self, watched: Watched) -> list[BucketProfile]:
        ordered = self.sources.reference_survey.ordered
        profiles = list(profiles_of(self.sources.reference(), watched, self.plan, ordered=ordered))
        until = self.sources.until
        if until is not None and profiles and self.plan.bucketing.length is not None:
            # The bucket that the reference ends in belongs to what is watched.
            last = profiles[-1].end
            if last is not None and last > until:
                profiles.pop()
        return profiles

    def _watch(self, baseline: Baseline, watched: Watched, empty: BacktestResult) -> BacktestResult:
        state = start(baseline, gap=self._gap(baseline))
        recorder = Recorder(baseline, watched.schema)
        told: dict[str, Incident] = {}
        evidence: list[float] = []
        starts: list[datetime | None] = []
        rows = 0
        for profile, last in _with_last(self._monitored(watched)):
            complete = not last and self._begins_inside(profile)
            result = step(baseline, state, profile, complete=complete)
            state = result.state
            told.update((i.incident_id, i) for i in result.changed)
            evidence.append(float(f"{state.ratio:.6g}"))
            starts.append(profile.start)
            rows += profile.rows
            recorder.add(result)
            if self.on_bucket is not None:
                self.on_bucket(len(evidence), self._expected_buckets())
        told.update((i.incident_id, i) for i in current(baseline, state))
        incidents = tuple(sorted(told.values(), key=lambda i: (i.opened_bucket, i.incident_id)))
        return msgspec.structs.replace(
            empty,
            rows=rows,
            buckets=len(evidence),
            incidents=incidents,
            not_enough_data=baseline.not_enough,
            starts=tuple(starts),
            evidence=tuple(evidence),
            columns=recorder.columns(incidents),
        )

    def _begins_inside(self, profile: BucketProfile) -> bool:
        """Whether a bucket lies after the reference from its very start."""
        until = self.sources.until
        return until is None or profile.start is None or profile.start >= until

    def _monitored(self, watched: Watched) -> Iterable[BucketProfile]:
        # Buckets count from the one that holds the end of the reference, also if it is empty.
        return profiles_of(
            self.sources.monitored(),
            watched,
            self.plan,
            ordered=self.sources.data_survey.ordered,
            first=self.sources.until,
        )

    def _gap(self, baseline: Baseline) -> int:
        """Buckets between the end of the reference and the first monitored one."""
        first, length = self.sources.data_survey.first, self.plan.bucketing.length
        if self.sources.until is not None or first is None or baseline.end is None:
            return 0
        if length is None:
            return 0
        return max(0, int((first - baseline.end) / length))

    def _typical(self) -> timedelta | None:
        """Usual length of a bucket in time."""
        if self.plan.bucketing.length is not None:
            return self.plan.bucketing.length
        extent = self.sources.reference_survey
        if extent.first is None or extent.last is None or extent.rows < 2:
            return None
        assert self.plan.bucketing.rows is not None
        return (extent.last - extent.first) * (self.plan.bucketing.rows / extent.rows)

    def _expected_buckets(self) -> int | None:
        extent, bucketing = self.sources.data_survey, self.plan.bucketing
        if bucketing.rows is not None:
            return extent.rows // bucketing.rows if self.sources.until is None else None
        first = self.sources.until or extent.first
        if first is None or extent.last is None or bucketing.length is None:
            return None
        return max(1, int((extent.last - first) / bucketing.length) + 1)

    def _empty(self, watched: Watched, profiles: list[BucketProfile]) -> BacktestResult:
        return BacktestResult(
            data=self.sources.data.name,
            rows=0,
            reference_rows=sum(p.rows for p in profiles),
            reference_buckets=sum(p.rows > 0 for p in profiles),
            reference_start=profiles[0].start if profiles else None,
            reference_end=profiles[-1].end if profiles else None,
            buckets=0,
            bucket=str(self.plan.bucketing),
            budget=str(self.budget),
            false_alarm_budget_buckets=self.threshold,
            incidents=(),
            not_enough_data=(),
            ignored=dict(watched.ignored),
            starts=(),
            evidence=(),
            columns=(),
            time_zone=self.plan.timezone,
        )


def _with_last(profiles: Iterable[BucketProfile]) -> Iterator[tuple[BucketProfile, bool]]:
    """Yield profiles with whether each is the last: data often ends in the middle of a bucket."""
    waiting: BucketProfile | None = None
    for profile in profiles:
        if waiting is not None:
            yield waiting, False
        waiting = profile
    if waiting is not None:
        yield waiting, True
