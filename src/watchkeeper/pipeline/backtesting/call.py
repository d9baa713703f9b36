"""The one function that people call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from watchkeeper.events import QualitySettings, Schema
from watchkeeper.pipeline.backtesting.asked import check, check_quality
from watchkeeper.pipeline.backtesting.labels import labels_of
from watchkeeper.pipeline.backtesting.roles import label_roles
from watchkeeper.pipeline.backtesting.run import OnBucket, Run
from watchkeeper.pipeline.backtesting.sources import Sources
from watchkeeper.pipeline.clock import aware_time
from watchkeeper.pipeline.files import OnProgress
from watchkeeper.pipeline.preparation import Plan
from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.watch import Bucketing, Budget, NamedEvent


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
    output: str | None = None,
    label: str | None = None,
    label_time: str | None = None,
    entity: str | None = None,
    quality: QualitySettings | None = None,
    estimates: bool = True,
    explain: bool = True,
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
    label
        Column of the truth: with it predictions are measured, and the result has a
        ``performance``. It is not watched itself, since it was not known at the time.
    output
        Column of what the model said; by default ``output``, or ``output:<class>`` for each class.
    label_time
        Column of when the label became known; by default with the prediction.
    entity
        Column of whom a prediction is about, whose rows are not independent.
    quality
        By what predictions are measured; by default by the usual metrics of what outputs and labels
        are.
    estimates
        Whether to estimate performance without labels as well, and to hold that against what the
        labels say: of up to 40 buckets, which takes some tenth of a second each.
    explain
        Whether to say why incidents happened, with a label: of up to five, in some seconds each.
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
    check(plan, season, reference_until, reference)
    if quality is not None:
        check_quality(quality)
    now = datetime.now(tz=UTC)
    until = aware_time(reference_until, plan.timezone, name="reference-until")
    sources = Sources.open(data, reference, until, plan, now, on_read)
    roles = label_roles(
        sources.names,
        data=sources.data.name,
        label=label,
        output=output,
        label_time=label_time,
        entity=entity,
    )
    labels = (
        None
        if roles is None
        else labels_of(
            roles, quality or QualitySettings(), plan, estimates=estimates, explain=explain
        )
    )
    if labels is not None:
        plan = replace(plan, ignore=(*plan.ignore, *labels.left_out))
    accepted = budget or ("1 per 30d" if time else "1 per 720 buckets")
    return Run(plan, Budget.parse(accepted), sources, labels, on_bucket).result()
