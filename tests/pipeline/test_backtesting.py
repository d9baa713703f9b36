"""A backtest does what its contract says, and says what is wrong with a setting."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.watched_store import START, rows
from watchkeeper.errors import DataError, SettingsError, UsageError
from watchkeeper.pipeline import BacktestResult, backtest
from watchkeeper.report import to_json

UNTIL = START + timedelta(hours=200)


def table(*, shift: float = 1.5) -> pa.Table:
    """200 hours of reference, 40 quiet ones, and 30 shifted ones."""
    whole = pa.concat_tables([rows(0, 240), rows(240, 270, shift=shift)])
    places = {"feature:x": "x", "feature:y": "y", "output": "score"}
    named = whole.rename_columns([places.get(n, n) for n in whole.column_names])
    regions = np.array(["north", "south"])[np.arange(named.num_rows) % 2]
    return named.append_column("region", pa.array(regions))


def run(data: Any = None, **more: Any) -> BacktestResult:
    settings = {"time": "time", "reference_until": UNTIL, "bucket": "1h", **more}
    return backtest(table() if data is None else data, **settings)


def test_the_json_has_the_keys_of_the_contract() -> None:
    result = run()
    told = json.loads(to_json(result))
    assert told["buckets"] == 70
    assert told["budget"] == "1 per 30d"
    assert told["false_alarm_budget_buckets"] == 720
    [incident, *_] = told["incidents"]
    assert 40 <= incident["opened_bucket"] <= 42
    assert incident["opened_at"].startswith("2024-01-11T")
    assert incident["closed_bucket"] is None
    assert incident["kind"] in {"sudden", "gradual", "incremental", "recurring"}
    assert incident["message"]
    stream = incident["streams"][0]
    assert stream["column"] == "x"
    assert 0 < stream["share"] <= 1
    assert stream["score"] >= 1
    assert stream["effect"]["shift"] == pytest.approx(1.5, abs=0.3)
    assert isinstance(told["not_enough_data"], list)


def test_buckets_count_from_the_end_of_the_reference() -> None:
    result = run()
    assert result.reference_buckets == 200
    assert result.reference_rows == 6000
    assert result.rows == 70 * 30
    assert result.starts[0] == UNTIL
    assert result.starts[-1] == UNTIL + timedelta(hours=69)
    assert len(result.evidence) == 70
    assert all(len(c.observed) == 70 for c in result.columns)


def test_an_end_of_the_reference_within_a_bucket_leaves_it_to_the_watch() -> None:
    result = run(reference_until=UNTIL + timedelta(minutes=30))
    assert result.reference_buckets == 200
    assert result.starts[0] == UNTIL
    assert result.buckets == 70


def test_rows_in_any_order_give_the_same_result() -> None:
    data = table()
    order = np.random.default_rng(0).permutation(data.num_rows)
    shuffled = run(data.take(pa.array(order)))
    straight = run(data)
    assert shuffled.starts == straight.starts
    assert shuffled.evidence == pytest.approx(straight.evidence, rel=1e-3)
    assert [(i.opened_bucket, i.streams[0].column) for i in shuffled.incidents] == [
        (i.opened_bucket, i.streams[0].column) for i in straight.incidents
    ]


def test_a_reference_of_its_own_gives_what_a_time_gives() -> None:
    data = table()
    before = pa.compute.less(data.column("time"), pa.scalar(UNTIL, pa.timestamp("us", "UTC")))
    result = backtest(
        data.filter(pa.compute.invert(before)),
        reference=data.filter(before),
        time="time",
        bucket="1h",
    )
    assert result.incidents == run(data).incidents
    assert result.evidence == run(data).evidence


def test_buckets_of_rows_need_no_time(tmp_path: Path) -> None:
    data = table().drop_columns(["time"])
    reference = data.slice(0, 6000)
    result = backtest(data.slice(6000), reference=reference, bucket="100rows")
    assert result.budget == "1 per 720 buckets"
    assert result.buckets == 21
    assert result.starts == (None,) * 21
    assert result.incidents[0].streams[0].column == "x"
    assert 12 <= result.incidents[0].opened_bucket <= 14


def test_what_is_left_out_is_said() -> None:
    result = run(ignore=["x"], columns=["x", "y"])
    assert result.ignored["x"] == "left out as asked"
    assert result.ignored["score"] == "not among the columns asked for"
    assert {c.name for c in result.columns} == {"y"}
    assert result.incidents == ()


def test_a_segment_is_watched_by_itself() -> None:
    data = table(shift=0.0)
    x = data.column("x").to_numpy().copy()
    x[(np.arange(len(x)) % 2 == 1) & (np.arange(len(x)) >= 240 * 30)] += 2.0
    data = data.set_column(data.schema.get_field_index("x"), "x", pa.array(x))
    incident, *_ = run(data, segment_by="region").incidents
    named = {(s.column, s.segment) for s in incident.streams}
    assert ("x", "region=south") in named
    assert ("x", "region=north") not in named


def test_too_short_a_reference_is_inconclusive() -> None:
    result = run(reference_until=START + timedelta(hours=5))
    assert not result.conclusive
    assert result.not_enough_data[0].subject == "the reference"


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"reference_until": None}, SettingsError, "what normal looks like"),
        ({"reference": "x.parquet"}, SettingsError, "one of the two"),
        ({"time": None}, SettingsError, "buckets of 1h need the time column"),
        ({"time": None, "bucket": "100rows"}, SettingsError, "name the time column too"),
        ({"bucket": "1 fortnight"}, SettingsError, "'1 fortnight' is not understood"),
        ({"budget": "few"}, SettingsError, "budget 'few'"),
        ({"season": "automatic"}, SettingsError, "Did you mean 'auto'"),
        ({"holidays": "USA1"}, SettingsError, "holidays of 'USA1'"),
        ({"holidays": "US-XX"}, SettingsError, "holidays of 'US-XX'"),
        ({"timezone": "Europe/Zurih"}, SettingsError, "Europe/Zurich"),
        ({"columns": ["xx"]}, DataError, "no column 'xx'"),
        ({"ignore": ["regionn"]}, DataError, "Did you mean 'region'"),
        ({"segment_by": "regon"}, DataError, "Did you mean 'region'"),
        ({"weights": {"z": 2.0}}, DataError, "no column 'z'"),
        ({"time": "when"}, UsageError, "when"),
        ({"reference_until": "yesterday"}, UsageError, "yesterday"),
        ({"reference_until": START}, DataError, "within, with enough data before it"),
        ({"reference_until": START + timedelta(days=99)}, DataError, "but the data goes from"),
    ],
)
def test_a_wrong_setting_is_told(
    settings: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        run(**settings)


def thinned(table: pa.Table, least: int, most: int) -> pa.Table:
    """Keep from ``least`` to ``most`` rows of the 30 of each hour."""
    kept = np.random.default_rng(7).integers(least, most + 1, table.num_rows // 30)
    return table.filter(pa.array(np.arange(table.num_rows) % 30 < np.repeat(kept, 30)))


def test_a_constant_column_is_no_news_when_fewer_rows_come() -> None:
    whole = pa.concat_tables([thinned(rows(0, 240), 15, 30), thinned(rows(240, 340), 1, 4)])
    whole = whole.append_column("plan", pa.array(["free"] * whole.num_rows))
    whole = whole.append_column("failed", pa.array([False] * whole.num_rows))
    result = run(whole, columns=["plan", "failed"], season="none")
    assert result.incidents == ()
