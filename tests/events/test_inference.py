"""What columns are taken for: watched when in doubt, and no table is too odd."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.events import Inference, infer_schema

ROWS = 3_000
START = datetime(2024, 2, 20, tzinfo=UTC)


def hourly(rows: int = ROWS) -> pa.Array:
    return pa.array([START + timedelta(hours=i) for i in range(rows)], pa.timestamp("us", "UTC"))


def role_of(
    values: Sequence[object] | np.ndarray | pa.Array, name: str = "f1", **others: object
) -> str:
    inference = infer_schema(pa.table({"at": hourly(len(values)), name: values, **others}))
    return inference.schema.columns[name].role


def local(zone: str = "America/New_York") -> list[datetime]:
    return [time.astimezone(ZoneInfo(zone)) for time in hourly().to_pylist()]


CALENDAR = {
    "year": [t.year for t in local()],
    "m": [t.month for t in local()],
    "d": [t.day for t in local()],
    "h": [t.hour for t in local()],
    "dow": [t.weekday() for t in local()],
    "isodow": [t.isoweekday() for t in local()],
    "week": [t.isocalendar().week for t in local()],
    "doy": [t.timetuple().tm_yday for t in local()],
    "hhmm": [t.hour * 100 for t in local()],
    "ymd": [t.year * 10_000 + t.month * 100 + t.day for t in local()],
    "ym": [t.year * 100 + t.month for t in local()],
    "h_with_nulls": [None if i % 7 == 0 else float(t.hour) for i, t in enumerate(local())],
    "h_in_nepal": [t.hour for t in local("Asia/Kathmandu")],
    "weekday_name": [t.strftime("%A") for t in local()],
    "mon": [t.strftime("%b") for t in local()],
    "epoch": [int(t.timestamp()) for t in local()],
    "local_date": [t.date() for t in local()],
    "wall_clock": [t.replace(tzinfo=None) for t in local("Asia/Tokyo")],
    "date_text": [t.date().isoformat() for t in local()],
}


@pytest.mark.parametrize("name", CALENDAR)
def test_a_column_that_repeats_the_time_is_a_calendar_column(name: str) -> None:
    assert role_of(CALENDAR[name], name) == "calendar"


def test_a_time_of_day_in_minutes_repeats_a_time_cut_to_hours() -> None:
    minutes = np.random.default_rng(0).integers(0, 60, ROWS)
    hhmm = [t.hour * 100 + int(m) for t, m in zip(local(), minutes, strict=True)]
    assert role_of(hhmm, "sched_dep_time") == "calendar"
    delayed = [(value + 200) % 2400 if i % 3 else value for i, value in enumerate(hhmm)]
    assert role_of(delayed, "dep_time") == "feature"
    below = [t.hour * 100 + int(m) for t, m in zip(local(), minutes + 30, strict=True)]
    assert role_of(below, "amount") == "feature"


@given(
    seed=st.integers(0, 10**6),
    low=st.integers(-3, 3),
    width=st.sampled_from([1, 2, 4, 7, 12, 24, 31, 60, 100, 2400, 10**6, 2**40]),
    rows=st.integers(30, 2_000),
    kind=st.sampled_from([pa.int64(), pa.float64(), pa.int64(), pa.string()]),
)
@settings(deadline=None)
def test_random_whole_numbers_are_watched(
    seed: int, low: int, width: int, rows: int, kind: pa.DataType
) -> None:
    values = np.random.default_rng(seed).integers(low, low + width, rows)
    if kind == pa.string() and width > 100:
        return
    assert role_of(pa.array(values).cast(kind)) == "feature"


@pytest.mark.parametrize("change", [100, 700, 1_000, 2_000])
def test_a_level_that_moves_once_is_watched_even_where_the_month_does(change: int) -> None:
    step = [1 if i < change else 2 for i in range(ROWS)]
    assert role_of(step) == "feature"
    months = [2 if t.month == 2 else 3 for t in hourly().to_pylist()]
    assert role_of(months) == "feature"


def test_mostly_one_value_is_not_january() -> None:
    values = [1 if i % 150 else 2 for i in range(ROWS)]
    assert role_of(values, "month_of_contract") == "feature"


def test_a_time_of_something_else_is_watched() -> None:
    rng = np.random.default_rng(0)
    bought = [
        t - timedelta(days=int(d)) for t, d in zip(local(), rng.integers(0, 900, ROWS), strict=True)
    ]
    assert role_of(bought, "bought_at", other=list(range(ROWS))) == "feature"


def test_sorted_numbers_are_watched_unless_they_count() -> None:
    rng = np.random.default_rng(0)
    amounts = np.unique(rng.integers(0, 10**9, ROWS))
    assert role_of(amounts, "amount") == "feature"
    assert role_of(np.arange(5, 5 + ROWS), "anything") == "id"
    assert role_of(amounts, "order_no") == "id"


@pytest.mark.parametrize("name", ["id", "prediction_id", "uuid", "requestId", "index"])
def test_an_id_is_named_like_one_and_different_in_every_row(name: str) -> None:
    rng = np.random.default_rng(0)
    assert role_of(rng.permutation(10**6)[:ROWS], name) == "id"
    assert role_of([f"r{n}" for n in range(ROWS)], name) == "id"


@pytest.mark.parametrize("name", ["paid", "grid", "valid", "consumer_price_index", "monkey"])
def test_a_name_that_only_ends_like_one_is_no_id(name: str) -> None:
    assert role_of(np.random.default_rng(0).permutation(10**6)[:ROWS], name) == "feature"


def test_text_that_differs_in_every_row_is_not_watched() -> None:
    rng = np.random.default_rng(0)
    uuids = [str(uuid.UUID(bytes=rng.bytes(16))) for _ in range(ROWS)]
    assert role_of(uuids) == "id"
    assert role_of([f"x{n}" for n in range(ROWS)]) == "ignored"


def test_thousands_of_categories_are_watched_also_in_few_rows() -> None:
    rng = np.random.default_rng(0)
    assert role_of([f"c{n}" for n in rng.integers(0, 5_000, ROWS)]) == "feature"
    assert role_of([f"c{n}" for n in rng.zipf(1.3, ROWS)]) == "feature"


def test_people_are_entities() -> None:
    rng = np.random.default_rng(0)
    assert role_of(rng.integers(0, 500, ROWS), "user_id") == "entity"
    assert role_of([f"u{n}" for n in rng.integers(0, 500, ROWS)], "customer") == "entity"


def types_of(**columns: object) -> dict[str, str]:
    return {n: c.type for n, c in infer_schema(pa.table(columns)).schema.columns.items()}


def test_types_are_what_the_values_look_like() -> None:
    rng = np.random.default_rng(0)
    words = [" ".join(rng.choice(["late", "rain", "crew", "snow", "gate"], 9)) for _ in range(99)]
    assert types_of(
        words=words,
        flag=[i % 2 for i in range(99)],
        answer=["Yes", "No", "no"] * 33,
        plan=["free", "pro", "team"] * 33,
        day=["2024-01-01", None, "2024-02-01"] * 33,
        dictionary=pa.array(["a", "b", "c"] * 33).dictionary_encode(),
        digest=[f"{rng.integers(10**9):064x}" for _ in range(99)],
        japanese=["空港" * (20 + i) for i in range(99)],
    ) == {
        "words": "text",
        "flag": "boolean",
        "answer": "boolean",
        "plan": "category",
        "day": "datetime",
        "dictionary": "category",
        "digest": "category",
        "japanese": "text",
    }


def test_text_of_numbers_with_fractions_is_numbers_and_text_of_codes_is_not() -> None:
    rng = np.random.default_rng(0)
    amounts = rng.lognormal(3, 1, 999)
    assert types_of(
        amount=[f"{value:.2f}" for value in amounts],
        small=[f"{value:.1e}" for value in amounts],
        mixed=[f"{value:.2f}" if i % 4 else str(i) for i, value in enumerate(amounts)],
        zip=[f"{n:05d}" for n in rng.integers(0, 99_999, 999)],
        status=rng.choice(["200", "404", "500"], 999),
        version=rng.choice(["1.0", "1.1", "2.0"], 999),
        address=[f"10.0.{n}.{n % 7}" for n in range(999)],
        price=[f"{value:.2f} CHF" for value in amounts],
    ) == {
        "amount": "number",
        "small": "number",
        "mixed": "number",
        "zip": "category",
        "status": "category",
        "version": "category",
        "address": "category",
        "price": "category",
    }
    assert infer_schema(pa.table({"f1": [f"{v:.9f}" for v in amounts]})).schema.watched() == ["f1"]


def seen(inference: Inference) -> tuple[str | None, ...]:
    one = inference
    return one.time_column, one.id_column, one.prediction_column, one.label_column


def test_time_prediction_and_label_are_found_by_name() -> None:
    rng = np.random.default_rng(0)
    table = pa.table(
        {
            "request_id": [f"r{n}" for n in range(ROWS)],
            "born": pa.array(rng.integers(0, 10**15, ROWS), pa.timestamp("us")),
            "predicted_at": hourly(),
            "score": rng.random(ROWS),
            "label": rng.integers(0, 2, ROWS),
        }
    )
    assert seen(infer_schema(table)) == ("predicted_at", "request_id", "score", "label")


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000])
def test_seconds_since_1970_are_a_time_when_named_so(unit: int) -> None:
    seconds = pc.cast(hourly(), pa.int64()).to_numpy() // (1_000_000 // unit)
    hours = [t.hour for t in hourly().to_pylist()]
    inference = infer_schema(pa.table({"timestamp": seconds, "h": hours}))
    assert inference.time_column == "timestamp"
    assert inference.schema.columns["h"].role == "calendar"
    assert infer_schema(pa.table({"amount": seconds})).time_column is None


ODD = [
    pa.null(),
    pa.bool_(),
    pa.int8(),
    pa.uint64(),
    pa.float16(),
    pa.float64(),
    pa.decimal128(20, 3),
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.date32(),
    pa.date64(),
    pa.time64("us"),
    pa.duration("s"),
    pa.timestamp("ns", "America/New_York"),
    pa.timestamp("s"),
    pa.list_(pa.float64()),
    pa.struct([("a", pa.int64())]),
    pa.map_(pa.string(), pa.int64()),
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.int8(), pa.int64()),
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(-(2**63), 2**63),
    st.floats(),
    st.text(max_size=50),
    st.datetimes(),
    st.lists(st.floats(), max_size=2),
    st.sampled_from(["2024-01-01", "2024-01-01T00:00:00Z", "mon", "", "\x00", "1" * 400]),
)
NAMES = st.sampled_from(["id", "time", "ts", "f1", "", "user_id", "y", "hour", "score", "a b", "é"])


def array(values: list[object], kind: pa.DataType) -> pa.Array:
    """Return the values that the type takes, and nulls for the others."""
    taken = []
    for value in values:
        try:
            taken.append(pa.array([value], kind)[0].as_py())
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            taken.append(None)
    try:
        return pa.array(taken, kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.nulls(len(taken), kind)


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(0, 3))
    times = draw(st.sampled_from([1, 30]))
    arrays = []
    for kind in draw(st.lists(st.sampled_from(ODD), max_size=5)):
        values = draw(st.lists(VALUES, min_size=rows, max_size=rows))
        arrays.append(array(values * times, kind))
    names = [draw(NAMES) for _ in arrays]
    return pa.Table.from_arrays(arrays, names=names)


@given(tables(), st.none() | NAMES)
@settings(deadline=None, max_examples=300)
def test_any_table_has_a_schema(table: pa.Table, time: str | None) -> None:
    inference = infer_schema(table, time_column=time)
    assert list(inference.schema.columns) == list(dict.fromkeys(table.column_names))
    unwatched = set(inference.schema.columns) - set(inference.schema.watched())
    assert unwatched == set(inference.notes)


def test_a_wide_table_takes_less_than_two_seconds_of_computing() -> None:
    rng = np.random.default_rng(0)
    rows = 100_000
    makers = [
        lambda: rng.normal(size=rows),
        lambda: rng.integers(0, 100, rows),
        lambda: rng.choice(["a", "b", "c"], rows),
        lambda: [f"v{n}" for n in rng.integers(0, 10**9, rows)],
    ]
    columns = {f"c{i}": makers[i % 4]() for i in range(100)}
    at = np.arange(rows) * 60_000_000
    table = pa.table({"at": pa.array(at, pa.timestamp("us", "UTC")), **columns})
    started = process_time()
    infer_schema(table)
    assert process_time() - started < 2.0


def test_importing_events_loads_neither_arrow_nor_numpy() -> None:
    look = "import sys, watchkeeper.events; print({'numpy', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("name", ["explanation:user_id", "explanation.hour", "explanation:y"])
def test_contributions_are_numbers_whatever_their_feature_is_called(name: str) -> None:
    rows = 48
    found = infer_schema(pa.table({name: [i % 2 for i in range(rows)]}))
    column = found.schema.columns[name]
    assert (column.type, column.role) == ("number", "explanation")
    assert found.schema.watched() == [name]
