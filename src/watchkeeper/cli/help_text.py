"""What ``--help`` shows of a verb: its docstring, with the examples left as they are written."""

from __future__ import annotations

import inspect
from collections.abc import Callable

_AS_WRITTEN = "\b\n"


def help_text(verb: Callable[..., None]) -> str:
    """Return a verb's docstring, marked so that indented paragraphs are not wrapped anew.

    Examples
    --------
    >>> def look() -> None:
    ...     '''Look at it.
    ...
    ...     Examples:
    ...
    ...         watchkeeper look --long
    ...     '''
    >>> help_text(look).splitlines()[-2:] == [chr(8), "    watchkeeper look --long"]
    True
    """
    paragraphs = (inspect.getdoc(verb) or "").split("\n\n")
    return "\n\n".join(_AS_WRITTEN + p if p.startswith(" ") else p for p in paragraphs)
