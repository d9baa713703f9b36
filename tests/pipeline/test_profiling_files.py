"""Files to profiles by the hour: the same whatever the cores, the pieces and the order of rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.errors import DataError, SettingsError
from watchkeeper.events import Column, Schema
from watchkeeper.pipeline import profile_buckets
from watchkeeper.profiles import BucketProfile, fit_bins
from watchkeeper.watch import Bucketing

START = datetime(2026, 3, 1, tzinfo=UTC)
SCHEMA = Schema(columns={"x": Column(type="number"), "k": Column(type="category")})
HOURS = Bucketing.parse("1h")
ROWS = 4_000


def rows(*, shuffled: bool = False) -> pa.Table:
    rng = np.random.default_rng(0)
    minutes = np.sort(rng.integers(0, 10 * 60, ROWS))
    minutes = minutes[(minutes < 240) | (minutes >= 300)]  # an hour without rows
    table = pa.table(
        {
            "at": pa.array([START + timedelta(minutes=int(m)) for m in minutes]),
            "x": rng.normal(size=len(minutes)),
            "k": rng.choice(["a", "b", None], len(minutes)),
        }
    )
    return table.take(pa.array(rng.permutation(len(minutes)))) if shuffled else table


BINS = fit_bins(SCHEMA, [rows()])


def profiled(data: object, *, workers: int | None = None) -> list[BucketProfile]:
    return list(profile_buckets(data, SCHEMA, BINS, HOURS, time_column="at", workers=workers))


def test_every_hour_has_its_profile_and_an_empty_one_has_no_rows() -> None:
    table = rows()
    found = profiled(table)
    assert [bucket.start for bucket in found] == [START + timedelta(hours=h) for h in range(10)]
    assert found[4].rows == 0
    assert sum(bucket.rows for bucket in found) == table.num_rows
    hour = np.array([(at - START).seconds // 3600 for at in table.column("at").to_pylist()])
    values = table.column("x").to_numpy()[hour == 2]
    column = found[2].columns["x"]
    assert column.moments is not None and column.quantiles is not None
    assert column.moments.mean == pytest.approx(values.mean())
    assert column.quantiles.quantile(0.5) == pytest.approx(
        np.quantile(values, 0.5, method="lower"), rel=0.0101
    )


@pytest.mark.parametrize("shuffled", [False, True])
def test_pieces_order_and_cores_change_nothing(tmp_path: Path, shuffled: bool) -> None:
    table = rows(shuffled=shuffled)
    pq.write_table(table, tmp_path / "one.parquet", row_group_size=333)
    folder = tmp_path / "many"
    folder.mkdir()
    for place in range(3):
        part = table.slice(place * 1_500, 1_500)
        pq.write_table(part, folder / f"{place}.parquet", row_group_size=1_000)
    expected = profiled(rows())
    for data, workers in [
        (tmp_path / "one.parquet", 1),
        (tmp_path / "one.parquet", 3),
        (folder, 2),
    ]:
        for mine, theirs in zip(profiled(data, workers=workers), expected, strict=True):
            assert (mine.index, mine.start, mine.rows) == (theirs.index, theirs.start, theirs.rows)
            for name, column in mine.columns.items():
                other = theirs.columns[name]
                assert (column.counts == other.counts).all()
                assert column.categories == other.categories
                assert column.quantiles == other.quantiles
                if column.moments is not None and other.moments is not None:
                    assert column.moments.mean == pytest.approx(other.moments.mean, abs=1e-9)
                    assert column.moments.m2 == pytest.approx(other.moments.m2, rel=1e-9)


def test_rows_without_a_time_are_an_error_or_are_counted() -> None:
    table = rows()
    times = table.column("at").to_pylist()
    times[7] = None
    odd = table.set_column(0, "at", pa.array(times, pa.timestamp("us", "UTC")))
    with pytest.raises(DataError, match="1 rows"):
        profiled(odd)
    left: list[int] = []
    kept = profile_buckets(
        odd, SCHEMA, BINS, HOURS, time_column="at", on_untimed=lambda n: left.append(n)
    )
    assert sum(bucket.rows for bucket in kept) == table.num_rows - 1
    assert left == [1]


def test_buckets_of_rows_are_refused() -> None:
    with pytest.raises(SettingsError, match="buckets of time"):
        list(profile_buckets(rows(), SCHEMA, BINS, Bucketing.parse("10rows"), time_column="at"))
