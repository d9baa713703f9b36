"""A real Chromium that opens a file and says what it drew, logged and asked for."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    # Whatever asks, no name is found: neither the page nor the browser itself reaches anybody.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


@dataclass(frozen=True, kw_only=True)
class Visit:
    dom: str
    console: list[str]
    requests: list[str]


def open_page(page: Path, folder: Path, *flags: str, dark: bool = False) -> Visit:
    """Open a page; requests are those that the page itself made, not the browser's own."""
    log = folder / "net.json"
    done = _run(folder, f"--log-net-log={log}", *flags, *_dark(dark), "--dump-dom", page.as_uri())
    events = json.loads(log.read_text())["events"]
    asked = [event["params"] for event in events if "initiator" in event.get("params", {})]
    return Visit(
        dom=done.stdout,
        console=[line for line in done.stderr.splitlines() if "CONSOLE" in line],
        requests=[
            params["url"]
            for params in asked
            if "url" in params and params["initiator"] != "not an origin"
        ],
    )


def screenshot(page: Path, folder: Path, *, width: int, height: int, dark: bool = False) -> bytes:
    """Take a picture of a page as PNG."""
    file = folder / f"{width}{'-dark' if dark else ''}.png"
    size = f"--window-size={width},{height}"
    _run(folder, *_dark(dark), size, f"--screenshot={file}", page.as_uri())
    return file.read_bytes()


def printed(page: Path, folder: Path) -> int:
    """Print a page as PDF and count the sheets."""
    file = folder / "printed.pdf"
    _run(folder, f"--print-to-pdf={file}", page.as_uri())
    return file.read_bytes().count(b"/Type /Page\n")


def pixels(png: bytes) -> np.ndarray:
    """Lines of a PNG, still filtered: one that is all zeros repeats the one above."""
    width, height = struct.unpack(">II", png[16:24])
    at, data = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    assert width >= 500
    return np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, -1)[:, 1:]


def varied(lines: np.ndarray) -> int:
    """Count the lines that differ from their neighbours or in themselves."""
    return sum(len(np.unique(line[8:])) > 2 for line in lines)


def _dark(dark: bool) -> list[str]:
    return [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    browser = next(filter(None, map(shutil.which, _NAMES)), None)
    assert browser, "no Chromium found; `make test` installs it (Debian package chromium)"
    profile = folder / "profile"
    command = [browser, *_FLAGS, f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
