"""Days on which fewer labels come by an age than used to are told, and others are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.metrics import AGES
from watchkeeper.watch import CoverageFall, CoverageReference, LabelledDay, coverage_falls

DAY = 86_400
REFERENCE_DAYS = 14
BUDGET_DAYS = 600.0


def labelled_days(
    seed: int,
    count: int,
    *,
    first: int = 0,
    coverage: float = 0.95,
    swing: float = 0.5,
    memory: float = 0.0,
    rows: int = 300,
    fall: tuple[int, int, float] = (0, 0, 1.0),
) -> list[LabelledDay]:
    """Days whose labels come after a day in the mean, and whose coverage swings from day to day.

    In the days from ``fall[0]`` to before ``fall[1]`` only a part of the labels comes.
    """
    random = np.random.default_rng([seed, first])
    mood = random.normal()
    found: list[LabelledDay] = []
    for number in range(count):
        mood = memory * mood + np.sqrt(1 - memory**2) * random.normal()
        odds = coverage / (1 - coverage) * np.exp(swing * mood)
        part = fall[2] if fall[0] <= number < fall[1] else 1.0
        has_label = random.random(rows) < part * odds / (1 + odds)
        delays = random.exponential(DAY, size=rows)
        labelled = tuple(int((has_label & (delays <= age)).sum()) for age in AGES)
        found.append(LabelledDay(start=(first + number) * DAY, rows=rows, labelled=labelled))
    return found


def falls(
    seed: int,
    count: int,
    *,
    reference_days: int = REFERENCE_DAYS,
    fall: tuple[int, int, float] = (0, 0, 1.0),
    **more: float,
) -> list[CoverageFall]:
    reference = labelled_days(seed, reference_days, **more)  # type: ignore[arg-type]
    usual = CoverageReference(reference)
    days = labelled_days(seed, count, first=reference_days, fall=fall, **more)  # type: ignore[arg-type]
    now = (reference_days + count) * DAY
    return coverage_falls(usual, days, mean_days=BUDGET_DAYS, now=now)


def test_labels_that_stop_are_told_within_days_and_again_when_they_are_back() -> None:
    [fall] = falls(1, 60, fall=(20, 30, 0.0))
    stopped = (REFERENCE_DAYS + 20) * DAY
    assert fall.since == stopped
    assert fall.opened_at <= stopped + 5 * DAY
    assert fall.closed_at is not None
    assert fall.closed_at <= stopped + 10 * DAY + fall.usual.place * DAY
    assert fall.ratio < fall.usual.ratio / 2


def test_a_fall_from_95_to_40_percent_is_told_with_both() -> None:
    [fall] = falls(2, 40, fall=(20, 40, 0.42), swing=0.2)
    assert fall.closed_at is None
    assert fall.ratio / fall.usual.ratio == pytest.approx(0.42, abs=0.08)


def test_what_is_too_young_says_nothing() -> None:
    reference = labelled_days(3, REFERENCE_DAYS)
    usual = CoverageReference(reference)
    unlabelled = LabelledDay(start=REFERENCE_DAYS * DAY, rows=300, labelled=(0,) * len(AGES))
    youngest = min(unlabelled.known_at(place) for place in usual.at(unlabelled.start + DAY))
    now = youngest - 1
    assert coverage_falls(usual, [unlabelled], mean_days=1.0, now=now) == []
    assert coverage_falls(usual, [unlabelled], mean_days=1.0, now=youngest) != []


def test_a_short_reference_or_one_without_labels_is_held_against_nothing() -> None:
    assert CoverageReference(labelled_days(4, 6)).at(10_000 * DAY) == {}
    without = CoverageReference(labelled_days(4, 10, coverage=1e-9))
    assert without.at(10_000 * DAY) == {}


def test_a_better_coverage_is_no_fall() -> None:
    reference = CoverageReference(labelled_days(5, REFERENCE_DAYS, coverage=0.5))
    better = labelled_days(5, 100, first=REFERENCE_DAYS, coverage=0.9)
    assert coverage_falls(reference, better, mean_days=BUDGET_DAYS, now=10_000 * DAY) == []


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), until=st.integers(1, 60))
def test_what_was_told_is_told_again_when_more_days_are_known(seed: int, until: int) -> None:
    usual = CoverageReference(labelled_days(seed, REFERENCE_DAYS))
    days = labelled_days(seed, 60, first=REFERENCE_DAYS, fall=(20, 30, 0.1))
    now = (REFERENCE_DAYS + until) * DAY
    early = coverage_falls(usual, days, mean_days=BUDGET_DAYS, now=now)
    late = coverage_falls(usual, days, mean_days=BUDGET_DAYS, now=10_000 * DAY)
    assert [fall.opened_at for fall in early] == [
        fall.opened_at for fall in late if fall.opened_at <= now
    ]
    over = [fall for fall in late if fall.closed_at is not None and fall.closed_at <= now]
    assert [fall for fall in early if fall.closed_at is not None] == over


@pytest.mark.slow
@pytest.mark.parametrize("reference_days", [7, 14, 28])
@pytest.mark.parametrize(
    "kind",
    [{"swing": 0.0}, {"swing": 0.5}, {"swing": 0.5, "memory": 0.5}, {"coverage": 0.05}],
    ids=["chance", "swings", "swings that last", "few labels"],
)
def test_days_that_swing_by_chance_are_told_less_often_than_the_budget_allows(
    kind: dict[str, float], reference_days: int
) -> None:
    told = sum(len(falls(seed, 200, reference_days=reference_days, **kind)) for seed in range(30))
    assert told <= 30 * 200 / BUDGET_DAYS
