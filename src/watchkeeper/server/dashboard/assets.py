"""The dashboard's files, read once, under a path that names their content."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

MEDIA_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file as it is sent.

    Attributes
    ----------
    zipped
        The same content, gzip.
    """

    content: bytes
    zipped: bytes
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """All files of one version of the dashboard.

    Attributes
    ----------
    version
        Hash over all contents. It is part of every file's path, so that browsers keep files for
        good and never mix two versions.
    assets
        By path below the version.
    shell
        The page that starts the application, whatever view its URL names.
    """

    version: str
    assets: dict[str, Asset]
    shell: Asset


def load_bundle(assets_path: str) -> Bundle:
    """Read the package's files.

    Parameters
    ----------
    assets_path
        Path on the server below which the versions lie, without a slash at its end.
    """
    files = dict(sorted(_files(resources.files(__package__) / "app")))
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    version = digest.hexdigest()[:16]
    base = f"{assets_path}/{version}"
    # All modules are asked for at once, not one import after another.
    modules = [
        f'<link rel="modulepreload" href="{base}/{name}">'
        for name in files
        if name.endswith(".js") and name != "head_start.js"
    ]
    modules.append(f'<script type="module" src="{base}/main.js"></script>')
    shell = files.pop("index.html").decode()
    shell = shell.replace("{modules}", "\n".join(modules)).replace("{assets}", base)
    return Bundle(
        version=version,
        assets={name: _asset(name, content) for name, content in files.items()},
        shell=_asset("index.html", shell.encode()),
    )


def _files(folder: Traversable, prefix: str = "") -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _files(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in MEDIA_TYPES:
            found.append((prefix + entry.name, entry.read_bytes()))
    return found


def _asset(name: str, content: bytes) -> Asset:
    return Asset(
        content=content,
        zipped=gzip.compress(content, mtime=0),
        media_type=MEDIA_TYPES[name.rpartition(".")[2]],
    )
