"""``watchkeeper backtest`` for scripts: output and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from pipeline.backtesting.labelled import predictions
from pipeline.watched_store import START, rows
from watchkeeper.cli import app
from watchkeeper.errors import DataError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    quiet = rows(0, 250)
    pq.write_table(quiet, made / "quiet.parquet")
    pq.write_table(pa.concat_tables([quiet, rows(250, 270, shift=2)]), made / "shift.parquet")
    return made


def run(folder: Path, *words: str) -> Result:
    until = START.replace(day=9, hour=8).isoformat()
    fixed = ["--time", "time", "--reference-until", until, "--bucket", "1h"]
    words = tuple(str(folder / w) if w.endswith(".parquet") else w for w in words)
    return CliRunner().invoke(app, ["backtest", *fixed, *words])


def test_exit_0_says_that_no_incident_is_open(folder: Path) -> None:
    done = run(folder, "quiet.parquet", "--format", "json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["incidents"] == []


def test_exit_1_says_that_an_incident_is_open(folder: Path) -> None:
    done = run(folder, "shift.parquet", "--format", "json")
    assert done.exit_code == 1
    [incident, *_] = json.loads(done.stdout)["incidents"]
    assert incident["streams"][0]["column"] == "feature:x"


def test_exit_3_says_that_there_is_not_enough_data(folder: Path) -> None:
    done = run(folder, "quiet.parquet", "--reference-until", "2024-01-01T04:00Z")
    assert done.exit_code == 3
    assert "at least 8" in " ".join(done.stdout.split())


def test_the_table_names_the_column(folder: Path) -> None:
    done = run(folder, "shift.parquet")
    assert done.exit_code == 1
    assert "feature:x" in done.stdout


@pytest.mark.parametrize(
    ("output_format", "begins"), [("json", "{"), ("html", "<!"), ("table", "")]
)
def test_the_result_may_go_to_a_file(
    folder: Path, tmp_path: Path, output_format: str, begins: str
) -> None:
    out = tmp_path / "out"
    done = run(folder, "shift.parquet", "--format", output_format, "--out", str(out))
    assert done.exit_code == 1
    text = out.read_text(encoding="utf-8")
    assert text.lstrip().startswith(begins)
    assert "feature:x" in text
    assert f"written to {out}" in done.stderr.replace("\n", "")


def test_an_option_wins_over_the_file(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "watchkeeper.yaml"
    config.write_text("bucket: 1d\nbudget: 1 per 10d\n")
    done = run(folder, "quiet.parquet", "--config", str(config), "--format", "json")
    told = json.loads(done.stdout)
    assert (told["bucket"], told["budget"]) == ("1h", "1 per 10d")


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("labelled")
    pq.write_table(predictions(broken_from=120), made / "shop.parquet")
    (made / "watchkeeper.yaml").write_text(
        "time: time\nbucket: 1h\nbaseline: {until: 2024-01-05T04:00Z}\n"
        "columns:\n  x: {type: number}\n  score: {type: number, role: prediction}\n"
        "  bought: {type: boolean, role: label}\n"
        "quality: {metrics: [accuracy, brier]}\n"
    )
    return made


def measured(folder: Path, *words: str) -> dict[str, Any]:
    fixed = ["backtest", str(folder / "shop.parquet"), "--no-estimates", "--format", "json"]
    done = CliRunner().invoke(app, [*fixed, *words])
    assert done.exit_code == 1, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_options_name_output_and_label(labelled: Path) -> None:
    named = ["--output", "score", "--label", "bought", "--entity", "user", "--no-explain"]
    spans = ["--time", "time", "--reference-until", "2024-01-05T04:00Z", "--bucket", "1h"]
    found = measured(labelled, *spans, *named)
    assert found["performance"]["task"] == "binary"
    assert found["incidents"][-1]["cause"] == "concept"
    assert found["performance"]["explanations"] == []


def test_settings_name_output_and_label_by_their_roles(labelled: Path) -> None:
    found = measured(labelled, "--config", str(labelled / "watchkeeper.yaml"))
    performance = found["performance"]
    assert (performance["output"], performance["label"]) == ("score", "bought")
    assert [one["name"] for one in performance["metrics"]] == ["brier", "accuracy"]
    assert "bought" in found["ignored"]
    assert performance["explanations"][0]["conclusions"]


def test_a_label_in_the_settings_without_an_output_changes_nothing(labelled: Path) -> None:
    settings = labelled / "no-output.yaml"
    text = (labelled / "watchkeeper.yaml").read_text().replace(", role: prediction", "")
    settings.write_text(text)
    fixed = ["backtest", str(labelled / "shop.parquet"), "--format", "json"]
    done = CliRunner().invoke(app, [*fixed, "--config", str(settings)])
    found = json.loads(done.stdout)
    assert "performance" not in found
    assert "bought" in {one["name"] for one in found["columns"]}


def test_a_label_that_does_not_exist_is_refused_with_the_nearest(labelled: Path) -> None:
    words = ["--time", "time", "--reference-until", "2024-01-05", "--label", "bougt"]
    done = CliRunner().invoke(app, ["backtest", str(labelled / "shop.parquet"), *words])
    assert isinstance(done.exception, DataError)
    assert "'bought'" in str(done.exception)
