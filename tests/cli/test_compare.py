"""``compare`` and ``profile`` as the shell sees them: a process, its exit codes and its forms."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nursery import run

ROWS = 2_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for name, shift, rows in [
        ("ref", 0.0, ROWS),
        ("same", 0.0, ROWS),
        ("moved", 0.5, ROWS),
        ("few", 0, 8),
    ]:
        columns = {"x": rng.normal(shift, 1, rows), "k": rng.choice(["a", "b"], rows)}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    return folder


@pytest.mark.parametrize(("current", "code"), [("same", 0), ("moved", 1), ("few", 3)])
def test_exit_codes_say_what_was_found(files: Path, current: str, code: int) -> None:
    done = run("compare", files / "ref.parquet", files / f"{current}.parquet", "--format", "json")
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    assert found["dataset"]["drifted"] == (code == 1)
    assert found["dataset"]["inconclusive"] == (code == 3)
    assert set(found["columns"]["x"]["distances"]) >= {
        "psi",
        "jensen_shannon",
        "hellinger",
        "wasserstein",
        "kolmogorov_smirnov",
        "chi_square",
        "total_variation",
    }
    assert {"type", "drifted", "p_value", "adjusted_p_value", "effect", "quality"} <= set(
        found["columns"]["x"]
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ref.parquet", "nothing.parquet"], "nothing.parquet"),
        (["ref.parquet", "same.parquet", "--rule", "ksi > 1"], "Did you mean 'psi'"),
        (["ref.parquet", "same.parquet", "--columns", "y"], "no column 'y'"),
        (["ref.parquet", "same.parquet", "--format", "pdf"], "html"),
        (["ref.parquet"], "CUR"),
    ],
)
def test_wrong_use_exits_with_2_and_one_message(files: Path, words: list[str], said: str) -> None:
    paths = [str(files / word) if word.endswith(".parquet") else word for word in words]
    done = run("compare", *paths)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_every_form_can_be_written(files: Path, tmp_path: Path) -> None:
    both = (files / "ref.parquet", files / "moved.parquet")
    for form in ("table", "json", "html", "markdown", "junit"):
        done = run("compare", *both, "--format", form, "--out", tmp_path / form)
        assert done.returncode == 1, done.stderr
        assert done.stdout == ""
        assert "x" in (tmp_path / form).read_text()
    assert ET.parse(tmp_path / "junit").getroot().get("failures") not in {None, "0"}  # noqa: S314 - our own file


def test_a_saved_profile_is_as_good_as_its_rows(files: Path, tmp_path: Path) -> None:
    saved = tmp_path / "ref.wkprofile"
    done = run("profile", files / "ref.parquet", "--out", saved)
    assert done.returncode == 0, done.stderr
    assert "2 columns of 2,000 rows" in done.stderr
    assert run("compare", saved, files / "same.parquet").returncode == 0
    assert run("compare", saved, files / "moved.parquet").returncode == 1


def test_pandas_is_not_loaded(files: Path) -> None:
    code = (
        "import sys; from watchkeeper.cli import app\n"
        f"try: app(['compare', {str(files / 'ref.parquet')!r}, {str(files / 'same.parquet')!r}])\n"
        "except SystemExit: pass\n"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_checks_are_read_from_a_file(files: Path, tmp_path: Path) -> None:
    checks = tmp_path / "checks.yaml"
    checks.write_text("checks:\n  - {check: range, column: x, maximum: 1}\n")
    both = (files / "ref.parquet", files / "same.parquet")
    done = run("compare", *both, "--checks", checks, "--format", "json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert (found["dataset"]["verdict"], found["dataset"]["drifted"]) == ("failed", False)
    [check] = found["checks"]
    assert check["failed_rows"] > 0
    assert len(check["examples"]) == 5
    checks.write_text("checks:\n  - {check: rnage, column: x}\n")
    wrong = run("compare", *both, "--checks", checks)
    assert wrong.returncode == 2
    assert "range" in wrong.stderr and "2" in wrong.stderr


def test_worse_predictions_are_told_by_the_settings_of_the_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    said = rng.random(3_000) < 0.5
    for name, wrong in (("before", 0.1), ("after", 0.3)):
        truth = said ^ (rng.random(3_000) < wrong)
        pq.write_table(pa.table({"said": said, "came": truth}), tmp_path / f"{name}.parquet")
    settings = tmp_path / "watchkeeper.yaml"
    settings.write_text("import: {output: said, label: came}\nquality: {metrics: [accuracy]}\n")
    sides = [tmp_path / "before.parquet", tmp_path / "after.parquet"]
    done = run("compare", *sides, "--config", settings, "--format", "json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["dataset"]["verdict"] == "worse"
    assert list(found["performance"]["metrics"]) == ["accuracy"]
