"""The watched buckets of a backtest, and how many false alarms are accepted over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.pipeline.backtesting.sources import Sources
from watchkeeper.pipeline.clock import check_timezone
from watchkeeper.pipeline.preparation import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """Watched buckets, one entry each; times are ``None`` where rows have none.

    Attributes
    ----------
    threshold
        Mean number of buckets between two false alarms.
    of_reference
        How many buckets of the reference have rows.
    """

    starts: Sequence[datetime | None]
    ends: Sequence[datetime | None]
    threshold: float
    of_reference: int


def buckets_of(
    starts: Sequence[datetime | None],
    plan: Plan,
    sources: Sources,
    *,
    threshold: float,
    of_reference: int,
) -> Buckets:
    """Return the buckets that begin at some moments, each until the next one."""
    last: datetime | None = None
    if starts and starts[-1] is not None:
        if plan.bucketing.length is not None:
            last = plan.bucketing.next_start(starts[-1], zone=check_timezone(plan.timezone))
        elif sources.data_survey.last is not None:
            last = sources.data_survey.last + timedelta(microseconds=1)
    return Buckets(
        starts=starts, ends=[*starts[1:], last], threshold=threshold, of_reference=of_reference
    )
