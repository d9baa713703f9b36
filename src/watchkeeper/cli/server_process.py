"""How a process that serves for weeks is set up, before anything large is loaded."""

from __future__ import annotations

import ctypes
import os
from typing import Final

from watchkeeper.cli.light_start import start_light

_M_ARENA_MAX: Final = -8  # of glibc's malloc.h
_ARENAS: Final = 2


def set_up_server_process() -> None:
    """Keep memory flat and the cores for the intake; what the environment says goes first.

    Notes
    -----
    Tables come and go by the thousand in a dozen threads. Arrow's own allocator, and glibc's with
    an arena for every thread, keep what each of them once needed: 900 MB and growing after 1.5
    million predictions, where two arenas for all stay at 580 MB. Matrices are small here: threads
    of linear algebra that wait for one another make fitting a baseline three times as slow.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is loaded
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # read when Arrow is loaded
    # Other C libraries have no such call, and no such arenas.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(_M_ARENA_MAX, _ARENAS)
    start_light()
