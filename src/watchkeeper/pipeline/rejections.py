"""What could not be read, row by row."""

from __future__ import annotations

import msgspec


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """One row, or one cell of it, that was set aside.

    Attributes
    ----------
    file
        Path of the file, or what kind of data frame it was.
    row
        Number of the row, from 1 at the first row of data: a CSV file's header is not counted,
        nor are blank lines.
    column
        The column at fault; ``None`` when it is the whole row.
    reason
        What was expected and what came.
    raw
        The row as it stood, shortened to its first 10,000 characters.
    """

    file: str
    row: int
    column: str | None
    reason: str
    raw: str = ""

    def without_values(self) -> Rejection:
        """Return it without anything that stood in the row."""
        reason = "it cannot be used; what stood there is not shown: the model has private columns"
        return msgspec.structs.replace(self, reason=reason, raw="")


def shorten(text: str, length: int = 60) -> str:
    """Return the text, cut with an ellipsis when it is longer, its control characters escaped."""
    cut = text if len(text) <= length else text[: length - 1] + "…"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut)
