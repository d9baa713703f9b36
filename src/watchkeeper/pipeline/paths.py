"""Which files are meant, and what is in them by their first bytes."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import pyarrow as pa

from watchkeeper.errors import DataError, nearest

Format: TypeAlias = Literal["parquet", "csv", "jsonl"]
Compression: TypeAlias = Literal["gzip", "zstd"] | None

SUFFIXES: dict[str, Format] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
"""Formats by the ending of the name, after ``.gz`` or ``.zst`` is taken off."""

_MAGIC: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_PACKED = (".gz", ".zst")
_HEAD_BYTES = 4096


def find(sources: Iterable[str | Path]) -> list[Path]:
    """Return the files meant by paths, folders and patterns, each once.

    Paths keep their order; a folder or a pattern (``*``, ``?``, ``[]``, ``**``) gives its files
    sorted by name, a folder also those in its sub-folders. In folders, files with other endings
    than those of ``SUFFIXES`` and names that begin with a dot or an underscore are passed over.

    Raises
    ------
    DataError
        A file does not exist (the message names the nearest in its folder), or nothing matches.
    """
    found: dict[Path, None] = {}
    for source in sources:
        for path in _expand(str(source)):
            found.setdefault(path)
    return list(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """An open file: its content, and the file on disk, which tells how much of it was read."""

    content: pa.NativeFile
    on_disk: pa.NativeFile


@contextmanager
def open_bytes(path: Path) -> Iterator[Bytes]:
    """Open a file for reading from its first byte, decompressed if it is gzip or zstd."""
    compression = _compression(path)
    with pa.OSFile(str(path), "rb") as on_disk:
        if compression is None:
            yield Bytes(content=on_disk, on_disk=on_disk)
            return
        with pa.CompressedInputStream(on_disk, compression) as content:
            yield Bytes(content=content, on_disk=on_disk)


def format_of(path: Path) -> Format:
    """Return what is in a file: by its first bytes if they tell, else by its name.

    Raises
    ------
    DataError
        The file is empty, or is of some other kind; the message says which.
    """
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty (0 bytes). Data was expected: was it written completely?")
    try:
        with open_bytes(path) as opened:
            head: bytes = opened.content.read(_HEAD_BYTES)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read: {error}. Try to decompress it by hand.") from error
    named = SUFFIXES.get(_suffix(path))
    if head.startswith(b"PAR1"):
        return "parquet"
    if named == "parquet":
        raise DataError(f"{path} is named Parquet but begins with {head[:4]!r} instead of b'PAR1'.")
    _refuse_others(path, head)
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if named == "jsonl" or (named is None and begins == b"{"):
        return "jsonl"
    return "csv"


def _expand(source: str) -> list[Path]:
    path = Path(source).expanduser()
    if path.is_dir():
        names = (p for p in sorted(path.rglob("*")) if p.is_file() and _suffix(p) in SUFFIXES)
        files = [p for p in names if not _hidden(p.relative_to(path))]
        if not files:
            raise DataError(
                f"{path} holds no data files. Expected names ending in {', '.join(SUFFIXES)}."
            )
        return files
    if path.exists():
        return [path]
    if glob.has_magic(source):
        matches = glob.glob(str(path), recursive=True)  # noqa: PTH207 - Path.glob takes no root
        files = [Path(match) for match in sorted(matches) if Path(match).is_file()]
        if not files:
            raise DataError(f"No file matches {source!r}. Look at the pattern and the folder.")
        return files
    raise DataError(f"{path} does not exist.{_nearest_file(path)}")


def _nearest_file(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f" Nor does its folder, {folder}."
    names = [p.name for p in folder.iterdir() if p.is_dir() or _suffix(p) in SUFFIXES]
    return nearest(path.name, names) or f" {folder} holds no data files."


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in _PACKED else suffix


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)


def _compression(path: Path) -> Compression:
    with path.open("rb") as file:
        head = file.read(4)
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


def _refuse_others(path: Path, head: bytes) -> None:
    """Text was expected; say what came instead."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(
            f"{path} is UTF-16 (byte-order mark at byte 0); UTF-8 was expected. Save it as UTF-8."
        )
    kinds = {
        b"PK\x03\x04": "a ZIP archive (or an Excel workbook)",
        b"%PDF": "a PDF",
        b"SQLite format 3": "an SQLite database",
        b"ARROW1": "an Arrow IPC (Feather) file",
        b"Obj\x01": "an Avro file",
        b"\x89PNG": "a PNG image",
        b"\x1f\x8b": "gzip twice over",
    }
    for magic, name in kinds.items():
        if head.startswith(magic):
            raise DataError(f"{path} is {name}; Parquet, CSV or JSONL was expected. Convert it.")
    if not head:
        raise DataError(f"{path} is empty once decompressed. Data was expected.")
    first_line = head.lstrip(b"\xef\xbb\xbf\r\n").split(b"\n", 1)[0]
    strange = next((byte for byte in first_line if byte < 32 and byte not in b"\t\r\f"), None)
    if strange is not None:
        raise DataError(
            f"{path} is binary (byte {head.index(strange)} is {bytes([strange])!r}); Parquet, CSV "
            "or JSONL was expected."
        )
