"""Frozen values with arrays in them as bytes, exactly."""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

import msgspec
import numpy as np

from watchkeeper.errors import StoreError

_VERSION = b"WK1"
T = TypeVar("T")


def packed(value: object) -> bytes:
    """Return a value as bytes; `unpacked` gives the very same back, to the last bit.

    Parameters
    ----------
    value
        A dataclass of numbers, texts, arrays and further dataclasses.
    """
    body = zlib.compress(msgspec.msgpack.encode(value, enc_hook=_from_array), 1)
    return _VERSION + zlib.crc32(body).to_bytes(4, "big") + body


def unpacked(data: bytes, kind: type[T]) -> T:
    """Return the value that was made bytes.

    Raises
    ------
    StoreError
        If the bytes are damaged or of another version.

    Examples
    --------
    >>> from watchkeeper.stats.boosted_trees import Boosting
    >>> unpacked(packed(Boosting(depth=2)), Boosting).depth
    2
    """
    head, check, body = data[:3], data[3:7], data[7:]
    if head != _VERSION:
        raise StoreError("this was saved by another version of Watchkeeper; fit the baseline anew")
    if zlib.crc32(body).to_bytes(4, "big") != check:
        raise StoreError("a saved baseline or state is damaged; restore the store from a backup")
    return msgspec.msgpack.decode(zlib.decompress(body), type=kind, dec_hook=_to_array)


def _from_array(value: object) -> Any:
    if isinstance(value, np.ndarray):
        dtype, shape = value.dtype.str, value.shape
        return {"dtype": dtype, "shape": shape, "data": np.ascontiguousarray(value).tobytes()}
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"objects of type {type(value)} are not saved")


def _to_array(kind: type, value: Any) -> Any:
    array = np.frombuffer(value["data"], dtype=np.dtype(value["dtype"]))
    return array.reshape(value["shape"]).copy()
