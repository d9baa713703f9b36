"""Every wrong setting is told with its line, its value and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.config import load
from watchkeeper.errors import SettingsError

SAID = [
    ("model: a\nseson: auto", ":2: there is no setting 'seson'. Did you mean 'season'?"),
    ("season: Auto", ":1: season is 'Auto'. Did you mean 'auto'?"),
    ("columns:\n  a:\n    type: numbr", ":3: columns.a.type is 'numbr'. Did you mean 'number'?"),
    ("columns:\n  a:\n    role: id", ":2: columns.a.type is missing"),
    (
        "columns:\n  a: {type: number, rol: id}",
        "no setting 'rol' in columns.a. Did you mean 'role'",
    ),
    (
        "columns: {a: {type: number, minimum: 3, maximum: 1}}",
        "minimum is 3, above the maximum of 1",
    ),
    ("columns: {a: {type: text, minimum: 3}}", "is for numbers, but the type is 'text'"),
    ("columns: {a: {type: number, minimum: .nan}}", "minimum is not a number"),
    ("columns: {a: {type: number, categories: [x]}}", "but the type is 'number'"),
    ("columns: {a: {type: category, categories: []}}", "categories is empty"),
    ("columns: {a: {type: category, categories: [x, x]}}", "names 'x' 2 times"),
    ("columns: {a: {type: category, categories: [1]}}", "is 1, but must be text; put quotes"),
    ("columns: {a: {type: number, nullable: yes}}", "nullable is 'yes'; it must be true or false"),
    ("columns: {a: {type: number, minimum: low}}", "minimum is 'low'; it must be a number"),
    ("columns: [a, b]", "columns is a list; it must be a mapping"),
    (
        "columns: {a: {type: datetime, role: time}, b: {type: datetime, role: time}}",
        "columns.b.role is 'time', as is that of 'a'",
    ),
    ("time: b\ncolumns: {a: {type: datetime, role: time}}", "time is 'b', but columns.a.role"),
    ("columns: {abc: {type: number}}\nweights: {abd: 1}", ":2: weights.abd is for a column that"),
    ("weights: {a: 0}", "weights.a is 0; a weight is above 0"),
    ("weights: {a: .inf}", "weights.a is inf; a weight is above 0"),
    ("baseline: {until: 2013-01-01, file: x.csv}", "baseline.file and baseline.until are both set"),
    ("baseline: {until: soon}", "baseline.until is 'soon'; it must be a date or time, such as"),
    ("baseline: soon", "baseline is 'soon'; it must be a mapping"),
    ("bucket: 1 fortnight", "bucket is '1 fortnight'; write a length of time"),
    ("bucket: 1000", "bucket is 1000, but must be text; put quotes around it: '1000'"),
    ("budget: often", "budget is 'often'; write a number of false alarms per span"),
    ("budget: 1 per 99999999999d", "longer than time can be counted"),
    (
        "privacy:\n  drop: [prediction_id]",
        ":2: privacy.drop[0] is 'prediction_id'",
    ),
    ("privacy: {hash: [time]}", "A feature is 'feature:time'"),
    ("privacy: {hash: [a], drop: [a]}", "privacy.drop[0] names 'a' again; one column is"),
    ("privacy: {hash: [a], drop: ['tag:a']}", "privacy.drop[0] names 'tag:a' again"),
    ("privacy: {mask: {a: {keep_last: -1}}}", "privacy.mask.a keeps fewer than no characters"),
    ("privacy: {mask: {a: {keep: domain, keep_last: 1}}}", "keeps the domain and a number"),
    ("privacy: {mask: {a: {keep: name}}}", "privacy.mask.a.keep is 'name'"),
    ("privacy: {drop: ['feature:']}", "is a column without a name"),
    ("objectives: [{kind: uptime, target: 0.9}]", "objectives[0].kind is 'uptime'"),
    ("objectives: [{kind: availability, target: 99.9}]", "target is 99.9; write a share above 0"),
    ("objectives: [{kind: latency, target: 0.9}]", "threshold_seconds is missing; a latency needs"),
    (
        "objectives: [{kind: availability, target: 0.9, threshold_seconds: 1}]",
        "threshold_seconds is of no use for an availability",
    ),
    (
        "objectives: [{kind: latency, target: 0.9, threshold_seconds: 0}]",
        "threshold_seconds is 0; write seconds above 0",
    ),
    ("objectives: [{kind: availability, target: 0.9, window: 1h}]", "window is '1h'; write 1d to"),
    ("objectives: [{kind: availability, target: 0.9, window: x}]", "window is 'x'; write 1d to"),
    ("objectives: [{kind: availability, target: 0.9, name: ' '}]", "name is empty; write one"),
    (
        "objectives:\n- {kind: availability, target: 0.9}\n- {kind: availability, target: 0.8}",
        ":3: objectives[1].name is 'availability', as another one's",
    ),
    ("costs: {month_budget_usd: 0}", "costs.month_budget_usd is 0; write dollars above 0"),
    ("costs: {prices: [{version: v1}]}", "costs.prices[0] has no price; name one of"),
    (
        "costs: {prices: [{per_million_usd: {chars: -4}}]}",
        "costs.prices[0].per_million_usd.chars is -4; write dollars, 0 or more",
    ),
    ("quality: {threshold: 2}", "quality.threshold is 2; write a probability, 0 to 1"),
    ("quality: {metrics: [brie]}", "quality.metrics[0] is 'brie', which is no metric. Did"),
    ("quality: {tolerance: -1}", "quality.tolerance is -1; write a number, 0 or more"),
    ("quality: {loss: cost}", "quality.loss is 'cost', and there is no cost_matrix; write one"),
    ("quality: {top_k: 0}", "quality.top_k is 0; write 1 or more places"),
    ("quality: {catalogue: 0}", "quality.catalogue is 0; write 1 or more items"),
    ("quality: {gains: {click: -1}}", "quality.gains.click is -1; write a number, 0 or more"),
    ("quality: {cost_matrix: [[0, 1], [2]]}", "quality.cost_matrix[1] has 1 costs; write 2"),
    ("business: [{name: a}]", "business[0] 'a' must have either ready or sql"),
    ("business: [{name: a, ready: revenue}, {name: a, ready: revenue}]", "business[1].name is"),
    ("costs: {tokens: {model: llm, input: a}}", "costs.tokens.output is missing"),
    ("retention: {events: soon}", "retention.events is 'soon'; write a number and a unit"),
    ("retention: {events: 9d, profiles: 1d}", "but events are kept longer (9d)"),
    ("lateness: soon", "lateness is 'soon'; write a number and a unit"),
    ("holidays: us", "holidays is 'us'. Did you mean 'US'?"),
    ("holidays: US-XX", "US has no region 'XX'"),
    (
        "timezone: america/new york",
        "timezone is 'america/new york'. Did you mean 'America/New_York'",
    ),
    ("timezone: Europe/Zurch", "Did you mean 'Europe/Zurich'?"),
    ("import:\n  timezone: Europe/Zurch", ":2: import.timezone is 'Europe/Zurch'. Did you mean"),
    ("import: {lable: y}", "there is no setting 'lable' in import. Did you mean 'label'?"),
    ("import: {kind: outcomes}", "import.kind is 'outcomes'. Did you mean 'outcome'?"),
    (
        "events:\n- {name: sale, from: 2013-12-02, until: 2013-12-02}",
        ":2: events[0].until is '2013-12-02', which is not after from",
    ),
    (
        "events: [{name: sale, from: 2013-13-02, until: 2014-01-01}]",
        "events[0].from is '2013-13-02'",
    ),
    ("ignore: c", "ignore is 'c'; it must be a list"),
    ("ignore: [[c]]", "ignore[0] is a list; it must be text"),
    ("model: two words", "model is 'two words'; a name is"),
    ("model: a\ntime: b\nmodel: c", ":3: model is set twice; it is also set in line 1"),
    ("model: a\n\ttime: b", ":2: there is a tab; YAML is indented with spaces only"),
    ("- a\n- b", ":1: settings are lines of 'key: value', not a list"),
    ("just words", "not 'just words'"),
    ("model: [a", "this is no YAML"),
    ("model: *there", "this is no YAML"),
    ("a: 1\n---\nb: 2", "a second document begins here"),
    ("? [a]\n: b", "a name was expected before the colon"),
    ("model: \x07", "the character '\\x07' may not stand in YAML"),
    ("model: " + "[" * 5000, "nested too deeply"),
]


@pytest.mark.parametrize(("text", "said"), SAID, ids=range(len(SAID)))
def test_a_wrong_setting_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "watchkeeper.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(path, {})
    assert f"{path}:" in str(caught.value)
    assert said in str(caught.value)


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "watchkeeper.yaml"
    path.write_text("budget: often\nseson: auto\ncolumns:\n  a: {type: numbr}\nbucket: 5 years\n")
    with pytest.raises(SettingsError) as caught:
        load(path, {})
    lines = str(caught.value).splitlines()
    assert lines[0] == "4 settings cannot be used:"
    assert [line.split(":")[1] for line in lines[1:]] == ["1", "2", "4", "5"]


def test_bytes_that_are_no_utf_8_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "watchkeeper.yaml"
    path.write_bytes(b"model: a\ntime: caf\xe9\n")
    with pytest.raises(SettingsError, match=r"yaml:2: the byte 0xe9 is no UTF-8"):
        load(path, {})


WORDS = [
    "model",
    "columns",
    "events",
    "import",
    "a",
    "!!int",
    "1e999",
    "2013-01-01",
    ".nan",
    "<<",
    "type:number",
]
MARKS = [": ", "\n", "  ", "- ", "&x ", "*x", "\t", *"{}[]'\",|?"]
PIECES = st.sampled_from([*WORDS, *MARKS])


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60) | st.binary(max_size=60))
def test_whatever_stands_there_is_settings_or_a_settings_error(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    try:
        load(path, {})
    except SettingsError as error:
        assert "fuzzed.yaml:" in str(error)
