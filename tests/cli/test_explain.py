"""Incidents and times are explained on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.watched_store import MODEL, NOW, REFERENCE_HOURS, baseline, fill, rows
from watchkeeper.cli import app
from watchkeeper.errors import DataError, SettingsError
from watchkeeper.pipeline import Watch, list_incidents
from watchkeeper.store import Store

END = REFERENCE_HOURS


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["explain", *words], env={"COLUMNS": "100"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("told") / "store"
    with Store.open(folder) as store:
        fill(store, rows(0, END), rows(END, END + 40), rows(END + 40, END + 60, shift=1.5))
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
    return str(folder)


def test_an_incident_is_explained_for_people_and_for_scripts(folder: str) -> None:
    with Store.open(Path(folder)) as store:
        [incident] = list_incidents(store, now=NOW)
    shown = run(folder, incident.id)
    assert shown.exit_code == 0
    assert "Why " in shown.output
    assert "spread over all of them" in shown.output
    assert "No prediction of either time has a label yet." in shown.output
    [finding] = json.loads(run(folder, incident.id, "--format", "json").output)["findings"]
    assert finding["about"] == "x"
    assert finding["change"]["value"] == pytest.approx(1.5, abs=0.2)


def test_a_time_is_explained_against_the_baseline_or_another(folder: str) -> None:
    words = (folder, "--model", MODEL, "--since", "2024-01-11", "--until", "2024-01-12")
    told = json.loads(run(*words, "--format", "json").output)
    assert told["incident"] is None
    assert told["reference"]["start"] == "2024-01-01T00:00:00Z"
    other = ("--reference-since", "2024-01-03", "--reference-until", "2024-01-05")
    told = json.loads(run(*words, *other, "--format", "json").output)
    assert told["reference"]["start"] == "2024-01-03T00:00:00Z"


def test_wrong_use_is_told(folder: str) -> None:
    assert isinstance(run(folder).exception, SettingsError)
    assert isinstance(run(folder, "a.1.b", "--model", MODEL).exception, SettingsError)
    assert isinstance(run(folder, "a.1.b").exception, DataError)
    since = ("--model", MODEL, "--since", "2024-01-11", "--until", "2024-01-12")
    assert isinstance(
        run(folder, *since, "--reference-since", "2024-01-03").exception, SettingsError
    )
