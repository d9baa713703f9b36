"""The key of a project's hashes: made at random, kept beside the database, readable by its owner.

It is no part of the database, so that a copy of the database alone tells nobody which value a hash
stands for. The settings keep a fingerprint of it: a key that was lost or exchanged shows before
equal values would get different hashes.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final

from watchkeeper.errors import StoreError

KEY_FILE: Final = "privacy.key"
_BYTES: Final = 32
_OWNER_ONLY: Final = 0o600


class SecretKey:
    """The key in one store's folder.

    Attributes
    ----------
    path
        Its file: 64 hexadecimal digits.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / KEY_FILE

    def read(self) -> bytes:
        """Return the key.

        Raises
        ------
        StoreError
            If it is missing or no key.
        """
        try:
            key = bytes.fromhex(self.path.read_text("ascii").strip())
        except FileNotFoundError as error:
            message = (
                f"{self.path} is missing, and with it the key by which columns are hashed. Restore"
                " it from a backup; with another key, equal values would no longer be equal"
            )
            raise StoreError(message) from error
        except (OSError, ValueError) as error:
            raise StoreError(f"{self.path} cannot be read as a key: {error}") from error
        if len(key) != _BYTES:
            raise StoreError(f"{self.path} has {len(key)} bytes, not {_BYTES}; restore it")
        return key

    def make(self) -> bytes:
        """Return the key, made now if there is none; two processes at once make one."""
        try:
            _write_new(self.path, f"{secrets.token_hex(_BYTES)}\n")
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error}") from error
        return self.read()

    def open_to_others(self) -> bool:
        """Return whether others than its owner may read or write it."""
        return bool(stat.S_IMODE(self.path.stat().st_mode) & 0o077)


def copy_key(source: Path, target: Path) -> None:
    """Copy the key of one folder to another, if there is one and the other has none."""
    if (source / KEY_FILE).exists():
        _write_new(target / KEY_FILE, (source / KEY_FILE).read_text("ascii"))


def _write_new(path: Path, text: str) -> None:
    """Write a file whole, readable by its owner; one that is there already stays."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(unfinished, path)
    unfinished.unlink()


def fingerprint(key: bytes) -> str:
    """Return what tells a key from another and nothing else of it."""
    return blake2b(b"fingerprint", key=key, digest_size=8).hexdigest()
