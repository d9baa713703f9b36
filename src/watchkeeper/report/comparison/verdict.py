"""The verdicts in words: of the data set, of a column, of a check."""

from __future__ import annotations

import math

from watchkeeper.checks import CheckResult
from watchkeeper.comparison import (
    ColumnComparison,
    DatasetComparison,
    SegmentComparison,
    VectorComparison,
)
from watchkeeper.report.wording import NOTHING, name

# Messages name a column by at most so many characters.
_LONGEST_NAME = 60
_HEADINGS = {
    "fine": "No drift.",
    "drifted": "Drift.",
    "worse": "Predictions got worse.",
    "failed": "Checks failed.",
    "inconclusive": "Not enough data to say.",
}


def heading(dataset: DatasetComparison) -> str:
    """Return the verdict in one to six words, with a full stop."""
    if dataset.verdict == "failed" and dataset.drifted:
        return "Drift, and checks failed."
    if dataset.verdict == "worse" and dataset.drifted:
        return "Predictions got worse, and drift."
    return _HEADINGS[dataset.verdict]


def sentence(dataset: DatasetComparison, *, longest: int = 600) -> str:
    """Return the verdict and what it stands on, on one line."""
    return f"{heading(dataset)} {name(dataset.message, longest=longest)}"


def of_column(column: ColumnComparison | SegmentComparison | VectorComparison) -> str:
    """Return the verdict on a column or a segment in a word or three."""
    if column.drifted:
        return "drifted"
    return "too few rows" if column.inconclusive else "no drift"


def told(column_name: str, message: str) -> str:
    """Return a column's message without its name, for where the name stands beside it."""
    named = column_name if len(column_name) <= _LONGEST_NAME else f"{column_name[:59]}…"
    return message.removeprefix(f"{named}: ")


def of_check(check: CheckResult) -> str:
    """Return a check's verdict in a word."""
    if check.passed is None:
        return "undecided"
    if check.passed:
        return "passed"
    return "failed" if check.severity == "error" else "warning"


def failed_first(checks: tuple[CheckResult, ...]) -> list[CheckResult]:
    """Return checks by how much they ask for attention, otherwise in their order."""
    order = {"failed": 0, "warning": 1, "undecided": 2, "passed": 3}
    return sorted(checks, key=lambda check: order[of_check(check)])


def changed_first(columns: dict[str, ColumnComparison]) -> list[tuple[str, ColumnComparison]]:
    """Return columns, drifted ones first, each kind by how much of the rows moved."""
    return sorted(
        columns.items(),
        key=lambda item: (
            not item[1].drifted,
            -_finite(item[1].effect.moved_ratio),
            not item[1].inconclusive,
        ),
    )


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def chance(p: float | None) -> str:
    """Write a p-value.

    Examples
    --------
    >>> chance(0.0314), chance(1e-9), chance(None)
    ('0.031', '<0.0001', '–')
    """
    if p is None or math.isnan(p):
        return NOTHING
    if p < 1e-4:
        return "<0.0001"
    return f"{p:.2g}" if p < 0.995 else "1"
