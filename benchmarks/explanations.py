"""How fast contributions of 30 inputs are computed, beside the shap library in the same run.

For a table and for one row, of models of scikit-learn and LightGBM; and how much an import of
either costs. Values are held against each other and against what the model says.

    python benchmarks/explanations.py

Exit code 1 if values do not add up to what the model says, or differ from shap's where shap's do.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from explanations_models import NAMES, drawn, fitted, seconds
from peers import environment_variables, python_of
from watchkeeper import Explainer

HERE = Path(__file__).parent
CLOSE = 1e-9


def by_peer(python: Path) -> tuple[dict[str, list[float]], dict[str, np.ndarray]]:
    """Return the peer's seconds (for the table, for one row) and values, model by model."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "values.npz"
        ran = subprocess.run(
            [str(python), str(HERE / "explanations_peer.py"), str(out)],
            env=environment_variables(),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        with np.load(out) as values:
            return json.loads(ran.stdout), dict(values)


def margin(model: Any, rows: np.ndarray) -> np.ndarray:
    """Return what a model adds up."""
    if hasattr(model, "booster_"):
        return model.booster_.predict(rows, raw_score=True)
    if hasattr(model, "decision_function"):
        return model.decision_function(rows)
    return model.predict_proba(rows)[:, 1]


def started(python: str, statement: str) -> tuple[float, float]:
    """Return the seconds and most megabytes of a process that runs a statement: of the second."""
    peak = "; print(next(s for s in open('/proc/self/status') if s.startswith('VmHWM')).split()[1])"
    for _ in range(2):
        begin = time.perf_counter()
        ran = subprocess.run(
            [python, "-c", statement + peak],
            env=environment_variables(),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        taken = time.perf_counter() - begin
    return taken, int(ran.stdout) * 1024 / 1e6


def main() -> int:
    """Print one line for each model."""
    python = python_of("shap")
    peer_seconds, peer_values = by_peer(python) if python else ({}, {})
    rows, _ = drawn()
    is_wrong = False
    print(f"{'model':42} rows/s   shap     ratio   1 row    shap     apart    shap misses")
    for name, model, count in fitted():
        explainer = Explainer.of(model, background=rows, columns=NAMES)
        row = dict(zip(NAMES, rows[7].tolist(), strict=True))
        table = seconds(partial(explainer.explain, rows[:count]), 3)
        one = seconds(partial(explainer, row), 200)
        explained, said = explainer.explain(rows[:count]), margin(model, rows[:count])
        is_wrong |= not np.allclose(explained.margin, said, atol=CLOSE)
        line = f"{name:42} {count / table:<8,.0f} "
        if name in peer_seconds:
            peer_table, peer_one = peer_seconds[name]
            apart = float(np.abs(explained.values - peer_values[name]).max())
            # Whatever its base value is, it is the same for every row.
            misses = float(np.ptp(peer_values[name].sum(axis=1) - said))
            is_wrong |= apart > CLOSE and misses <= CLOSE
            line += f"{count / peer_table:<8,.0f} {peer_table / table:<7.1f} {one * 1e3:<8.2f} "
            line += f"{peer_one * 1e3:<8.2f} {apart:<8.1g} {misses:.1g}"
        else:
            line += f"{'':16} {one * 1e3:.2f}"
        print(line, flush=True)
    print("\nstart of a process        seconds   MB")
    starts = {"Explainer": (sys.executable, "from watchkeeper import Explainer")}
    if python:
        starts["shap"] = (str(python), "import shap")
    for name, (program, statement) in starts.items():
        taken, megabytes = started(program, statement)
        print(f"{name:24}  {taken:<8.2f}  {megabytes:,.0f}")
    return int(is_wrong)


if __name__ == "__main__":
    raise SystemExit(main())
