"""What columns did over time can be asked for: courses, heat maps, distributions."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.watched_store import (
    MODEL,
    NOW,
    REFERENCE_END,
    REFERENCE_HOURS,
    ROWS,
    START,
    baseline,
    fill,
    rows,
    story,
)
from watchkeeper.errors import DataError, UsageError
from watchkeeper.pipeline import (
    Plan,
    Watch,
    backtest,
    read_distribution,
    read_heat_map,
    read_history,
    set_baseline,
)
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

END = REFERENCE_HOURS
DAY = timedelta(days=1)


def with_tags(table: pa.Table) -> pa.Table:
    kinds = pa.array([["web", "app"][i % 2] for i in range(table.num_rows)])
    return table.append_column("tag:kind", kinds)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A watched store: 40 quiet hours, 30 shifted ones, 29 quiet ones, with segments."""
    with Store.open(tmp_path_factory.mktemp("watched")) as opened:
        fill(opened, *map(with_tags, story()))
        set_baseline(
            opened,
            MODEL,
            Plan(bucketing=Bucketing.parse("1h"), season=False, segment_by="kind"),
            until=REFERENCE_END,
            budget="1 per 720 buckets",
            note="",
            actor="ann",
            now=NOW,
        )
        Watch(opened, MODEL).advance(now=NOW)
        yield opened


def test_the_course_of_a_column_is_told_beside_what_was_expected(store: Store) -> None:
    found = read_history(store, MODEL, columns=["x"])
    assert found.numbers == list(range(99))
    assert found.starts[0] == REFERENCE_END
    assert found.ends[-1] == REFERENCE_END + timedelta(hours=99)
    assert (set(found.rows), set(found.late_rows)) == ({ROWS}, {0})
    assert found.evidence == [b.evidence for b in store.watch_log.buckets(MODEL, 1)]
    [x] = found.columns
    assert (x.name, x.segment, x.type, x.measure) == ("x", "", "number", "mean")
    observed, expected = np.array(x.observed, float), np.array(x.expected, float)
    assert abs(observed[40:70].mean() - 1.5) < 0.15
    assert np.abs(expected).max() < 0.2
    low, high = np.array(x.low, float), np.array(x.high, float)
    inside = (low < observed) & (observed < high)
    assert inside[:40].mean() > 0.85
    assert not inside[40:70].any()
    drift = np.array(x.drift, float)
    assert np.median(drift[:40]) < 2.0
    assert drift[40:70].min() > 4.0
    assert set(x.null_ratio) == {0.0}


def test_a_backtest_reads_buckets_the_same_way(store: Store) -> None:
    tables = [table.rename_columns(_plain) for table in map(with_tags, story())]
    result = backtest(
        pa.concat_tables(tables),
        time="time",
        bucket="1h",
        budget="1 per 720 buckets",
        reference_until=REFERENCE_END,
        season="none",
        ignore=["prediction_id"],
        segment_by="kind",
    )
    live = {(c.name, c.segment): c for c in read_history(store, MODEL, segment=None).columns}
    for column in result.columns:
        shown = live[column.name, column.segment]
        assert shown.measure == column.measure
        for one, other in zip(
            (shown.observed, shown.expected, shown.low, shown.high, shown.null_ratio),
            (column.observed, column.expected, column.low, column.high, column.null_ratio),
            strict=True,
        ):
            np.testing.assert_allclose(
                np.array(one, float), np.array(other[:99], float), rtol=2e-5, atol=1e-6
            )


_plain = {
    "feature:x": "x",
    "feature:y": "y",
    "output": "prediction",
    "tag:kind": "kind",
    "prediction_id": "prediction_id",
    "time": "time",
}


def test_a_window_takes_the_buckets_that_begin_in_it(store: Store) -> None:
    start, end = REFERENCE_END + timedelta(hours=10), REFERENCE_END + timedelta(hours=12)
    assert read_history(store, MODEL, start=start, end=end).numbers == [10, 11]
    east = start.astimezone(datetime.strptime("+0500", "%z").tzinfo)
    assert read_history(store, MODEL, start=east, end=end).numbers == [10, 11]
    later = start + timedelta(minutes=1)
    assert read_history(store, MODEL, start=later, end=end).numbers == [11]
    assert read_history(store, MODEL, end=start).numbers == list(range(10))
    assert read_history(store, MODEL, start=NOW).numbers == []
    with pytest.raises(UsageError, match="expected from before to"):
        read_history(store, MODEL, start=end, end=start)


