from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.report.charts import Band, Window, evidence_chart, groups, history_chart, union
from watchkeeper.report.charts.lanes import pack
from watchkeeper.report.charts.thinning import extremes, means
from watchkeeper.report.charts.ticks import bucket_ticks, power_ticks, value_ticks

START = datetime(2024, 1, 1, tzinfo=UTC)
values = st.lists(st.none() | st.floats(-1e9, 1e9), max_size=300)


@given(size=st.integers(0, 500), most=st.integers(1, 60))
def test_groups_cover_everything_once(size: int, most: int) -> None:
    cut = groups(size, most)
    assert [i for run in cut for i in run] == list(range(size))
    assert len(cut) <= most


@given(values, st.integers(1, 40))
def test_thinning_keeps_the_extremes_in_order(series: list[float | None], most: int) -> None:
    kept = extremes(series, most)
    present = [value for value in series if value is not None]
    shown = [value for _, value in kept if value is not None]
    assert [at for at, _ in kept] == sorted(at for at, _ in kept)
    assert len(kept) <= 2 * most
    if present:
        assert (min(shown), max(shown)) == (min(present), max(present))


def test_means_sit_in_the_middle_of_their_run() -> None:
    assert means([1.0, 3.0, 5.0, 7.0, None, None], 1) == [(2.5, 4.0)]


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12))
def test_value_ticks_are_inside_and_few(low: float, span: float) -> None:
    ticks = value_ticks(low, low + span)
    slack = 1e-6 * max(abs(low), span)
    assert all(low - slack <= tick.at <= low + span + slack for tick in ticks)
    assert len(ticks) <= 13


def test_power_ticks_are_at_most_five() -> None:
    assert [tick.text for tick in power_ticks(0.001, 20)] == ["0.001", "0.01", "0.1", "1", "10"]
    assert len(power_ticks(1e-3, 1e12)) <= 6


def test_a_year_of_days_is_labelled_by_months() -> None:
    ticks = bucket_ticks([START + timedelta(days=i) for i in range(366)])
    assert [tick.text for tick in ticks][:3] == ["Feb", "Mar", "Apr"]
    assert ticks[1].minor


def test_a_day_of_hours_is_labelled_by_hours() -> None:
    ticks = bucket_ticks([START + timedelta(hours=i) for i in range(24)])
    assert "06:00" in [tick.text for tick in ticks]


def test_buckets_of_rows_are_labelled_by_their_number() -> None:
    ticks = bucket_ticks([None] * 11, first=100)
    assert [(tick.at, tick.text) for tick in ticks] == [(0, "100"), (5, "105"), (10, "110")]


@given(st.lists(st.floats(0, allow_infinity=True, allow_nan=False), min_size=1, max_size=50))
def test_any_evidence_can_be_drawn(evidence: list[float]) -> None:
    starts = [START + timedelta(days=i) for i in range(len(evidence))]
    drawn = evidence_chart(evidence, starts, [Band(start=0, stop=1, text="1")], description="d")
    assert "nan" not in drawn
    assert "inf " not in drawn


spans = st.lists(
    st.tuples(st.integers(0, 99), st.integers(1, 60)).map(
        lambda span: Band(start=span[0], stop=span[0] + span[1])
    ),
    max_size=30,
)


@given(spans)
def test_bars_in_a_lane_do_not_overlap(bands: list[Band]) -> None:
    placed = pack(bands, 100)
    for lane in range(8):
        own = [band for at, band in placed if at == lane]
        assert all(a.stop <= b.start for a, b in itertools.pairwise(own))
    assert len(placed) == len(bands) or max(lane for lane, _ in placed) == 7


@given(spans)
def test_a_union_covers_the_same_buckets_once(bands: list[Band]) -> None:
    def covered(given: list[Band]) -> list[int]:
        return [i for band in given for i in range(int(band.start), int(band.stop))]

    assert covered(union(bands)) == sorted(set(covered(bands)))


@given(values)
def test_any_history_can_be_drawn(series: list[float | None]) -> None:
    starts = [None] * len(series)
    window = Window(
        first=0, starts=starts, observed=series, expected=series, low=series, high=series
    )
    drawn = history_chart(window, [], title="t", description="d")
    assert drawn.startswith("<svg")
    assert "nan" not in drawn
    assert window.outside() == 0
