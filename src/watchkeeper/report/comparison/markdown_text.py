"""Any text as Markdown that shows exactly that text, on code hosts too."""

from __future__ import annotations

import html
import re

from watchkeeper.report.wording import name

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:])")
_MENTION = re.compile(r"([@#])(?=\w)")
_INVISIBLE = "\u200b"


def escaped(text: str, *, longest: int) -> str:
    r"""Return a text as Markdown on one line: nothing in it formats, links or notifies.

    An ``@`` or ``#`` before a letter is followed by a space of no width, because code hosts look
    for names of people and issues after everything else.

    Examples
    --------
    >>> escaped("a|b *c* <i>", longest=40)
    'a\\|b \\*c\\* &lt;i&gt;'
    """
    shown = _MENTION.sub(rf"\1{_INVISIBLE}", name(text, longest=longest))
    # Characters first, then entities: an entity holds none of the marks escaped but "#".
    return "".join(
        html.escape(part, quote=False) if len(part) == 1 and part in "<>&" else part
        for part in re.split(r"([<>&])", _PUNCTUATION.sub(r"\\\1", shown))
    )


def code(text: str, *, longest: int = 60) -> str:
    r"""Return a name as a span of code that may stand in a table.

    Examples
    --------
    >>> code("a|b"), code("a`b")
    ('`a\\|b`', '`` a`b ``')
    """
    shown = name(text, longest=longest).strip() or " "
    if "|" in shown and "\\" in shown:
        # In a table a backslash before a bar cannot be told from one of the text.
        return escaped(text, longest=longest)
    shown = shown.replace("|", r"\|")
    runs = {len(run) for run in re.findall("`+", shown)}
    fence = next("`" * size for size in range(1, len(runs) + 2) if size not in runs)
    space = " " if shown.startswith("`") or shown.endswith("`") or runs else ""
    return f"{fence}{space}{shown}{space}{fence}"
