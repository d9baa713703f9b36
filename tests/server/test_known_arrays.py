"""The first requests may all come at once."""

from __future__ import annotations

import subprocess
import sys

# Many threads make their first array, in a process that began as the command line does.
PROGRAM = """
import sys, threading
from watchkeeper.cli.light_start import start_light
start_light()
import numpy as np
import pyarrow as pa
from watchkeeper.server.known_arrays import know_arrays
sys.setswitchinterval(1e-6)
know_arrays()
start = threading.Barrier(16)
failed = []
def make():
    start.wait()
    try:
        pa.array(np.arange(3))
    except AttributeError as error:
        failed.append(error)
threads = [threading.Thread(target=make) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(len(failed))
"""


def test_threads_that_make_their_first_array_at_once_all_get_one() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
