"""How a process that serves for weeks is set up, before anything large is loaded."""

from __future__ import annotations

import os

from watchkeeper.cli.light_start import start_light


def set_up_server_process() -> None:
    """Keep the cores for the intake; what the environment says goes first.

    Notes
    -----
    Matrices are small here: threads of linear algebra that wait for one another make fitting a
    baseline three times as slow.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is loaded
    start_light()
