"""Ids of rows: the same ones at every import, and those that come twice."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.pipeline.table_source import NumberedRows

_DIGEST_BYTES = 12
_MOST_PIECES = 8


class Identity:
    """Ids for rows that have none: the data's content and the row's number.

    The name and the place of a file do not matter, so a copy is the same data; a file that was
    added to is other data.
    """

    def __init__(self) -> None:
        self._part = -1
        self._digest = b""

    def ids(self, rows: NumberedRows) -> pa.Array:
        """Return one id per row; call for every batch, in order."""
        path = Path(rows.file)
        if rows.part != self._part:
            self._part = rows.part
            self._digest = _of_file(path) if path.is_file() else b""
        if not path.is_file():
            self._digest = _of_table(self._digest, rows.table)
        prefix = self._digest.hex()
        numbers = pa.array(rows.rows).cast(pa.string())
        return pc.binary_join_element_wise(pa.scalar(prefix), numbers, "-")


class RepeatedIds:
    """Ids seen so far, as 64-bit hashes (8 bytes each, in a few sorted pieces)."""

    def __init__(self) -> None:
        self._pieces: list[np.ndarray] = []
        self._connection = duckdb.connect(":memory:")

    def add(self, ids: pa.Array) -> np.ndarray:
        """Return which of the ids came before, also within these, and remember them all.

        Shape ``(len(ids),)``, boolean.
        """
        hashes = self._hashes(ids)
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        repeated = np.zeros(len(hashes), bool)
        repeated[order[1:]] = ordered[1:] == ordered[:-1]
        for piece in self._pieces:
            at = np.minimum(np.searchsorted(piece, hashes), len(piece) - 1)
            repeated |= piece[at] == hashes
        self._pieces.append(np.unique(ordered))
        if len(self._pieces) > _MOST_PIECES:
            self._pieces = [np.unique(np.concatenate(self._pieces))]
        return repeated

    def _hashes(self, ids: pa.Array) -> np.ndarray:
        relation = self._connection.from_arrow(pa.table({"id": ids}))
        return np.asarray(relation.select(duckdb.SQLExpression("hash(id) AS h")).fetchnumpy()["h"])


def _of_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, _hasher).digest()


def _of_table(before: bytes, table: pa.Table) -> bytes:
    """Chain the content of one batch to what came before."""
    hasher = _hasher()
    hasher.update(before)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    hasher.update(sink.getvalue())
    return hasher.digest()


def _hasher() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=_DIGEST_BYTES)
