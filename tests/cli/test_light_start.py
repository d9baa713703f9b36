"""What a quick start leaves out is still there for who asks."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from watchkeeper.cli.light_start import start_light
start_light()
import watchkeeper.pipeline, scipy.special, pyarrow
pyarrow.array([1, 2])
loaded = {name for name in sys.modules if name.startswith(("pandas", "numpy.f2py."))}
assert not loaded, loaded
import duckdb, numpy as np
found = duckdb.sql("select 1 as a union all select null").fetchnumpy()["a"]
assert np.ma.is_masked(found)
import numpy.testing
numpy.testing.assert_array_equal([1], [1])
"""


def test_what_is_not_loaded_is_loaded_when_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