def test_without_a_window_it_is_seven_days_or_48_buckets(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, rows(0, END + 400))
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
        assert len(read_history(store, MODEL).numbers) == 7 * 24
        set_baseline(
            store,
            MODEL,
            Plan(bucketing=Bucketing.parse("6h"), season=False),
            until=START + 5 * DAY,
            budget="1 per 720 buckets",
            note="",
            actor="ann",
            now=NOW,
        )
        Watch(store, MODEL).advance(now=NOW)
        assert len(read_history(store, MODEL).numbers) == 48


def test_segments_and_columns_are_chosen_by_name(store: Store) -> None:
    assert {c.name for c in read_history(store, MODEL).columns} >= {"x", "y", "prediction"}
    segment = read_history(store, MODEL, columns=["y", "x"], segment="kind=web").columns
    assert [(c.name, c.segment) for c in segment] == [("x", "kind=web"), ("y", "kind=web")]
    with pytest.raises(DataError, match="column: 'delays' has no column 'z'"):
        read_history(store, MODEL, columns=["z"])
    with pytest.raises(DataError, match="Did you mean 'kind=web'"):
        read_history(store, MODEL, segment="kind=wed")
    with pytest.raises(DataError, match="Did you mean 'delays'"):
        read_history(store, "delay")


def test_a_heat_map_says_in_bytes_what_the_course_says(store: Store) -> None:
    found = read_heat_map(store, MODEL)
    cells = np.frombuffer(base64.b64decode(found.drift), dtype=np.uint8)
    cells = cells.reshape(len(found.columns), len(found.numbers))
    courses = {(c.name, c.segment): c for c in read_history(store, MODEL, segment=None).columns}
    assert len(courses) == len(found.columns)
    for column, row in zip(found.columns, cells, strict=True):
        drift = np.array(courses[column.name, column.segment].drift, float)
        assert np.abs(row - np.minimum(np.nan_to_num(drift * 25, nan=255), 254)).max() <= 1
        assert column.worst == pytest.approx(np.nanmax(drift), abs=2e-3)
    worst = read_heat_map(store, MODEL, most=2)
    assert {c.name for c in worst.columns} == {"x"}
    assert len(base64.b64decode(worst.drift)) == 2 * 99


def test_buckets_without_rows_or_readings_are_gaps(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, rows(0, END + 10), rows(END + 15, END + 21))
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
        with store._database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM bucket_profiles WHERE number < 3")
        found = read_history(store, MODEL, columns=["x"])
        gaps = [i for i, value in enumerate(found.columns[0].observed) if value is None]
        assert gaps == [0, 1, 2, 10, 11, 12, 13, 14]
        cells = base64.b64decode(read_heat_map(store, MODEL).drift)[:20]
        assert [i for i, cell in enumerate(cells) if cell == 255] == gaps
        shown = read_distribution(store, MODEL, "x")
        assert shown.rows == (20 - len(gaps)) * ROWS


def test_late_rows_are_counted_and_shown(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, rows(0, END + 10))
        baseline(store)
        watch = Watch(store, MODEL)
        watch.advance(now=NOW)
        before = store.watch_log.judged()
        fill(store, rows(END + 2, END + 3, shift=4.0, name="late"))
        watch.advance(now=NOW)
        assert store.watch_log.judged() > before
        found = read_history(store, MODEL, columns=["x"])
        assert found.late_rows == [0, 0, ROWS, 0, 0, 0, 0, 0, 0]
        assert found.rows == [ROWS] * 9
        assert 1.5 < (found.columns[0].observed[2] or 0.0) < 2.5
        assert read_distribution(store, MODEL, "x").rows == 10 * ROWS


def test_a_model_without_a_baseline_has_no_history(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, rows(0, 5))
        assert read_history(store, MODEL).columns == []
        assert read_heat_map(store, MODEL).drift == ""
        with pytest.raises(DataError, match="no baseline yet"):
            read_distribution(store, MODEL, "x")


