"""The README's quick start does what it says, on a data set like a reader's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.M | re.S)
    assert found, f"the README has no section {title!r}"
    return found[1]


def shown_commands(title: str) -> list[str]:
    block = "".join(re.findall(r"^```console\n(.*?)^```$", section(title), re.M | re.S))
    joined = block.replace("\\\n", " ")
    return [line[2:] for line in joined.splitlines() if line.startswith("$ ")]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True
    )


def write_predictions(path: Path, *, older_from: datetime) -> None:
    """Four months of a churn model, six rows an hour; the customers get older at the end."""
    rng = np.random.default_rng(7)
    start, hours, per_hour = datetime(2025, 1, 1, tzinfo=UTC), 120 * 24, 6
    times = [
        start + timedelta(hours=hour, minutes=10 * part)
        for hour in range(hours)
        for part in range(per_hour)
    ]
    age = rng.normal(42, 9, len(times)) + np.array([8.0 * (t >= older_from) for t in times])
    table = {
        "prediction_id": [f"p{i}" for i in range(len(times))],
        "predicted_at": pa.array(times, pa.timestamp("us", "UTC")),
        "age": age.round(1),
        "plan": rng.choice(["free", "pro", "team"], len(times), p=[0.6, 0.3, 0.1]),
        "minutes": rng.gamma(2.0, 20.0, len(times)).round(2),
        "score": rng.beta(2, 5, len(times)).round(4),
        "churned": rng.random(len(times)) < 0.2,
    }
    pq.write_table(pa.table(table), path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader stands who has data and ran the first command."""
    folder = tmp_path_factory.mktemp("reader")
    write_predictions(folder / "predictions.parquet", older_from=datetime(2025, 4, 20, tzinfo=UTC))
    ran = run(shown_commands("Sixty seconds")[0], folder)
    assert ran.returncode == 0, ran.stderr
    assert (folder / "watchkeeper.yaml").exists()
    return folder


def test_the_quick_start_works_and_finds_what_happened(folder: Path) -> None:
    shown, written = (run(command, folder) for command in shown_commands("Sixty seconds")[1:])
    assert "age" in shown.stdout, shown.stderr
    assert shown.returncode == 1, "the customers are still older at the end"
    assert written.returncode == 1, written.stderr
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")


def test_the_client_example_keeps_the_prediction_and_its_outcome(tmp_path: Path) -> None:
    example = "".join(
        re.findall(r"^```python\n(.*?)^```$", section("Watch a live model"), re.M | re.S)
    )
    look = """
from watchkeeper.store import Store
with Store.open("store", create=False) as store:
    rows = store.predictions("churn").to_pylist()
assert [(row["feature:plan"], row["label"]) for row in rows] == [("pro", False)], rows
"""
    script = tmp_path / "service.py"
    script.write_text(example + look, encoding="utf-8")
    done = run(f"python {script}", tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_live_commands_tell_of_it_and_replay_it(folder: Path) -> None:
    told = ""
    for command in shown_commands("Watch a live model"):
        ran = run(command, folder)
        assert ran.returncode in {0, 1}, f"{command}\n{ran.stdout}{ran.stderr}"
        told += ran.stdout + ran.stderr
    assert "age rose by" in told
    assert "the same as stored" in told
