import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Answer: TypeAlias = tuple[int, dict[str, str], bytes]
Server: TypeAlias = Callable[[Callable[[bytes, Any], Answer]], AbstractContextManager[str]]


class Received:
    """A script for the loopback server that takes all, and keeps count by the feature ``by``."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        self.by: Counter[str] = Counter()

    def __call__(self, body: bytes, _headers: Any) -> Answer:
        rows = json.loads(body)["records"]
        self.ids.update(row["prediction_id"] for row in rows)
        self.by.update(row["features"]["by"] for row in rows)
        answer = {"accepted": len(rows), "duplicates": 0, "sequence": 1}
        return 200, {}, json.dumps(answer).encode()


def run(script: str, destination: str, timeout_seconds: float = 30) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, destination],
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


ENDS_AT_ONCE = """
import sys
from watchkeeper import Client
client = Client(sys.argv[1], model="m", flush_interval_seconds=60)
for _ in range(3):
    client.log_prediction({"by": "script"})
"""

LOGS_IN_ATEXIT = """
import atexit, sys
from watchkeeper import Client
client = Client(sys.argv[1], model="m")
client.log_prediction({"by": "script"})

@atexit.register
def earlier():
    client.log_prediction({"by": "atexit"})

class Late:
    def __del__(self):
        assert isinstance(client.log_prediction({"by": "del"}), str)
        client.log_outcome("x", 1)

sys.late = Late()
"""

FORKS = """
import os, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of any fork with threads
from watchkeeper import Client
client = Client(sys.argv[1], model="m", flush_interval_seconds=60)
for _ in range(3):
    client.log_prediction({"by": "parent"})
child = os.fork()
if child == 0:
    assert client.stats().logged == 0
    for _ in range(2):
        client.log_prediction({"by": "child"})
    assert client.flush()
    assert client.stats().sent == 2
    os._exit(0)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
assert client.stats().queued == 3
client.log_prediction({"by": "parent"})
assert client.flush()
assert client.stats().sent == 4

child = os.fork()  # now with an open connection
if child == 0:
    client.log_prediction({"by": "child"})
    sys.exit(0)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
client.log_prediction({"by": "parent"})
"""

FORKS_WHILE_BUSY = """
import os, sys, threading, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from watchkeeper import Client
client = Client(sys.argv[1], model="m", batch_size=5, flush_interval_seconds=0.01)
stop, busy = threading.Event(), threading.Event()

def log():
    while not stop.is_set():
        busy.wait()
        client.log_prediction({"by": "parent"})
        stop.wait(0.0005)

threads = [threading.Thread(target=log, daemon=True) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(5):
    busy.set()
    time.sleep(0.1)
    child = os.fork()
    if child == 0:
        client.log_prediction({"by": "child"})
        os._exit(0 if client.flush(20) else 1)
    busy.clear()  # else, on a slow disk, the child would never have its turn
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
stop.set()
busy.set()
for thread in threads:
    thread.join()
assert client.flush(60)
print(client.stats().sent)
"""

MULTIPROCESSING = """
import multiprocessing, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from watchkeeper import Client

def work(client, number):
    for _ in range(number):
        client.log_prediction({"by": "child"})

if __name__ == "__main__":
    client = Client(sys.argv[1], model="m", flush_interval_seconds=60)
    client.log_prediction({"by": "parent"})
    process = multiprocessing.get_context("fork").Process(target=work, args=(client, 4))
    process.start()
    process.join()
    assert process.exitcode == 0
"""


@pytest.mark.parametrize("kind", ["server", "store"])
def test_a_script_that_ends_at_once_loses_nothing(
    kind: str, server: Server, tmp_path: Path
) -> None:
    if kind == "server":
        received = Received()
        with server(received) as url:
            run(ENDS_AT_ONCE, url)
        assert received.by == {"script": 3}
    else:
        from watchkeeper.store import Store

        run(ENDS_AT_ONCE, str(tmp_path / "store"))
        with Store.open(tmp_path / "store") as store:
            assert store.predictions("m").num_rows == 3


def test_logging_while_the_interpreter_shuts_down_does_no_harm(server: Server) -> None:
    received = Received()
    with server(received) as url:
        run(LOGS_IN_ATEXIT, url)
    assert received.by == {"script": 1, "atexit": 1}


def test_a_dead_server_holds_up_the_end_for_a_bounded_time() -> None:
    begun = time.monotonic()
    run(ENDS_AT_ONCE, "http://127.0.0.1:9")
    assert time.monotonic() - begun < 5 + 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_logs_its_own_and_the_parent_keeps_its_queue(server: Server) -> None:
    received = Received()
    with server(received) as url:
        run(FORKS, url)
    assert received.by == {"parent": 5, "child": 3}
    assert set(received.ids.values()) == {1}, "nothing twice, and no id from two processes"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_forks_in_the_middle_of_logging_and_sending_are_survived(server: Server) -> None:
    received = Received()
    with server(received) as url:
        sent_by_parent = int(run(FORKS_WHILE_BUSY, url, 240))
    assert received.by == {"parent": sent_by_parent, "child": 5}
    assert set(received.ids.values()) == {1}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_forks_in_the_middle_of_writing_to_a_store_are_survived(tmp_path: Path) -> None:
    from watchkeeper.store import Store

    sent_by_parent = int(run(FORKS_WHILE_BUSY, str(tmp_path / "store"), 240))
    with Store.open(tmp_path / "store") as store:
        by = store.predictions("m")["feature:by"].to_pylist()
    assert Counter(by) == {"parent": sent_by_parent, "child": 5}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_multiprocessing_child_flushes_at_its_end(server: Server) -> None:
    received = Received()
    with server(received) as url:
        run(MULTIPROCESSING, url)
    assert received.by == {"parent": 1, "child": 4}
