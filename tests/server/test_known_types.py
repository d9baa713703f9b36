"""A server's threads may read their first incident, state or answer at the same moment."""

from __future__ import annotations

from nursery import run

# Many threads decode types that nobody decoded before, while others are made to wait seldom.
PROGRAM = """
import sys, threading
import msgspec
import watchkeeper.server.app
from watchkeeper.server.known_types import know_types
from watchkeeper.watch import Incident
sys.setswitchinterval(1e-6)
know_types()
start = threading.Barrier(16)
def read():
    start.wait()
    for _ in range(50):
        try:
            msgspec.json.decode(b"{}", type=Incident)
        except msgspec.ValidationError:
            pass
threads = [threading.Thread(target=read) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_threads_that_read_their_first_incident_at_once_do_no_harm() -> None:
    for _ in range(3):
        done = run("-c", PROGRAM)
        assert done.returncode == 0, done.stderr
