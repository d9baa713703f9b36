"""The course of the risk for people: some hundred steps of as many labels each."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_MOST = 400


class TraceStep(msgspec.Struct, kw_only=True, array_like=True):
    """Rows in a row, added up.

    Attributes
    ----------
    start, end
        When the first and the last label was known, microseconds since 1970.
    rows, total
        How many, and the sum of their losses in shares of the scale.
    evidence
        Evidence of a rise after them; 1 makes it known. Of joined steps the larger.
    """

    start: int
    end: int
    rows: int
    total: float
    evidence: float


class Trace(msgspec.Struct, kw_only=True):
    """Steps of equally many rows; neighbours become one when there are more than 400."""

    steps: list[TraceStep]
    rows_a_step: int

    @classmethod
    def none(cls) -> Trace:
        """Return a trace without steps."""
        return cls(steps=[], rows_a_step=64)

    @property
    def room(self) -> int:
        """Rows that the step under way still takes."""
        if not self.steps:
            return self.rows_a_step
        return self.rows_a_step - self.steps[-1].rows or self.rows_a_step

    def add(self, losses: Floats, *, start: int, end: int, evidence: float) -> None:
        """Append rows, at most as many as there is room for.

        Parameters
        ----------
        losses
            In shares of the scale, shape (n,).
        start, end
            When the first and the last of their labels was known, microseconds since 1970.
        evidence
            Of a rise, after them.
        """
        if not self.steps or self.steps[-1].rows == self.rows_a_step:
            self._begin(start)
        last = self.steps[-1]
        # One after the other, so that rows in any slices give the same sum.
        last.total = float(np.add.accumulate(np.append(last.total, losses))[-1])
        last.rows += len(losses)
        last.end = max(last.end, end)
        if last.evidence < 1.0:  # what was told within the step stays to be seen
            last.evidence = evidence

    def _begin(self, start: int) -> None:
        if len(self.steps) == _MOST:
            for first, second in zip(self.steps[::2], self.steps[1::2], strict=True):
                _merge(first, second)
            self.steps = self.steps[::2]
            self.rows_a_step *= 2
        self.steps.append(TraceStep(start=start, end=start, rows=0, total=0.0, evidence=0.0))


def _merge(first: TraceStep, second: TraceStep) -> None:
    first.end = max(first.end, second.end)
    first.rows += second.rows
    first.total += second.total
    first.evidence = max(first.evidence, second.evidence)
