"""A cycle is learned only from a reference that holds it often enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from watchkeeper.watch import Calendar, NamedEvent
from watchkeeper.watch.cycles import cycle_folds, design, middle

FIRST = datetime(2023, 1, 2, tzinfo=UTC)
HOUR, DAY = 3600.0, 86400.0


def cycles(days: float, bucket_seconds: float) -> tuple[set[str], set[str]]:
    calendar = Calendar(bucket_seconds=bucket_seconds)
    chosen, missing = design(calendar, FIRST, FIRST + timedelta(days=days))
    return {b.cycle for b in chosen.blocks}, {m.subject for m in missing}


@pytest.mark.parametrize(
    ("days", "bucket_seconds", "there", "missing"),
    [
        (1, HOUR, set(), {"daily cycle", "weekly cycle", "yearly cycle"}),
        (3, HOUR, {"hour of day"}, {"weekly cycle", "yearly cycle"}),
        (14, HOUR, {"hour of day", "day of week"}, {"yearly cycle"}),
        (21, HOUR, {"hour of day", "day of week", "hour of week"}, {"yearly cycle"}),
        (14, DAY, {"day of week"}, {"yearly cycle"}),
        (13, DAY, set(), {"weekly cycle", "yearly cycle"}),
        (60, 7 * DAY, set(), {"yearly cycle"}),
        (365, 7 * DAY, {"time of year", "time of year, finer"}, set()),
    ],
)
def test_which_cycles_a_span_can_teach(
    days: float, bucket_seconds: float, there: set[str], missing: set[str]
) -> None:
    found, short = cycles(days, bucket_seconds)
    assert there <= found
    assert short == missing


def test_the_clock_is_the_local_one() -> None:
    calendar = Calendar(timezone="America/New_York", bucket_seconds=HOUR)
    chosen, _ = design(calendar, FIRST, FIRST + timedelta(days=20))
    # Eight in the morning in New York, before and after the clocks change.
    times = [datetime(2023, 3, 10, 13, tzinfo=UTC), datetime(2023, 3, 17, 12, tzinfo=UTC)]
    winter, summer = chosen.rows(times)
    assert np.array_equal(winter, summer)


def test_holidays_and_the_days_beside_them_are_known() -> None:
    calendar = Calendar(country="US", bucket_seconds=DAY)
    chosen, _ = design(calendar, FIRST, FIRST + timedelta(days=30))
    days = [datetime(2023, 7, d, 12, tzinfo=UTC) for d in (2, 3, 4, 5, 6)]
    [block] = [b for b in chosen.blocks if b.cycle == "holidays"]
    table = chosen.rows(days)[:, block.first : block.last]
    assert table.tolist() == [[0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_a_named_event_holds_its_start_and_not_its_end() -> None:
    sale = NamedEvent(name="sale", start=FIRST, end=FIRST + timedelta(days=2))
    calendar = Calendar(events=(sale,), bucket_seconds=DAY)
    chosen, _ = design(calendar, FIRST, FIRST + timedelta(days=10))
    [block] = [b for b in chosen.blocks if b.cycle == "named events"]
    rows = chosen.rows([FIRST + timedelta(days=d) for d in (-1, 0, 1, 2)])
    assert rows[:, block.first].tolist() == [0, 1, 1, 0]


def test_folds_are_whole_weeks_or_days() -> None:
    hours = [FIRST + timedelta(hours=h) for h in range(24 * 7 * 6)]
    folds = cycle_folds(hours, "UTC")
    assert (np.diff(folds) >= 0).all()
    for fold in np.unique(folds):
        assert (folds == fold).sum() % (24 * 7) == 0
    days = cycle_folds(hours[: 24 * 5], "UTC")
    assert [(days == f).sum() for f in np.unique(days)] == [24] * 5


def test_the_middle_is_half_way() -> None:
    assert middle(FIRST, FIRST + timedelta(hours=3)) == FIRST + timedelta(minutes=90)
