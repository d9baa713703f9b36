from __future__ import annotations

import json

import msgspec

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report import to_json


def test_the_json_has_what_scripts_were_promised(result: BacktestResult) -> None:
    read = json.loads(to_json(result))
    assert read["buckets"] == 230
    assert read["budget"] == "1 per 30d"
    assert read["false_alarm_budget_buckets"] == 30.0
    first = read["incidents"][0]
    assert (first["opened_bucket"], first["closed_bucket"], first["kind"]) == (87, 103, "sudden")
    assert first["opened_at"] == "2013-06-28T04:00:00Z"
    assert first["streams"][0]["column"] == "arr_delay"
    assert first["streams"][0]["effect"]["psi"] == 0.42
    assert read["not_enough_data"][0]["need"] == "one year"


def test_it_reads_back_as_the_same_result(result: BacktestResult) -> None:
    assert msgspec.json.decode(to_json(result), type=BacktestResult) == result


def test_it_is_one_line(hostile: BacktestResult) -> None:
    text = to_json(hostile)
    assert text.endswith(b"}\n")
    assert text.count(b"\n") == 1
