"""How long ``import watchkeeper`` takes, beyond starting Python.

Run ``python benchmarks/import_time.py``. Prints the median of repeated starts minus the median of a
bare start, against the limit of 0.15 s; beside it, peers that happen to be installed.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time

LIMIT_SECONDS = 0.15
STARTS = 15
STATEMENTS = {
    "import watchkeeper": "watchkeeper",
    "from watchkeeper import Client": "watchkeeper",
    "import mlflow": "mlflow",
    "import evidently": "evidently",
    "import nannyml": "nannyml",
    "import whylogs": "whylogs",
    "import opentelemetry.sdk.trace": "opentelemetry",
    "import sentry_sdk": "sentry_sdk",
    "import pandas": "pandas",
}


def median_seconds(statement: str) -> float:
    """Return the median time of a Python that runs the statement and ends."""
    durations = []
    for _ in range(STARTS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True)
        durations.append(time.perf_counter() - begun)
    return statistics.median(durations)


def main() -> int:
    """Measure, print, and fail if the limit is missed."""
    bare_seconds = median_seconds("pass")
    print(f"bare start {bare_seconds:.3f} s; each below is the median of {STARTS}, minus that")
    ours = float("inf")
    for statement, package in STATEMENTS.items():
        if importlib.util.find_spec(package) is None:
            continue
        seconds = median_seconds(statement) - bare_seconds
        ours = seconds if statement == "import watchkeeper" else ours
        print(f"{statement:35}{seconds:8.3f} s")
    met = ours < LIMIT_SECONDS
    print(f"limit {LIMIT_SECONDS:g} s: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
