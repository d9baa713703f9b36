"""A baseline set explicitly, before deployment, kept as a version in the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import pyarrow as pa

from watchkeeper.errors import DataError, NotEnoughDataError
from watchkeeper.events import Schema
from watchkeeper.pipeline.outlier_fitting import new_scorer
from watchkeeper.pipeline.preparation import Plan, Watched, prepare, profiles_of
from watchkeeper.pipeline.stored import TIME, check_model, in_tables, watched_columns
from watchkeeper.pipeline.watched_prices import WatchedPrices, prices_in_force, with_costs
from watchkeeper.profiles import Profiler
from watchkeeper.store import Store
from watchkeeper.watch import (
    BUSINESS_SHARE,
    OUTLIERS_SHARE,
    QUALITY_SHARE,
    Baseline,
    Bucketing,
    Budget,
    NotEnough,
    Settings,
    baseline_from_bytes,
    baseline_to_bytes,
    fit,
)


class WatchSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What a saved baseline needs to go on: how to cut and profile, and the baseline itself.

    Attributes
    ----------
    bucket, budget, timezone
        As the user wrote them.
    schema, segment_by, segments
        What is profiled.
    begins
        Start of bucket 0, the first one that is watched; for buckets of rows, the time after which
        rows are watched.
    lateness_seconds
        How long after its end a bucket of time stays open for late rows.
    ignored
        Columns that are not watched, with the reason.
    prices
        What predictions cost that do not say it, as long as this baseline is in use.
    false_alarm_buckets
        Mean number of buckets to a false alarm of all that is watched: columns, quality, outliers,
        business; ``None`` where columns have all of the budget.
    """

    model: str
    bucket: str
    budget: str
    timezone: str
    schema: Schema
    segment_by: str | None
    segments: tuple[str, ...]
    begins: datetime
    lateness_seconds: float
    baseline: bytes
    ignored: dict[str, str] = {}
    prices: WatchedPrices | None = None
    false_alarm_buckets: float | None = None

    def bucketing(self) -> Bucketing:
        """Return how rows are cut."""
        return Bucketing.parse(self.bucket)

    def fitted(self) -> Baseline:
        """Return the baseline."""
        return baseline_from_bytes(self.baseline)

    def profiler(self, baseline: Baseline) -> Profiler:
        """Return a profiler on the baseline's bins."""
        return Profiler(
            self.schema,
            baseline.bins,
            time_column=TIME,
            segment_by=self.segment_by,
            segments=self.segments,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBaseline:
    """A baseline that was set: its version, extent, and what it cannot say.

    Attributes
    ----------
    is_priced
        Whether ``cost_usd`` is watched by the prices in force now.
    """

    version: int
    buckets: int
    rows: int
    start: datetime | None
    end: datetime | None
    not_enough: tuple[NotEnough, ...]
    ignored: dict[str, str]
    is_priced: bool


def set_baseline(
    store: Store,
    model: str,
    plan: Plan,
    *,
    until: datetime,
    budget: str,
    note: str,
    actor: str,
    now: datetime,
    since: datetime | None = None,
    lateness: timedelta = timedelta(0),
) -> SetBaseline:
    """Learn a baseline from stored predictions before ``until`` and keep it as a new version.

    Watching then begins at the bucket that holds ``until``. An earlier version stays in the store
    with everything that was watched by it.

    Raises
    ------
    DataError
        If the model is unknown or has no rows before ``until``.
    NotEnoughDataError
        If there are too few buckets.
    """
    check_model(store, model)
    stored = store.predictions(model, start=since, end=until, with_labels=False)
    prices = prices_in_force(store, model, stored)
    rows = watched_columns(with_costs(stored, prices))
    if rows.num_rows == 0:
        raise DataError(f"model {model!r} has no predictions before {until.isoformat()}")
    rows = rows.select([n for n in rows.column_names if rows.column(n).null_count < rows.num_rows])
    plan = _with_time(plan)
    watched = prepare(plan, lambda: in_tables(rows))
    outliers = new_scorer(stored, watched.schema)
    elsewhere = 0.0 if outliers.payload is None else OUTLIERS_SHARE
    if any(one.outcomes for one in store.models() if one.model == model):
        elsewhere += QUALITY_SHARE
    if any(metric.watched for metric in store.operating.in_force(model).business):
        elsewhere += BUSINESS_SHARE
    baseline = _fitted(rows, plan, watched, budget, until, elsewhere=elsewhere)
    setup = WatchSetup(
        model=model,
        bucket=str(plan.bucketing),
        budget=budget,
        timezone=plan.timezone,
        schema=watched.schema,
        segment_by=plan.segment_by,
        segments=tuple(s.partition("=")[2] for s in watched.segments),
        begins=until,
        lateness_seconds=lateness.total_seconds(),
        baseline=baseline_to_bytes(baseline),
        ignored=dict(watched.ignored),
        prices=prices,
        false_alarm_buckets=baseline.settings.threshold * (1.0 - elsewhere),
    )
    version = store.watch_log.save_baseline(
        model,
        msgspec.msgpack.encode(setup),
        note=note,
        actor=actor,
        now=now,
        outliers=outliers,
    )
    return SetBaseline(
        version=version,
        buckets=baseline.buckets,
        rows=baseline.rows,
        start=baseline.start,
        end=baseline.end,
        not_enough=baseline.not_enough,
        ignored=dict(watched.ignored),
        is_priced=prices is not None and "cost_usd" in watched.names,
    )


def load_setup(store: Store, model: str, version: int | None = None) -> tuple[int, WatchSetup]:
    """Return a saved baseline's version and set-up, by default the newest.

    Raises
    ------
    DataError
        If the model has none; the message says how to set one.
    """
    saved = store.watch_log.baseline(model, version)
    if saved is None:
        check_model(store, model)
        which = "baseline" if version is None else f"baseline version {version}"
        message = (
            f"model {model!r} has no {which} yet; set one with: watchkeeper baseline"
            f" {store.folder} --model {model} --until TIME"
        )
        raise DataError(message)
    return saved.version, msgspec.msgpack.decode(saved.payload, type=WatchSetup)


def _with_time(plan: Plan) -> Plan:
    return Plan(
        bucketing=plan.bucketing,
        time_column=TIME,
        columns=plan.columns,
        ignore=(*plan.ignore, "sequence"),
        segment_by=plan.segment_by,
        season=plan.season,
        holidays=plan.holidays,
        timezone=plan.timezone,
        events=plan.events,
        schema=plan.schema,
        weights=plan.weights,
    )


def _fitted(
    rows: pa.Table,
    plan: Plan,
    watched: Watched,
    budget: str,
    until: datetime,
    *,
    elsewhere: float,
) -> Baseline:
    """Learn the columns' baseline, with what the budget has left for them."""
    profiles = list(profiles_of(in_tables(rows), watched, plan, ordered=True))
    timed = plan.bucketing.length is not None
    if timed and profiles and profiles[-1].end is not None and profiles[-1].end > until:
        # The bucket that the reference ends in belongs to what is watched.
        profiles.pop()
    typical = plan.bucketing.length
    if typical is None and len(profiles) > 1:
        first, last = profiles[0].start, profiles[-1].end
        if first is not None and last is not None:
            typical = (last - first) / len(profiles)
    if not profiles:
        raise NotEnoughDataError("the reference does not fill a single bucket; make it longer")
    accepted = Budget.parse(budget).in_buckets(plan.bucketing, typical=typical)
    settings = Settings(
        threshold=accepted / (1.0 - elsewhere),
        calendar=plan.calendar(None if typical is None else typical.total_seconds()),
        names=watched.names,
        segments=watched.segments,
        limits=watched.limits,
        volume=timed and plan.columns is None,
        weights=watched.weights(plan.weights),
        explanations=watched.explanations,
        timezone=plan.timezone,
    )
    return fit(profiles, watched.bins, settings)
