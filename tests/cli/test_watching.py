"""``baseline``, ``watch``, ``replay`` and ``audit``, one after the other on one store."""

from __future__ import annotations

import json
import signal
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.watched_store import MODEL, NOW, REFERENCE_END, fill, story, told_store
from watchkeeper.cli import app
from watchkeeper.cli.exit_codes import exit_code
from watchkeeper.errors import WatchkeeperError
from watchkeeper.events import (
    CostSettings,
    ObjectiveSettings,
    OperatingSettings,
    Prediction,
    PriceSettings,
)
from watchkeeper.store import Store


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(verb: str, *words: object) -> Done:
    """Run a verb in this process, whose own way with signals it leaves alone."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        done = CliRunner().invoke(app, [*verb.split(), *map(str, words)])
    finally:
        for number, how in kept.items():
            signal.signal(number, how)
    if isinstance(done.exception, WatchkeeperError):
        return Done(exit_code(done.exception), done.stdout, str(done.exception))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def test_from_a_baseline_to_a_replay(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, *story()[:3])
    until = REFERENCE_END.isoformat()
    done = run("baseline", tmp_path, "--model", MODEL, "--until", until, "--bucket", "1h")
    assert done.returncode == 0, done.stderr
    assert "baseline version 1 of delays: 6,000 predictions in 200 buckets of 1h" in done.stdout
    assert f"watchkeeper watch {tmp_path} --model {MODEL}" in done.stdout

    watched = run("watch", tmp_path, "--model", MODEL, "--once", "--format", "json")
    assert watched.returncode == 1, watched.stderr
    told = [json.loads(line) for line in watched.stdout.splitlines()]
    assert told[0]["streams"][0]["column"] == "x"
    again = run("watch", tmp_path, "--model", MODEL, "--once", "--finish")
    assert again.returncode == 1
    assert "1 bucket judged" in again.stderr

    replayed = run("replay", tmp_path, "--model", MODEL)
    assert replayed.returncode == 0, replayed.stderr
    assert "the same as stored" in replayed.stderr
    with Store.open(tmp_path) as store:
        kept = [i.payload.decode() for i in store.watch_log.incidents(MODEL, 1)]
    assert replayed.stdout.splitlines() == kept

    verified = run("audit verify", tmp_path)
    assert verified.returncode == 0
    assert "holds" in verified.stdout
    assert "baseline.save" in run("audit show", tmp_path).stdout


def test_a_baseline_says_that_it_keeps_the_prices_in_force(tmp_path: Path) -> None:
    costs = CostSettings(prices=(PriceSettings(per_million_usd={"z": 4.0}),))
    with Store.open(tmp_path) as store:
        [part] = story()[:1]
        fill(store, part.append_column("feature:z", [[float(at) for at in range(part.num_rows)]]))
        store.operating.put(MODEL, OperatingSettings(costs=costs), actor="ann", now=NOW)
    until = REFERENCE_END.isoformat()
    said = "cost_usd: by the prices in force now, as long as this baseline is in use"
    words = ("baseline", tmp_path, "--model", MODEL, "--until", until, "--bucket", "1h")
    assert said in run(*words).stdout
    assert said not in run(*words, "--ignore", "cost_usd").stdout


def test_a_baseline_takes_model_and_all_else_from_the_settings(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        fill(store, *story()[:1])
    settings = tmp_path / "watchkeeper.yaml"
    settings.write_text(
        f"model: {MODEL}\nbucket: 1h\nbaseline:\n  until: {REFERENCE_END.isoformat()!r}\n"
    )
    done = run("baseline", tmp_path / "store", "--config", settings)
    assert done.returncode == 0, done.stderr
    assert "baseline version 1 of delays" in done.stdout


def test_tampering_is_exit_1(tmp_path: Path) -> None:
    told_store(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "state.sqlite")
    with connection:
        connection.execute("UPDATE audit_entries SET actor = 'bob'")
    connection.close()
    done = run("audit verify", tmp_path)
    assert done.returncode == 1
    assert "entry 1 was changed" in done.stderr


@pytest.mark.parametrize(
    ("verb", "words", "code", "said"),
    [
        ("watch", ["--model", "delay", "--once"], 2, "Did you mean 'delays'"),
        ("replay", ["--model", MODEL], 2, "watchkeeper baseline"),
        ("baseline", ["--model", MODEL], 2, "--until"),
        ("baseline", ["--until", "2024-01-01T05:00Z"], 2, "--model"),
        ("baseline", ["--model", MODEL, "--until", "2024-01-01T05:00Z"], 3, "at least 8"),
    ],
)
def test_wrong_use_is_told(
    tmp_path: Path, verb: str, words: list[str], code: int, said: str
) -> None:
    with Store.open(tmp_path) as store:
        fill(store, story()[0].slice(0, 600))
    more = ["--bucket", "1h"] if verb == "baseline" else []
    done = run(verb, tmp_path, *words, *more)
    assert done.returncode == code, done.stderr
    assert said in done.stderr


def test_a_store_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run("watch", tmp_path / "none", "--model", MODEL, "--once")
    assert done.returncode == 2
    assert "there is no store in" in done.stderr


def test_a_watch_tells_of_a_service_objective_that_burns(tmp_path: Path) -> None:
    with told_store(tmp_path / "store") as store:
        objective = ObjectiveSettings(kind="availability", target=0.999)
        store.operating.put(
            MODEL, OperatingSettings(objectives=(objective,)), actor="ann", now=REFERENCE_END
        )
        newest = store.newest_time(MODEL)
        assert newest is not None
        store.append(
            [
                Prediction(model=MODEL, prediction_id=f"bad-{i}", time=newest, error="boom")
                for i in range(20)
            ]
        )
    words = ("watch", tmp_path / "store", "--model", MODEL, "--once")
    told = [line for line in run(*words).stdout.splitlines() if "error budget" in line]
    assert len(told) == 1
    assert "opened  availability uses up its error budget" in told[0]
    again = run(*words, "--format", "json")
    assert again.returncode == 1  # it is open still
    assert "error budget" not in again.stdout