def test_a_distribution_moves_with_the_shift(store: Store) -> None:
    quiet = read_distribution(store, MODEL, "x", end=REFERENCE_END + timedelta(hours=40))
    moved = read_distribution(
        store,
        MODEL,
        "x",
        start=REFERENCE_END + timedelta(hours=40),
        end=REFERENCE_END + timedelta(hours=70),
    )
    assert (quiet.rows, moved.rows) == (40 * ROWS, 30 * ROWS)
    assert moved.start == REFERENCE_END + timedelta(hours=40)
    assert moved.end == REFERENCE_END + timedelta(hours=70)
    for found in (quiet, moved):
        assert len(found.bins) == len(found.observed) == len(found.expected)
        for shares in (found.observed, found.expected, found.reference):
            assert sum(shares) == pytest.approx(1.0, abs=1e-6)
        assert found.mean is not None and found.mean.expected is not None
        assert abs(found.mean.expected) < 0.1
    assert quiet.distances is not None and moved.distances is not None
    assert quiet.distances.psi < 0.1 < 1.0 < moved.distances.psi
    assert moved.distances.wasserstein == pytest.approx(1.5, abs=0.2)
    assert moved.mean is not None and moved.mean.observed == pytest.approx(1.5, abs=0.15)
    edges = [b.low for b in moved.bins[1:]]
    assert moved.bins[0].low is None and moved.bins[-1].high is None
    assert edges == [b.high for b in moved.bins[:-1]]


def test_the_expected_distribution_is_that_of_the_very_hours(tmp_path: Path) -> None:
    """A column that is at 0 by day and at 3 by night, every day."""

    def daily(first: int, last: int, name: str) -> pa.Table:
        table = rows(first, last, name=name)
        hours = (np.arange(first, last).repeat(ROWS)) % 24
        moved = table.column("feature:x").to_numpy() * 0.2 + np.where(hours < 12, 3.0, 0.0)
        at = table.column_names.index("feature:x")
        return table.set_column(at, "feature:x", pa.array(moved))

    begin = START + timedelta(hours=21 * 24)
    with Store.open(tmp_path) as store:
        fill(store, daily(0, 24 * 24 + 1, "p"))
        set_baseline(
            store,
            MODEL,
            Plan(bucketing=Bucketing.parse("1h")),
            until=begin,
            budget="1 per 720 buckets",
            note="",
            actor="ann",
            now=NOW,
        )
        Watch(store, MODEL).advance(now=NOW)
        night = read_distribution(store, MODEL, "x", start=begin, end=begin + timedelta(hours=12))
        day = read_distribution(
            store, MODEL, "x", start=begin + timedelta(hours=12), end=begin + timedelta(hours=24)
        )
        whole = read_distribution(store, MODEL, "x", start=begin, end=begin + timedelta(hours=24))
        for found, mean in ((night, 3.0), (day, 0.0), (whole, 1.5)):
            assert found.mean is not None and found.mean.expected is not None
            assert found.mean.expected == pytest.approx(mean, abs=0.1)
            assert found.mean.observed == pytest.approx(mean, abs=0.1)
            assert found.distances is not None and found.distances.total_variation < 0.2
        np.testing.assert_allclose(
            whole.expected, (np.array(night.expected) + np.array(day.expected)) / 2, atol=1e-6
        )
        assert day.reference == night.reference


def test_a_category_has_names_for_bins_and_no_mean(store: Store) -> None:
    found = read_distribution(store, MODEL, "kind")
    named = {b.label: share for b, share in zip(found.bins, found.observed, strict=True)}
    assert named["web"] == named["app"] == 0.5
    assert found.mean is None
    assert found.type == "category"
    segment = read_distribution(store, MODEL, "x", segment="kind=web")
    assert segment.rows == 99 * ROWS // 2


def test_rows_without_any_in_the_window_are_an_answer(store: Store) -> None:
    found = read_distribution(store, MODEL, "x", start=datetime(2030, 1, 1, tzinfo=UTC))
    assert (found.rows, found.expected, found.distances) == (0, [], None)
    assert found.null_ratio.observed is None


def test_buckets_of_rows_have_a_history_too(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, *story())
        baseline(store, bucket="100rows")
        Watch(store, MODEL).advance(now=NOW)
        found = read_history(store, MODEL, columns=["x"])
        assert found.numbers == list(range(30))
        assert all(start is not None for start in found.starts)
        assert read_distribution(store, MODEL, "x").rows == 3_000
