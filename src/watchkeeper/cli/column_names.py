"""Names of columns as they are given on the command line."""

from __future__ import annotations


def split_names(text: str | None) -> list[str] | None:
    """Return the names in a list with commas, ``None`` when it has none.

    Examples
    --------
    >>> split_names("a, b,"), split_names("")
    (['a', 'b'], None)
    """
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    return names or None
