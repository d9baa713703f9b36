"""Incidents are seen and decided about on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.watched_store import MODEL, NOW, REFERENCE_HOURS, baseline, fill, rows
from watchkeeper.cli import app
from watchkeeper.cli.actor import actor_name
from watchkeeper.errors import DataError, SettingsError
from watchkeeper.pipeline import Watch, list_incidents, replay
from watchkeeper.store import Store

END = REFERENCE_HOURS


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["incidents", *words], env={"COLUMNS": "100"})


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("told") / "store"
    with Store.open(folder) as store:
        fill(
            store,
            rows(0, END),
            rows(END, END + 4).drop_columns(["feature:y"]),
            rows(END + 4, END + 40),
            rows(END + 40, END + 60, shift=1.5),
        )
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
    return folder


@pytest.fixture
def folder(told: Path, tmp_path: Path) -> str:
    copy = tmp_path / "store"
    shutil.copytree(told, copy)
    return str(copy)


def key(folder: str, source: str = "drift") -> str:
    with Store.open(folder) as store:
        [one] = [i for i in list_incidents(store, now=NOW) if i.source == source]
    return one.id


def test_the_list_names_what_is_open_and_exits_with_1(folder: str) -> None:
    done = run("list", folder)
    assert done.exit_code == 1
    drift, rule = (line for line in done.stdout.splitlines() if line.startswith(MODEL))
    assert "open" in drift and " x" in drift
    assert "back to normal" in rule and " y" in rule
    assert key(folder, "rule") not in run("list", folder, "--open").stdout


def test_the_list_is_narrowed_and_made_for_scripts(folder: str) -> None:
    done = run("list", folder, "--format", "json", "--last", "1")
    [one] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (one["id"], one["severity"]) == (key(folder), "warning")
    none = run("list", folder, "--model", "other")
    assert (none.exit_code, none.stdout) == (0, "No incidents.\n")
    assert run("list", folder, "--since", "2030-01-01", "--open").exit_code == 1  # still open
    assert json.loads(run("show", folder, key(folder), "--format", "json").stdout)["evidence"]


def test_an_incident_in_full_says_what_moved_and_what_was_decided(folder: str) -> None:
    run("acknowledge", folder, key(folder), "--reason", "on [bold]it[/bold]")
    done = run("show", folder, key(folder))
    assert done.exit_code == 1
    for part in ("x rose by", "warning (drift, sudden)", "mean ", "evidence", "looks at it"):
        assert part in done.stdout, part
    assert "on [bold]it[/bold]" in done.stdout
    assert actor_name() in done.stdout
    assert run("show", folder, key(folder, "rule")).exit_code == 0


def test_an_incident_is_muted_for_a_while_and_unmuted(folder: str) -> None:
    done = run("mute", folder, key(folder), "--reason", "load test", "--for", "4h")
    assert done.exit_code == 0, done.output
    assert "Muted" in done.stdout and "until 20" in done.stdout
    assert ", muted" in run("list", folder).stdout
    assert "muted until" in run("show", folder, key(folder)).stdout
    assert run("unmute", folder, key(folder)).exit_code == 0
    assert ", muted" not in run("list", folder).stdout


def test_an_adopted_incident_closes_at_the_next_bucket(folder: str) -> None:
    done = run("adopt", folder, key(folder), "--reason", "new tariff")
    assert done.exit_code == 0, done.output
    assert "adopted from the next" in " ".join(run("list", folder).stdout.split())
    with Store.open(folder) as store:
        fill(store, rows(END + 60, END + 80, shift=1.5))
        Watch(store, MODEL).advance(now=NOW)
        assert replay(store, MODEL).differing == ()
    listed = run("list", folder)
    assert listed.exit_code == 0
    assert "adopted" in listed.stdout
    assert "adopted as normal" in " ".join(run("show", folder, key(folder)).stdout.split())


def test_what_cannot_be_done_is_said_with_what_to_do(folder: str) -> None:
    for words, kind, said in (
        (("adopt", folder, key(folder, "rule"), "--reason", "r"), SettingsError, "baseline"),
        (("mute", folder, key(folder), "--reason", " "), SettingsError, "expected why"),
        (("unmute", folder, key(folder)), SettingsError, "not muted"),
        (("show", folder, key(folder)[:-1]), DataError, "Did you mean"),
        (("show", folder, "nothing"), DataError, "no incident's id"),
    ):
        done = run(*words)
        assert isinstance(done.exception, kind), done.output
        assert said in str(done.exception)
    both = run("mute", folder, key(folder), "--reason", "r", "--for", "4h", "--until", "2030-01-01")
    assert "not both" in str(both.exception)
    assert run("mute", folder, key(folder)).exit_code == 2
