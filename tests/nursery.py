"""Processes of the command line that start at once.

One process loads what servers and verbs need, and forks a child for every command: it runs the
real command line as a process of its own, and does not take a second to load what a hundred others
loaded before. Claims about the start itself start the command itself. As Python does, it runs the
script that follows ``-c``.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Self, TextIO

_PROGRAM = """
import json, os, signal, socket, sys, warnings
from watchkeeper.cli.server_process import set_up_server_process
set_up_server_process()
import duckdb, httpx, pyarrow.compute, pyarrow.csv, pyarrow.parquet, rich.console, rich.table
import watchkeeper.comparison, watchkeeper.config, watchkeeper.pipeline.backtesting
import watchkeeper.report, watchkeeper.server
from watchkeeper.cli import main

def fork():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's, of threads
        return os.fork()

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
control = socket.socket(fileno=int(sys.argv[1]))
while True:
    asked, handed, _, _ = socket.recv_fds(control, 1 << 20, 3)
    if not asked:
        sys.exit()
    out, err, told = handed
    if fork() == 0:
        break
    for handle in handed:
        os.close(handle)
control.close()
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
child = fork()
if child:  # stays to tell how it ended
    os.close(out), os.close(err), os.close(1), os.close(2)
    os.write(told, f"{child}\\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(told, f"{os.waitstatus_to_exitcode(status)}\\n".encode())
    os._exit(0)
os.close(told)
os.dup2(out, 1), os.dup2(err, 2), os.close(out), os.close(err)
words, folder, environ = json.loads(asked)
os.environ.clear()
os.environ.update(environ)
os.chdir(folder)
sys.argv[:] = ["watchkeeper", *words]
if words[:1] == ["-c"]:
    sys.argv[:] = ["-c", *words[2:]]
    exec(words[1], {"__name__": "__main__"})
else:
    main()
"""


class Running:
    """A command under way, as `subprocess.Popen` shows one."""

    def __init__(self, words: tuple[object, ...], out: int, err: int, folder: Path) -> None:
        ours, theirs = os.pipe()
        asked = json.dumps([[str(word) for word in words], str(folder), dict(os.environ)])
        socket.send_fds(_control(), [asked.encode()], [out, err, theirs])
        os.close(theirs)
        self._told = os.fdopen(ours)
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("watchkeeper", timeout or 0.0)
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Talking(Running):
    """A command whose output can be read while it runs; leaving its context kills it."""

    def __init__(self, *words: object) -> None:
        out, its_out = os.pipe()
        err, its_err = os.pipe()
        super().__init__(words, its_out, its_err, Path.cwd())
        os.close(its_out)
        os.close(its_err)
        self.stdout, self.stderr = os.fdopen(out), os.fdopen(err)

    def communicate(self) -> tuple[str, str]:
        """Give what was not read yet up to the end; a second time nothing is left."""
        err, out = (self._rest(stream) for stream in (self.stderr, self.stdout))
        self.wait()
        return out, err

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.communicate()

    @staticmethod
    def _rest(stream: TextIO) -> str:
        if stream.closed:
            return ""
        with stream:
            return stream.read()


def run(
    *words: object, cwd: Path | None = None, timeout: float = 300.0
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        running = Running(words, out.fileno(), err.fileno(), cwd or Path.cwd())
        try:
            code = running.wait(timeout)
        finally:
            running.kill()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), err.read())


@cache
def _control() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-c", _PROGRAM, str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
