"""One backtest: a baseline learned from the reference, and the rest watched bucket by bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import msgspec
from msgspec import UNSET

from watchkeeper.errors import NotEnoughDataError
from watchkeeper.pipeline.backtesting.labels import Labels
from watchkeeper.pipeline.backtesting.outliers import OutlierTally
from watchkeeper.pipeline.backtesting.sources import Sources
from watchkeeper.pipeline.history import Recorder
from watchkeeper.pipeline.preparation import Plan, Watched, prepare, profiles_of
from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.profiles import BucketProfile
from watchkeeper.watch import (
    LEAST_BUCKETS,
    LOSS_SHARE,
    Baseline,
    Budget,
    Incident,
    NotEnough,
    Settings,
    current,
    fit,
    start,
    step,
)

OnBucket = Callable[[int, int | None], None]


class Run:
    """One backtest under way."""

    def __init__(
        self,
        plan: Plan,
        budget: Budget,
        sources: Sources,
        labels: Labels | None,
        on_bucket: OnBucket | None,
    ) -> None:
        self.plan, self.budget, self.sources, self.labels = plan, budget, sources, labels
        self.on_bucket = on_bucket
        self.typical = self._typical()
        self.threshold = budget.in_buckets(plan.bucketing, typical=self.typical)

    def result(self) -> BacktestResult:
        """Learn the baseline, watch the rest, and sum up."""
        watched = prepare(self.plan, self.sources.reference)
        result = self._watched(watched)
        return result if self.labels is None else self._with_labels(self.labels, result, watched)

    def _with_labels(
        self, labels: Labels, result: BacktestResult, watched: Watched
    ) -> BacktestResult:
        from watchkeeper.pipeline.backtesting.buckets import buckets_of
        from watchkeeper.pipeline.backtesting.estimating import input_names
        from watchkeeper.pipeline.backtesting.labelled_rows import LabelledRows, raw_segments
        from watchkeeper.pipeline.backtesting.performance import label_findings

        rows = LabelledRows(
            roles=labels.roles,
            plan=self.plan,
            segments=raw_segments(watched.segments, self.plan.segment_by),
            horizon=labels.settings.horizon,
            inputs=labels.settings.protected,
        )
        buckets = buckets_of(
            result.starts,
            self.plan,
            self.sources,
            threshold=self.threshold,
            of_reference=result.reference_buckets,
        )
        found = label_findings(
            self.sources,
            rows,
            buckets,
            asked=labels,
            inputs=input_names(watched, rows),
            told=result,
        )
        incidents = sorted(
            (*result.incidents, *found.incidents), key=lambda i: (i.opened_bucket, i.incident_id)
        )
        return msgspec.structs.replace(
            result, performance=found.performance, incidents=tuple(incidents)
        )

    def _watched(self, watched: Watched) -> BacktestResult:
        tally = OutlierTally(
            watched.schema,
            self.plan,
            reference_rows=self.sources.reference_survey.rows,
            rows=self.sources.data_survey.rows,
        )
        profiles = self._reference_profiles(watched, tally)
        seconds = None if self.typical is None else self.typical.total_seconds()
        settings = Settings(
            threshold=self._threshold_of_data(),
            calendar=self.plan.calendar(seconds),
            names=watched.names,
            segments=watched.segments,
            limits=watched.limits,
            volume=self.plan.bucketing.length is not None and self.plan.columns is None,
            weights=watched.weights(self.plan.weights),
            explanations=watched.explanations,
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
        return self._watch(baseline, watched, tally, empty)

    def _reference_profiles(self, watched: Watched, tally: OutlierTally) -> list[BucketProfile]:
        ordered = self.sources.reference_survey.ordered
        tables = tally.learning(self.sources.reference())
        profiles = list(profiles_of(tables, watched, self.plan, ordered=ordered))
        until = self.sources.until
        if until is not None and profiles and self.plan.bucketing.length is not None:
            # The bucket that the reference ends in belongs to what is watched.
            last = profiles[-1].end
            if last is not None and last > until:
                profiles.pop()
        return profiles

    def _watch(
        self, baseline: Baseline, watched: Watched, tally: OutlierTally, empty: BacktestResult
    ) -> BacktestResult:
        state = start(baseline, gap=self._gap(baseline))
        recorder = Recorder(baseline, watched.schema)
        told: dict[str, Incident] = {}
        evidence: list[float] = []
        starts: list[datetime | None] = []
        rows = 0
        for profile, last in _with_last(self._monitored(watched, tally)):
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
            outliers=tally.result(starts) or UNSET,
        )

    def _begins_inside(self, profile: BucketProfile) -> bool:
        """Whether a bucket lies after the reference from its very start."""
        until = self.sources.until
        return until is None or profile.start is None or profile.start >= until

    def _monitored(self, watched: Watched, tally: OutlierTally) -> Iterable[BucketProfile]:
        # Buckets count from the one that holds the end of the reference, also if it is empty.
        return profiles_of(
            tally.scoring(self.sources.monitored()),
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
            ignored=self._ignored(watched),
            starts=(),
            evidence=(),
            columns=(),
            time_zone=self.plan.timezone,
        )

    def _threshold_of_data(self) -> float:
        """Return the mean number of buckets to a false alarm of columns, a share left to losses."""
        if self.labels is None:
            return self.threshold
        return self.threshold / (1.0 - LOSS_SHARE)

    def _ignored(self, watched: Watched) -> dict[str, str]:
        later = () if self.labels is None else self.labels.left_out
        known = "it was not known when the model answered; metrics are made of it"
        return {**watched.ignored, **dict.fromkeys(later, known)}


def _with_last(profiles: Iterable[BucketProfile]) -> Iterator[tuple[BucketProfile, bool]]:
    """Yield profiles with whether each is the last: data often ends in the middle of a bucket."""
    waiting: BucketProfile | None = None
    for profile in profiles:
        if waiting is not None:
            yield waiting, False
        waiting = profile
    if waiting is not None:
        yield waiting, True
