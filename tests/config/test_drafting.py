"""What init writes loads without a warning and is valid for editors, whatever the data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.config import Config, draft, json_schema, load, look, suggest
from watchkeeper.errors import DataError
from watchkeeper.events import Column

VALID = jsonschema.Draft202012Validator(json_schema())
START = datetime(2024, 1, 1, tzinfo=UTC)


def times(rows: int, *, every: timedelta) -> pa.Array:
    return pa.array([START + every * i for i in range(rows)], pa.timestamp("us", "UTC"))


def drafted(table: pa.Table, path: Path, *, time: str | None = None) -> Config:
    seen = look(table, time_column=time)
    path.write_text(draft(seen, suggest(seen), model="m"), encoding="utf-8")
    VALID.validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    return load(path, {})


def test_the_columns_that_load_are_the_columns_of_the_data(tmp_path: Path) -> None:
    rows = 4_000
    rng = np.random.default_rng(0)
    table = pa.table(
        {
            "id": [f"r{i}" for i in range(rows)],
            "time_hour": times(rows, every=timedelta(hours=1)),
            "hour": [i % 24 for i in range(rows)],
            "delay": rng.normal(size=rows),
            "carrier: all # of them": rng.choice(["AA", "no", "# x"], rows),
            "user_id": rng.integers(0, 50, rows),
            "score": rng.random(rows),
            "yes": rng.integers(0, 2, rows),
        }
    )
    config = drafted(table, tmp_path / "watchkeeper.yaml")
    assert config.schema is not None
    assert config.schema.columns == {
        "id": Column(type="category", role="id"),
        "time_hour": Column(type="datetime", role="time"),
        "hour": Column(type="number", role="calendar"),
        "delay": Column(type="number"),
        "carrier: all # of them": Column(type="category"),
        "user_id": Column(type="number", role="entity"),
        "score": Column(type="number", role="prediction"),
        "yes": Column(type="boolean"),
    }
    assert config.time == "time_hour"
    assert config.import_mapping.output == "score"


@pytest.mark.parametrize(
    ("rows", "minutes", "bucket", "until"),
    [
        (100_000, 0.5, "1h", "2024-01-15"),
        (20_000, 10, "1d", "2024-03-18"),
        (30_000, 60, "1w", "2026-01-01"),
        (3_000, 0.1, "5m", "2024-01-01T02:00"),
        (400, 60, "1d", "2024-01-10"),
    ],
)
def test_bucket_and_baseline_suit_the_span_of_the_data(
    tmp_path: Path, rows: int, minutes: float, bucket: str, until: str
) -> None:
    table = pa.table(
        {"at": times(rows, every=timedelta(minutes=minutes)), "x": [1.5, 2.5] * (rows // 2)}
    )
    config = drafted(table, tmp_path / "watchkeeper.yaml")
    assert config.bucket == bucket
    assert config.baseline is not None
    assert config.baseline.until is not None
    assert str(config.baseline.until.isoformat()).startswith(until)


def test_without_times_rows_are_counted(tmp_path: Path) -> None:
    config = drafted(
        pa.table({"x": np.random.default_rng(0).normal(size=50_000)}), tmp_path / "w.yaml"
    )
    assert (config.bucket, config.budget) == ("1000rows", "1 per 720 buckets")
    assert config.baseline is None


def test_a_long_table_is_sampled_evenly_and_counted_in_full(tmp_path: Path) -> None:
    rows = 450_000
    table = pa.table(
        {
            "at": times(rows, every=timedelta(seconds=30)),
            "hour": [(START + timedelta(seconds=30 * i)).hour for i in range(rows)],
            "late": pa.array([None if i < rows - 10 else float(i) for i in range(rows)]),
        }
    )
    seen = look(table)
    assert seen.rows == rows
    assert seen.hours == rows * 30 // 3600
    assert seen.columns["late"].maximum == "449999"
    assert seen.columns["hour"].column.role == "calendar"


ODD_NAMES = ["no", "null", "1", "1.5", "2024-01-01", "a: b", "- a", "#a", "<<", "x" * 2_000, "a\tb"]
ODD_NAMES += [*"'\"?\u00e9\u2028\ufeff\x85\\ {&*!%@`", "&a", "*a", "!a", "{a}"]
NAMES = st.text(min_size=1, max_size=30) | st.sampled_from(ODD_NAMES)
CELLS = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(),
    pa.string(): st.text(max_size=50),
    pa.bool_(): st.booleans(),
    pa.timestamp("us", "UTC"): st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
    pa.list_(pa.int64()): st.lists(st.integers(0, 9), max_size=2),
    pa.null(): st.none(),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(1, 4))
    kinds = draw(st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=4))
    names = draw(st.lists(NAMES, min_size=len(kinds), max_size=len(kinds), unique=True))
    cells = [draw(st.lists(st.none() | CELLS[k], min_size=rows, max_size=rows)) for k in kinds]
    times = draw(st.sampled_from([1, 25]))
    arrays = [pa.array(c * times, k) for c, k in zip(cells, kinds, strict=True)]
    return pa.Table.from_arrays(arrays, names=names)


@given(tables())
@settings(deadline=None, max_examples=100)
def test_whatever_the_table_the_draft_loads_and_names_its_columns(
    tmp_path_factory: pytest.TempPathFactory, table: pa.Table
) -> None:
    try:
        config = drafted(table, tmp_path_factory.getbasetemp() / "drafted.yaml")
    except DataError:
        return
    assert config.schema is not None
    assert list(config.schema.columns) == list(look(table).columns)
