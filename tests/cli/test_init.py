"""`watchkeeper init`: from a data set to settings that a backtest takes."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

import nursery
from watchkeeper.config import SCHEMA_FILE, json_schema, load


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return nursery.run(*arguments, cwd=folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Half a year of flights, 5 an hour; from the middle of June on they are late."""
    rng = np.random.default_rng(3)
    rows = 180 * 24 * 5
    start = datetime(2013, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=i // 5) for i in range(rows)]
    late = np.array([30.0 * (hour >= datetime(2013, 6, 15, tzinfo=UTC)) for hour in hours])
    table = pa.table(
        {
            "year": [hour.year for hour in hours],
            "month": [hour.month for hour in hours],
            "dep_delay": (rng.normal(12, 40, rows) + late).round(),
            "carrier": rng.choice(["UA", "AA", "DL", "B6"], rows, p=[0.4, 0.3, 0.2, 0.1]),
            "tailnum": [f"N{n}" for n in rng.integers(0, 3_000, rows)],
            "origin": rng.choice(["EWR", "JFK", "LGA"], rows),
            "hour": [hour.hour for hour in hours],
            "time_hour": pa.array(hours, pa.timestamp("s", "UTC")),
        }
    )
    pa_csv.write_csv(table, tmp_path / "flights.csv")
    return tmp_path


def test_what_init_writes_a_backtest_takes(folder: Path) -> None:
    written = run(folder, "init", "flights.csv")
    assert written.returncode == 0, written.stderr
    shown = next(line for line in written.stdout.splitlines() if "watchkeeper backtest" in line)
    tested = run(folder, *shown.split()[1:], "--format", "json")
    assert tested.returncode == 1, tested.stderr
    result = json.loads(tested.stdout)
    assert result["bucket"] == "1d"
    columns = {stream["column"] for one in result["incidents"] for stream in one["streams"]}
    assert "dep_delay" in columns
    assert {"year", "month", "hour"} <= set(result["ignored"])


def test_the_comments_say_what_was_seen(folder: Path) -> None:
    run(folder, "init", "flights.csv", "--model", "flights-delay")
    lines = (folder / "watchkeeper.yaml").read_text(encoding="utf-8").splitlines()
    about = {line.split(":")[0].strip(): line for line in lines if ": {type:" in line}
    assert "4 different; such as UA, AA, DL, B6" in about["carrier"]
    assert "it repeats the hour of the time" in about["hour"]
    assert "role: time" in about["time_hour"]
    assert "model: flights-delay" in lines
    assert load(folder / "watchkeeper.yaml", {}).time == "time_hour"


def test_editors_find_the_schema_beside_the_settings(folder: Path) -> None:
    run(folder, "init", "flights.csv", "--out", "settings/flights.yaml")
    first = (folder / "settings" / "flights.yaml").read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert named == SCHEMA_FILE
    assert json.loads((folder / "settings" / named).read_text(encoding="utf-8")) == json_schema()


def test_settings_that_are_there_are_kept_unless_forced(folder: Path) -> None:
    path = folder / "watchkeeper.yaml"
    path.write_text("model: mine\n", encoding="utf-8")
    refused = run(folder, "init", "flights.csv")
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert path.read_text(encoding="utf-8") == "model: mine\n"
    assert run(folder, "init", "flights.csv", "--force").returncode == 0
    assert "time: time_hour" in path.read_text(encoding="utf-8")


def test_the_schema_can_be_printed_without_data(tmp_path: Path) -> None:
    printed = run(tmp_path, "init", "--print-schema")
    assert json.loads(printed.stdout) == json_schema()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "watchkeeper init DATA"),
        (["flights.csvv"], "flights.csv"),
        (["flights.csv", "--time", "time_our"], "Did you mean 'time_hour'?"),
        (["flights.csv", "--model", "two words"], "--model is 'two words'"),
    ],
)
def test_wrong_use_is_told(folder: Path, arguments: list[str], said: str) -> None:
    ran = run(folder, "init", *arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (folder / "watchkeeper.yaml").exists()
