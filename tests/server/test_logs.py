"""What a server's process logs, read by programs and by people."""

from __future__ import annotations

import json
import logging
import secrets
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watched_store import NOW, REFERENCE_HOURS, baseline, fill, rows
from server.conftest import Serving
from server.test_intake import prediction
from server.test_watching import incidents, until
from watchkeeper.server.logs import JsonLines, TextLines, fields
from watchkeeper.store import Store, create_project

SECRET = f"wk_0123456789_{secrets.token_hex(24)}"


def record(message: str, *values: object, **extra: object) -> logging.LogRecord:
    found = logging.LogRecord("watchkeeper.x", logging.WARNING, __file__, 1, message, values, None)
    for name, value in extra.items():
        setattr(found, name, value)
    return found


def ended(serving: Serving) -> list[str]:
    """End a server and return what it logged."""
    serving.end(signal.SIGTERM)
    assert serving.process.stderr is not None
    return serving.process.stderr.read().splitlines()


@given(text=st.text(st.characters()), value=st.text() | st.integers(0, 9) | st.none())
def test_every_json_line_is_one_line_that_can_be_read_back(
    text: str, value: str | int | None
) -> None:
    line = JsonLines().format(record("%s", text, **fields(model=value)))
    assert "\n" not in line
    said = json.loads(line)
    assert (said["level"], said["logger"]) == ("warning", "watchkeeper.x")
    assert (said["message"], said["model"]) == (text, value)


@given(text=st.text())
def test_no_message_can_fake_a_line_of_text(text: str) -> None:
    assert "\n" not in TextLines().format(record("asked for %s", text, **fields(path=text)))


@pytest.mark.parametrize("lines", [JsonLines(), TextLines()])
def test_keys_are_cut_from_messages_fields_and_stacks(lines: logging.Formatter) -> None:
    found = record("who is %s", SECRET, **fields(key=SECRET))
    try:
        raise ValueError(SECRET)
    except ValueError:
        found.exc_info = sys.exc_info()
    said = lines.format(found)
    assert SECRET not in said
    assert said.count("wk_0123456789_***") >= 3
    assert "test_logs.py" in said


def test_a_server_logs_json_objects_with_stacks_and_without_secrets(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    Store.open(folder).close()
    create_project(folder, "search", actor="ann", now=NOW)
    (folder / "projects" / "search" / "state.sqlite").write_bytes(b"no database" * 1_000)
    for left in (folder / "projects" / "search").glob("state.sqlite-*"):
        left.unlink()
    serving = serve(folder, "--log-format", "json", "--log-requests")
    serving.http.get(f"/v1/models?key={SECRET}", headers={"Authorization": f"Bearer {SECRET}"})
    serving.http.get(f"/v1/{SECRET}")
    assert serving.post(prediction(1)).status_code == 200
    lines = ended(serving)
    assert not any(SECRET in line for line in lines)
    said = [json.loads(line) for line in lines]
    for one in said:
        assert {"time", "level", "logger", "message"} <= one.keys()
        assert datetime.fromisoformat(one["time"]).utcoffset() == timedelta(0)
    assert said[0]["message"] == "serving"
    assert said[0]["store"] == str(folder)
    asked = [one for one in said if one["logger"] == "watchkeeper.access"]
    assert [(one["method"], one["path"], one["status"]) for one in asked] == [
        ("GET", "/v1/models", asked[0]["status"]),
        ("GET", "/v1/wk_0123456789_***", 404),
        ("POST", "/v1/records", 200),
    ]
    assert all(one["seconds"] > 0 and one["client"] == "127.0.0.1" for one in asked)
    [broken] = [one for one in said if "search: the project cannot be opened" in one["message"]]
    assert broken["error"]["type"] == "StoreError"
    assert "Traceback" in broken["error"]["stack"]


def test_an_incident_is_a_line_of_the_log(serve: Callable[..., Serving], tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        fill(store, rows(0, REFERENCE_HOURS))
        baseline(store)
        fill(store, rows(REFERENCE_HOURS, REFERENCE_HOURS + 20, shift=3.0))
    serving = serve(tmp_path / "store")
    until(lambda: len(incidents(serving)) == 1)
    told = [line for line in ended(serving) if "opened" in line and "incident=drift" in line]
    assert len(told) == 1
    assert " info watchkeeper.server: incident opened: " in told[0]
    assert " project=default model=" in told[0]
