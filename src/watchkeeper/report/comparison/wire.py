"""A comparison for scripts."""

from __future__ import annotations

import msgspec

from watchkeeper.comparison import Comparison


def comparison_json(comparison: Comparison) -> bytes:
    r"""Write a comparison as one JSON object on one line, ending with ``\n``.

    The fields are those of `Comparison`, in its order; a number that is not finite is ``null``.
    The same comparison gives the same bytes.
    """
    return msgspec.json.encode(comparison) + b"\n"
