"""What the caller's thread does with its arguments: copy what may change, and estimate its size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

_BYTES_PER_CALL: Final = 700
_BYTES_PER_FEATURE: Final = 64
_BYTES_PER_SCALAR: Final = 50
_BYTES_PER_ITEM: Final = 32
_BYTES_OF_THE_UNKNOWN: Final = 200
_EXAMPLES: Final = {
    "features": '{"age": 41, "country": "CH"}',
    "explanation": '{"age": 0.3, "country": -0.1}',
}


def snapshot(features: object, *, field: str = "features") -> tuple[dict[Any, Any], int]:
    """Return a copy that the host can no longer change, and about how many bytes it holds.

    Mutable values that are common in features (lists, NumPy arrays, nested mappings) are copied as
    well, one level deep; everything else is kept by reference.

    Raises
    ------
    TypeError
        If ``features`` is not a mapping.
    """
    if type(features) is dict:
        copy = features.copy()
    elif features is None:
        return {}, _BYTES_PER_CALL
    elif isinstance(features, Mapping) or hasattr(type(features), "keys"):
        copy = dict(cast("Mapping[Any, Any]", features))  # pandas.Series also comes this way
    else:
        message = (
            f"{field}: expected a mapping from name to value, got {type(features).__name__}; "
            f"pass for example {_EXAMPLES.get(field, _EXAMPLES['features'])}"
        )
        raise TypeError(message)
    size_bytes = _BYTES_PER_CALL + _BYTES_PER_FEATURE * len(copy)
    for name, value in copy.items():
        kind = type(value)
        if kind is float or kind is bool or value is None:
            continue
        if kind is str:  # ``getsizeof`` would cost more than all the rest
            size_bytes += _BYTES_PER_SCALAR + len(value)
            continue
        copied, more_bytes = frozen(value)
        size_bytes += more_bytes
        if copied is not value:
            copy[name] = copied
    return copy, size_bytes


def frozen(value: Any) -> tuple[Any, int]:
    """Return a value that the host can no longer change, and about how many bytes it holds."""
    kind = type(value)
    if kind is str or kind is bytes:
        return value, _BYTES_PER_SCALAR + len(value)
    if kind is int:
        return value, _BYTES_PER_SCALAR + value.bit_length() // 8
    if kind in (list, tuple, dict, set):
        return kind(value), _BYTES_PER_ITEM * len(value) + _text_bytes(value)
    if kind.__name__ == "ndarray" and kind.__module__ == "numpy":  # buffers are often re-used
        return value.copy(), _BYTES_OF_THE_UNKNOWN + int(value.nbytes)
    return value, _BYTES_OF_THE_UNKNOWN


def _text_bytes(items: Any) -> int:
    """Return the length of the texts among items; looks no further if the first is a number."""
    if not items or type(next(iter(items))) is float:
        return 0
    return sum(len(item) for item in items if isinstance(item, str))
