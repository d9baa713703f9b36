"""Holds each key to the records a second that it may send on average."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import monotonic
from typing import Final

from watchkeeper.server.gate import Caller
from watchkeeper.server.problems import ProblemError

_BURST_SECONDS: Final = 2.0
_MOST_KEPT: Final = 10_000


@dataclass(slots=True)
class _Allowance:
    records: float
    at: float


class RateLimits:
    """A token bucket for each key that has a limit.

    Two seconds' worth may come at once. A batch may take the bucket below nothing, so that a large
    one gets through now and then; what comes next waits until the debt is paid. Used by one event
    loop only.
    """

    def __init__(self) -> None:
        self._allowances: dict[str, _Allowance] = {}

    def check(self, caller: Caller) -> None:
        """Turn a caller away who is in debt.

        Raises
        ------
        ProblemError
            429 with ``Retry-After``.
        """
        rate = caller.most_records_per_second
        if rate is None:
            return
        allowance = self._filled(caller.key_id, rate)
        if allowance.records < 0:
            seconds = math.ceil(-allowance.records / rate)
            message = (
                f"key {caller.key_id} may send {rate:,} records a second and has sent more;"
                f" send again in {seconds} s"
            )
            raise ProblemError(429, "rate-limit", message, headers={"Retry-After": str(seconds)})

    def spend(self, caller: Caller, records: int) -> None:
        """Count what a caller sent."""
        rate = caller.most_records_per_second
        if rate is not None:
            self._filled(caller.key_id, rate).records -= records

    def _filled(self, key_id: str, rate: int) -> _Allowance:
        now, most = monotonic(), rate * _BURST_SECONDS
        if len(self._allowances) >= _MOST_KEPT:
            self._allowances.clear()
        allowance = self._allowances.setdefault(key_id, _Allowance(most, now))
        allowance.records = min(most, allowance.records + rate * (now - allowance.at))
        allowance.at = now
        return allowance
