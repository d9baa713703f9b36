"""A server that fills itself, as a process of its own, and the file that it fills itself from."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest

from server.conftest import COMMAND
from watchkeeper.demo import MODELS
from watchkeeper.demo.service import simulated
from watchkeeper.demo.year import NEW_YORK, moved_year
from watchkeeper.events import Outcome
from watchkeeper.store import Store

MOMENTS = [
    datetime(2026, 1, 14, 3, 30, tzinfo=UTC),
    datetime(2026, 3, 8, 12, tzinfo=UTC),  # clocks go forward
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),  # clocks go back
    datetime(2031, 8, 31, 23, 59, tzinfo=UTC),
]


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_the_year_is_moved_so_that_hours_and_weekdays_stay(now: datetime) -> None:
    year = moved_year(now)
    assert np.all(np.diff(year.scheduled) >= 0)
    # Some months of past, six weeks of future.
    past, size = year.before(now), len(year.scheduled)
    assert 90_000 < past < 100_000
    assert size == 144_121
    assert year.newest(now) > now - timedelta(hours=9)
    for row in range(0, size, 9_973):
        local = datetime.fromtimestamp(year.scheduled[row] / 1e6, NEW_YORK)
        assert local.weekday() == year.features["weekday"][row].as_py()
        hours = local.hour - year.features["hour"][row].as_py()
        # Only an hour that the clocks left out is shown as the next one.
        assert hours == 0 or (hours == 1 and local.hour == 3 and local.day < 15)
    assert year.normal_until.astimezone(NEW_YORK).hour == 0


def test_services_are_simulated_the_same_each_time() -> None:
    year = moved_year(MOMENTS[0])
    first, again = (simulated(year, "air-time", now=MOMENTS[0]) for _ in range(2))
    assert first == again
    assert first.latency_seconds != simulated(year, "cancellation", now=MOMENTS[0]).latency_seconds
    seconds = first.latency_seconds.to_numpy()
    assert np.all((seconds > 0) & (seconds < 5))
    failed = np.flatnonzero(first.error.is_valid().to_numpy(zero_copy_only=False))
    afternoon = datetime(2026, 1, 11, 14, tzinfo=NEW_YORK)
    trouble = [year.before(afternoon + timedelta(hours=hours)) for hours in (0, 4)]
    within = (failed >= trouble[0]) & (failed < trouble[1])
    assert 0.02 < within.sum() / (trouble[1] - trouble[0]) < 0.2
    assert (~within).sum() < 0.001 * len(year.scheduled)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A demo in a temporary folder of its own, and where temporary folders are made."""
    folder = tmp_path_factory.mktemp("demo")
    process = subprocess.Popen(
        [COMMAND, "serve", "--demo", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    yield process, folder
    process.kill()
    process.communicate()


def told(http: httpx.Client) -> dict[str, int]:
    models = http.get("/v1/models").json()["models"]
    return {model["model"]: model["predictions"] for model in models}


@pytest.mark.slow
def test_a_demo_fills_itself_goes_on_and_leaves_nothing_behind(
    demo: tuple[subprocess.Popen[str], Path],
) -> None:
    process, folder = demo
    assert process.stdout is not None
    assert process.stderr is not None
    begun = time.monotonic()
    url = process.stdout.readline().split()[2].rstrip(",")
    assert time.monotonic() - begun < 60  # long before it is filled
    with httpx.Client(base_url=url, timeout=20) as http:
        stages: list[str] = []
        while len(stages) < 4:
            line = process.stderr.readline().strip()
            stages += [line.removesuffix(": done")] if line.endswith(": done") else []
        assert stages[:3] == [
            "Learning what is normal",
            "Putting the past in",
            "Judging hour by hour",
        ]
        filled = told(http)
        assert set(filled) == set(MODELS)
        assert min(filled.values()) > 90_000
        incidents = http.get("/v1/incidents").json()["incidents"]
        # A storm a month, or more; and a budget of one false alarm in thirty days.
        assert 2 <= sum(one["model"] == "cancellation" for one in incidents) <= 40
        until = time.monotonic() + 120
        while sum(told(http).values()) < sum(filled.values()) + 100:
            assert time.monotonic() < until
            time.sleep(0.5)
        assert 'path="/v1/records",status="200"' in http.get("/metrics").text
    assert len(list(folder.iterdir())) == 1
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert "Traceback" not in process.stderr.read()
    assert list(folder.iterdir()) == []


def test_a_folder_that_holds_a_demo_is_not_filled_twice(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        record = Outcome(model=MODELS[0], prediction_id="1", time=MOMENTS[0], label=1.0)
        store.append([record])
    done = subprocess.run(
        [COMMAND, "serve", str(tmp_path / "store"), "--demo"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "holds a demo already" in " ".join(done.stderr.split())


def test_without_a_folder_serve_asks_for_one() -> None:
    done = subprocess.run([COMMAND, "serve"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "--demo" in done.stderr
