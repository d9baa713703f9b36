"""Each extra brings all that its part imports: checked in environments that hold nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
# Pictures are drawn by the server.
SERVER = ("watchkeeper.server", "watchkeeper.actions.canvas", "watchkeeper.actions.picture")
UV = Path(sys.executable).with_name("uv")
IMPORT_EVERYTHING_BUT = """
import importlib, pkgutil, sys
import watchkeeper

# Alembic's script is run, not imported.
without = ("watchkeeper.store.migrations.env", *sys.argv[1:])
names = [m.name for m in pkgutil.walk_packages(watchkeeper.__path__, "watchkeeper.")
         if not m.name.startswith(without)]
for name in names:
    importlib.import_module(name)
print(*sorted({name.split(".")[1] for name in names}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is published, built without asking a registry."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def bare_python(folder: Path, *, extra: str, wheel: Path) -> Path:
    """Python of an environment with one extra's locked requirements, the project and no more."""
    python = folder / "bin" / "python"
    environment = {**os.environ, "VIRTUAL_ENV": str(folder)}
    lock = PROJECT / "requirements" / f"{extra}.txt"
    locked = [UV, "pip", "install", "--quiet", "--require-hashes", "-r", lock]
    subprocess.run([UV, "venv", "--quiet", "-p", sys.executable, folder], check=True)
    # Set-up has left the wheels in uv's cache; without them (set up by pip) they are fetched.
    if subprocess.run([*locked, "--offline"], env=environment, capture_output=True).returncode:
        subprocess.run(locked, env=environment, check=True)
    own = [UV, "pip", "install", "--quiet", "--offline", "--no-deps", wheel]
    subprocess.run(own, env=environment, check=True)
    return python


def rooms_imported(python: Path, *, without: tuple[str, ...] = ()) -> set[str]:
    """Rooms of the project all of whose modules this Python could import."""
    script = [python, "-I", "-W", "error", "-c", IMPORT_EVERYTHING_BUT, *without]
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def without_extras(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bare_python(tmp_path_factory.mktemp("bare"), extra="runtime", wheel=wheel)


def test_all_but_the_server_imports_without_extras(without_extras: Path) -> None:
    rooms = rooms_imported(without_extras, without=SERVER)
    assert {"cli", "pipeline", "sdk", "store", "watch"} <= rooms
    assert "server" not in rooms
    help_ = [without_extras.with_name("watchkeeper"), "--help"]
    shown = subprocess.run(help_, capture_output=True)
    assert shown.returncode == 0, shown.stderr


def test_the_server_extra_brings_all_that_the_server_imports(wheel: Path, tmp_path: Path) -> None:
    python = bare_python(tmp_path / "server", extra="server", wheel=wheel)
    assert "server" in rooms_imported(python)


def test_without_the_server_extra_serve_says_what_to_install(
    without_extras: Path, tmp_path: Path
) -> None:
    serve = [without_extras.with_name("watchkeeper"), "serve", str(tmp_path / "store")]
    done = subprocess.run(serve, capture_output=True, text=True)
    assert done.returncode == 2
    assert "watchkeeper[server]" in done.stderr


def test_the_demo_extra_brings_all_that_the_demo_imports(wheel: Path, tmp_path: Path) -> None:
    python = bare_python(tmp_path / "demo", extra="demo", wheel=wheel)
    rooms_imported(python, without=SERVER)
    subprocess.run([python, "-I", "-c", "import sklearn"], check=True)
