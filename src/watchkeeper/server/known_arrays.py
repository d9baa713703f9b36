"""What PyArrow asks of NumPy is loaded before threads share it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def know_arrays() -> None:
    """Let PyArrow look at NumPy's masked arrays once, while there is one thread.

    It does so at each array that it makes of NumPy's. The command line loads them when they are
    first asked for, and Pythons before 3.11.9 and 3.12.3 give a second thread that asks meanwhile
    half of them: the first two requests at once would fail.
    """
    pa.array(np.zeros(1))
