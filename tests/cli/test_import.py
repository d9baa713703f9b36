from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nursery import run
from watchkeeper.cli import app
from watchkeeper.errors import UsageError
from watchkeeper.store import Store

CSV = """id,at,score,y,country,age
1,2024-01-01 00:00,0.5,1,CH,30
2,2024-01-01 01:00,0.6,0,CH,31
"""
MAPPED = ["--id", "id", "--time", "at", "--output", "score", "--label", "y", "--tag", "country"]


def watchkeeper(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run("import", *words, cwd=folder)


def test_a_clean_file_is_imported_and_the_exit_code_is_0(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    done = watchkeeper(tmp_path, "a.csv", "--store", "store", "--model", "m", *MAPPED)
    assert (done.returncode, done.stderr) == (0, "Importing ...\n")
    assert done.stdout == (
        "Imported 2 predictions of model 'm'.\nWith 2 outcomes from their labels.\n"
    )
    assert not (tmp_path / "a.rejects.jsonl").exists()
    with Store.open(tmp_path / "store") as store:
        assert store.predictions("m")["label"].to_pylist() == [1, 0]


def test_bad_rows_go_to_a_file_and_the_exit_code_is_1(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV + "3,2024-01-01 02:00,0.6\n4,2924-01-01,0.6,0,CH,31\n")
    words = ["a.csv", "--store", "store", "--model", "m", *MAPPED]
    for rejects in ([], ["--rejects", "aside.jsonl"]):
        done = watchkeeper(tmp_path, *words, *rejects)
        assert done.returncode == 1
        name = "aside.jsonl" if rejects else "a.rejects.jsonl"
        assert f"Set aside in {name}, each with its reason: 2 rows." in done.stdout
        lines = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
        assert [(one["file"], one["row"], one["column"]) for one in lines] == [
            ("a.csv", 3, None),
            ("a.csv", 4, "at"),
        ]
        assert lines[0]["raw"] == "3,2024-01-01 02:00,0.6"
    assert "Already in the store and left as it is: 4 records." in done.stdout


def test_a_dry_run_shows_the_columns_and_makes_no_store(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    done = watchkeeper(tmp_path, "a.csv", "--model", "m", *MAPPED, "--dry-run")
    assert done.returncode == 0
    assert "Dry run: would import 2 predictions" in done.stdout
    assert "  score    output\n" in done.stdout
    assert "  country  tag country\n" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_settings_name_model_store_and_columns_and_options_win(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "watchkeeper.yaml").write_text(
        "model: m\ntime: at\nstore: kept\n"
        "import:\n  id: id\n  output: age\n  label: y\n  tags: [country]\n"
    )
    words = ["--config", str(tmp_path / "watchkeeper.yaml"), "--output", "score"]
    result = CliRunner().invoke(app, ["import", str(tmp_path / "a.csv"), *words])
    assert result.exception is None
    with Store.open(tmp_path / "kept") as store:
        table = store.predictions("m")
    assert table["output"].to_pylist() == [0.5, 0.6]
    assert table["tag:country"].to_pylist() == ["CH", "CH"]
    assert table["label"].to_pylist() == [1, 0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--store", "s"], "Name it with --model NAME"),
        (["--model", "m"], "Name a folder with --store STORE"),
        (["--store", "s", "--model", "m"], "Name it with --time COLUMN"),
        (["--store", "s", "--model", "m", "--time", "att"], "Did you mean 'at'?"),
        (
            ["--store", "s", "--model", "m", "--time", "at", "--timezone", "Europe/Bern"],
            "A time zone like 'Europe/Zurich' was expected, not 'Europe/Bern'",
        ),
        (
            ["--store", "s", "--model", "m", "--time", "at", "--rejects", "a.csv"],
            "set rows aside in another file",
        ),
    ],
)
def test_wrong_use_says_what_would_be_right(tmp_path: Path, words: list[str], message: str) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    words = [str(tmp_path / word) if word in ("s", "a.csv") else word for word in words]
    result = CliRunner().invoke(app, ["import", str(tmp_path / "a.csv"), *words])
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)
    assert (tmp_path / "a.csv").read_text() == CSV


def test_a_missing_file_names_the_nearest_and_the_exit_code_is_2(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    done = watchkeeper(tmp_path, "b.csv", "--store", "s", "--model", "m")
    assert done.returncode == 2
    assert "b.csv does not exist. Did you mean 'a.csv'?" in done.stderr
    assert "Traceback" not in done.stderr
