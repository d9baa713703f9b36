"""Large text files, block by block, cut at the ends of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from watchkeeper.errors import DataError
from watchkeeper.pipeline.paths import open_bytes

BLOCK_BYTES = 4 << 20
_PIECE_BYTES = 256 << 10
_MOST_BYTES = 4 * BLOCK_BYTES
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    r"""Some whole lines of a file.

    Attributes
    ----------
    data
        The bytes; line ends are ``\n`` or ``\r\n``.
    offset
        Where they begin in the (decompressed) file.
    read_bytes
        How much of the file as it is on disk was read so far.
    last
        Whether the file ends here.
    broken
        Why the file could not be read on after this block, if so.
    """

    data: bytes
    offset: int
    read_bytes: int
    last: bool = False
    broken: str | None = None


def blocks(path: Path, *, quoted: bool) -> Iterator[Block]:
    """Yield a text file in blocks of whole lines, without its byte-order mark.

    Parameters
    ----------
    path
        File, possibly compressed.
    quoted
        Whether a line end between quotation marks is not the end of a row. If no row ends within
        16 MiB (a quotation mark that is never closed), the block ends at any line.
    """
    size = path.stat().st_size
    rest, offset, first = b"", 0, True
    with open_bytes(path) as opened:
        while True:
            new, broken = _read(opened.content)
            ended = len(new) < BLOCK_BYTES
            if first and new.startswith(_BOM):
                new, offset = new[len(_BOM) :], len(_BOM)
            if first and b"\r" in new and b"\n" not in new:
                raise DataError(
                    f"{path} ends its lines with \\r alone; \\n or \\r\\n was expected."
                )
            first = False
            data = rest + new
            done = int(opened.on_disk.tell())
            if broken:
                data = data[: data.rfind(b"\n") + 1]  # the line of the break may lack its end
            if ended:
                if data or broken:
                    yield Block(data=data, offset=offset, read_bytes=size, last=True, broken=broken)
                return
            cut = _row_end(data) if quoted else data.rfind(b"\n") + 1
            if cut == 0 and len(data) >= _MOST_BYTES:
                cut = data.rfind(b"\n") + 1 or len(data)
            if cut:
                yield Block(data=data[:cut], offset=offset, read_bytes=done)
            rest, offset = data[cut:], offset + cut


def head(path: Path) -> bytes:
    """Return the first block, or as much of it as there is."""
    with open_bytes(path) as opened:
        return _read(opened.content)[0]


def _read(stream: pa.NativeFile) -> tuple[bytes, str | None]:
    """Up to a block, and why there is no more if the compressed data is cut short."""
    pieces: list[bytes] = []
    missing = BLOCK_BYTES
    try:
        while missing > 0 and (piece := stream.read(min(missing, _PIECE_BYTES))):
            pieces.append(piece)
            missing -= len(piece)
    except (OSError, pa.ArrowException) as error:
        return b"".join(pieces), f"the compressed data breaks off ({error})"
    return b"".join(pieces), None


def _row_end(data: bytes) -> int:
    """Place after the last line end that has an even number of quotation marks before it."""
    last = data.rfind(b"\n") + 1
    if last == 0 or data.count(b'"', 0, last) % 2 == 0:
        return last
    view = np.frombuffer(data, np.uint8)
    inside = np.cumsum(view == 34, dtype=np.int32) & 1
    ends = np.flatnonzero((view == 10) & (inside == 0))
    return int(ends[-1]) + 1 if len(ends) else 0
