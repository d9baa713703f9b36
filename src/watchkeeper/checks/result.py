"""What a check of data says."""

from __future__ import annotations

from typing import Literal

import msgspec


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check of the current data.

    Attributes
    ----------
    name
        Unique among a comparison's checks.
    check
        Its kind, such as ``not_null``.
    columns
        What it looks at; empty for the table.
    passed
        ``None`` when it could not be decided; the message says why.
    severity
        Only failed checks of severity ``error`` fail the comparison.
    failed_rows
        Rows that break it, ``None`` for a check that is not of rows.
    examples
        Up to five rows that break it, by column, as text.
    """

    name: str
    check: str
    columns: tuple[str, ...]
    passed: bool | None
    severity: Literal["error", "warning"]
    rows: int
    failed_rows: int | None
    examples: tuple[dict[str, str | None], ...]
    message: str
