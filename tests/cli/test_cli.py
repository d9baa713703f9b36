"""The command line as a whole: start-up, help, errors and exit codes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from watchkeeper import errors
from watchkeeper.cli import app
from watchkeeper.cli.exit_codes import exit_code
from watchkeeper.cli.help_text import help_text

WATCHKEEPER = Path(sys.executable).with_name("watchkeeper")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([WATCHKEEPER, *words], capture_output=True, text=True)


def test_version_is_that_of_the_package() -> None:
    assert run("--version").stdout == f"watchkeeper {version('watchkeeper')}\n"


def test_help_loads_no_heavy_library() -> None:
    script = (
        "import sys; from watchkeeper.cli import app; app(['--help'], standalone_mode=False);"
        "heavy = {'numpy', 'pyarrow', 'duckdb', 'scipy', 'sqlalchemy', 'httpx', 'rich'};"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.endswith("loaded: []\n"), done.stdout + done.stderr


def test_help_is_there_at_once() -> None:
    seconds = []
    for _ in range(3):
        began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        assert run("--help").returncode == 0
        seconds.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began)
    # 0.1 s on an idle core; of a busy one, what others take does not count.
    assert min(seconds) < 0.5


def test_no_verb_shows_the_help_and_is_wrong_use() -> None:
    done = run()
    assert done.returncode == 2
    assert "Usage: watchkeeper" in done.stdout + done.stderr


def test_an_unknown_verb_names_the_nearest_one() -> None:
    done = run("serv")
    assert done.returncode == 2
    assert "serve" in done.stderr


def test_an_unknown_option_names_the_nearest_one() -> None:
    done = run("serve", "--prt", "1", "store")
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_an_error_is_one_message_without_a_traceback(tmp_path: Path) -> None:
    done = run("serve", str(tmp_path / "store"), "--host", "0.0.0.0")  # noqa: S104 - refused
    assert done.returncode == 2
    assert done.stderr.startswith("watchkeeper: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SettingsError("x"), 2),
        (errors.DataError("x"), 2),
        (errors.RecordError("x"), 2),
        (errors.StoreError("x"), 2),
        (errors.MissingExtraError("x"), 2),
        (errors.NotEnoughDataError("x"), 3),
        (errors.BusyError("x"), 4),
        (errors.UnreachableError("x"), 4),
    ],
)
def test_every_error_has_an_exit_code_that_says_what_to_do(
    error: errors.WatchkeeperError, code: int
) -> None:
    assert exit_code(error) == code


def test_examples_in_the_help_keep_their_lines() -> None:
    def look() -> None:
        """Look.

        Examples:

            watchkeeper look a
            watchkeeper look b
        """

    assert "\n\n\b\n    watchkeeper look a\n    watchkeeper look b" in help_text(look)


def test_every_verb_s_help_fits_a_terminal_of_eighty_columns() -> None:
    verbs = list(typer.main.get_command(app).commands)
    assert "serve" in verbs
    for verb in verbs:
        shown = CliRunner().invoke(app, [verb, "--help"], terminal_width=80)
        assert shown.exit_code == 0
        assert [line for line in shown.stdout.splitlines() if len(line) > 80] == [], verb


def test_completion_of_the_shell_is_offered() -> None:
    shell = {**os.environ, "SHELL": "/bin/bash", "_WATCHKEEPER_COMPLETE": "source_bash"}
    done = subprocess.run([WATCHKEEPER], capture_output=True, text=True, env=shell)
    assert done.returncode == 0
    assert "complete -o default -F _watchkeeper_completion watchkeeper" in done.stdout


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("a,b\n" + "".join(f"{i % 7},{i % 5}\n" for i in range(400)), encoding="utf-8")
    out = str(tmp_path / "nowhere" / "report.json")
    done = run(
        "backtest",
        str(rows),
        "--reference",
        str(rows),
        "--bucket",
        "20rows",
        "--budget",
        "1 per 100 buckets",
        "--format",
        "json",
        "--out",
        out,
    )
    assert done.returncode == 2
    assert done.stderr.endswith(f"watchkeeper: No such file or directory: {out}\n")
