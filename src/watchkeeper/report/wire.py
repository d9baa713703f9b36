"""A backtest for scripts."""

from __future__ import annotations

import msgspec

from watchkeeper.pipeline.result import BacktestResult


def to_json(result: BacktestResult) -> bytes:
    r"""Write a result as one JSON object on one line, ending with ``\n``.

    The fields are those of `BacktestResult`, in its order; times are RFC 3339 in UTC; a number
    that is not finite is ``null``. The same result gives the same bytes.
    """
    return msgspec.json.encode(result) + b"\n"
