"""From files and frames to a verdict, with whatever they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import watchkeeper
from watchkeeper.checks import NotNull, Range
from watchkeeper.errors import DataError, SettingsError
from watchkeeper.pipeline import compare, load_profile, profile_table, save_profile

ROWS = 3_000


def table(seed: int, rows: int = ROWS, **shift: float) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "amount": rng.lognormal(2, 1, rows) * (1 + shift.get("amount", 0.0)),
            "age": rng.integers(18, 90, rows),
            "country": rng.choice(["CH", "FR", "DE", None], rows, p=[0.5, 0.3, 0.15, 0.05]),
            "new": rng.random(rows) < 0.3 + shift.get("new", 0.0),
            "note": rng.choice(["hello", "a longer note", "ok"], rows),
        }
    )


def test_every_kind_of_source_gives_the_same_verdict(tmp_path: Path) -> None:
    before, after = table(0), table(1, new=0.1)
    pq.write_table(before, tmp_path / "before.parquet")
    folder = tmp_path / "after"
    folder.mkdir()
    pq.write_table(after.slice(0, 1_000), folder / "a.parquet", row_group_size=300)
    pq.write_table(after.slice(1_000), folder / "b.parquet")
    after.to_pandas().to_csv(tmp_path / "after.csv", index=False)
    connection = duckdb.connect()
    expected = compare(before, after).columns
    assert [name for name, column in expected.items() if column.drifted] == ["new"]
    sources: list[tuple[Any, Any]] = [
        (tmp_path / "before.parquet", folder),
        (str(tmp_path / "before.parquet"), str(folder / "*.parquet")),
        (before.to_pandas(), pl.from_arrow(after)),
        (pl.from_arrow(before).lazy(), connection.from_arrow(after)),  # type: ignore[union-attr]
        (before, [folder / "a.parquet", folder / "b.parquet"]),
        (tmp_path / "before.parquet", tmp_path / "after.csv"),
    ]
    for first, second in sources:
        found = compare(first, second).columns
        assert {n: c.p_value for n, c in found.items()} == pytest.approx(
            {n: c.p_value for n, c in expected.items()}
        )


def test_a_saved_profile_stands_for_its_rows(tmp_path: Path) -> None:
    before, after = table(0), table(1, amount=0.5)
    path = tmp_path / "reference.wkprofile"
    save_profile(profile_table(before, segment_by="country"), path)
    found = compare(path, after)
    plain = compare(before, after, segment_by="country", joint=False)
    assert found.dataset.joint is None
    assert {n: c.p_value for n, c in found.columns.items()} == {
        n: c.p_value for n, c in plain.columns.items()
    }
    assert [s.segment for s in found.segments] == [s.segment for s in plain.segments]
    assert found.columns["amount"].drifted
    assert list(load_profile(path).schema.columns) == before.schema.names
    narrowed = compare(path, after, columns=["age", "new"])
    assert list(narrowed.columns) == ["age", "new"]


@pytest.mark.parametrize("cut", [0, 3, 10, 200, -1])
def test_a_damaged_profile_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "reference.wkprofile"
    save_profile(profile_table(table(0)), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    with pytest.raises(DataError, match=r"profile|Parquet|empty|CSV|column"):
        compare(path, table(1))
    with pytest.raises(DataError, match="watchkeeper profile"):
        load_profile(path)


def test_joint_drift_that_no_column_shows() -> None:
    rng = np.random.default_rng(0)

    def correlated(rho: float) -> pa.Table:
        a = rng.normal(size=ROWS)
        b = rho * a + np.sqrt(1 - rho * rho) * rng.normal(size=ROWS)
        return pa.table({"a": a, "b": b, "c": rng.normal(size=ROWS)})

    found = compare(correlated(0.6), correlated(0.0))
    assert found.dataset.joint is not None
    assert (found.dataset.drifted, found.dataset.columns_drifted) == (True, 0)
    assert {one.column for one in found.dataset.joint.columns[:2]} == {"a", "b"}
    assert found.dataset.message.startswith("No column drifted by itself, but together they did")
    assert not compare(correlated(0.6), correlated(0.6)).dataset.drifted


def test_segments_are_judged_by_themselves() -> None:
    before, after = table(0, 6_000), table(1, 6_000)
    young = np.where(
        np.array([value == "FR" for value in after.column("country").to_pylist()]),
        after.column("age").to_numpy() * 0.5,
        after.column("age").to_numpy(),
    ).astype(np.int64)
    after = after.set_column(1, "age", pa.array(young))
    found = compare(before, after, segment_by="country")
    drifted = {s.segment for s in found.segments if s.columns["age"].drifted}
    assert drifted == {"country=FR"}


def test_columns_that_came_and_went_are_named() -> None:
    found = compare(table(0), table(1).drop_columns(["age"]).append_column("extra", [[1] * ROWS]))
    assert (found.columns["age"].drifted, found.columns["age"].rule) == (True, "missing")
    assert "age is missing now" in found.notes
    assert compare(table(0), table(1, 3).drop_columns(["age"])).columns["age"].drifted
    assert "extra is new: the reference does not have it" in found.notes


def test_other_types_than_before_are_misfits() -> None:
    before, after = table(0), table(1)
    words = pa.array(["n/a" if i % 5 == 0 else str(i % 70 + 18) for i in range(ROWS)])
    found = compare(before, after.set_column(1, "age", words))
    column = found.columns["age"]
    assert column.drifted
    assert column.quality.current.misfit_ratio == pytest.approx(0.2)
    assert "another type" in column.message


def test_a_damaged_file_costs_its_rows_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "after.parquet"
    pq.write_table(table(1), path, row_group_size=500, compression="none", use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[200:260] = b"\xff" * 60
    path.write_bytes(bytes(data))
    found = compare(table(0), path)
    assert set(found.columns) >= {"amount", "age", "country", "new"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rule": "ksi > 0.2"}, "Did you mean 'psi'"),
        ({"rule": "psi"}, "a rule like 'psi > 0.2'"),
        ({"false_call_rate": 0.0}, "between 0 and 1"),
        ({"least_effect": 1.5}, "below 1"),
        ({"columns": ["amout"]}, "Did you mean 'amount'"),
        ({"segment_by": "county"}, "Did you mean 'country'"),
        ({"timezone": "Europe/Bern"}, "Europe"),
    ],
)
def test_wrong_use_is_told_with_the_nearest_choice(options: Any, said: str) -> None:
    with pytest.raises((SettingsError, DataError), match=said):
        compare(table(0), table(1), **options)


def test_the_package_gives_the_report(tmp_path: Path) -> None:
    found = watchkeeper.compare(table(0).to_pandas(), table(1).to_pandas())
    assert found.dataset.verdict == "fine"
    found.save(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


def test_the_current_side_must_have_rows(tmp_path: Path) -> None:
    saved = profile_table(table(0))
    save_profile(saved, tmp_path / "saved.wkprofile")
    for current in (saved, tmp_path / "saved.wkprofile"):
        with pytest.raises(DataError, match="can be the reference"):
            compare(table(0), current)


def test_progress_counts_both_sides() -> None:
    seen: list[tuple[int, int]] = []
    compare(table(0), table(1), on_columns=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (10, 10)


def test_checks_are_part_of_the_verdict() -> None:
    checks = [NotNull(column="country"), Range(column="age", minimum=0, maximum=120)]
    found = compare(table(0), table(1), checks=checks)
    assert [check.passed for check in found.checks] == [False, True]
    assert found.dataset.verdict == "failed"
    assert (found.dataset.checks, found.dataset.checks_failed) == (2, 1)
    assert found.dataset.message == "None of 5 columns drifted; 1 of 2 checks failed."
    stream = pa.RecordBatchReader.from_batches(table(1).schema, table(1).to_batches())
    again = compare(table(0), stream, checks=checks)
    assert [check.failed_rows for check in again.checks] == [
        check.failed_rows for check in found.checks
    ]


def test_values_that_only_one_sample_has_are_no_joint_drift() -> None:
    names = np.array([f"v{i}" for i in range(500)])
    calls = 0
    for seed in range(24):
        rng = np.random.default_rng(seed)
        sides = [
            pa.table({f"c{i}": names[rng.integers(0, 500, 120)] for i in range(12)})
            for _ in range(2)
        ]
        joint = compare(*sides).dataset.joint
        assert joint is not None
        calls += joint.p_value <= 0.05
    assert calls <= 4
