"""Any text as Markdown that shows exactly that text, on code hosts too."""

from __future__ import annotations

import html
import re

from watchkeeper.report.wording import name

# Marks that format anywhere; those that do so only before a link or an emoji's name; at the start.
_ANYWHERE = re.compile(r"([\\`*_\[\]|~$])")
_IN_LINKS = re.compile(r"(:)(?=//|[\w+-]+:)|(?<=www)(\.)", re.IGNORECASE)
_AT_START = re.compile(r"^(\d*)([#+\-=.)])")
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
    shown = name(text, longest=longest).strip()
    shown = _ANYWHERE.sub(r"\\\1", shown)
    shown = _IN_LINKS.sub(lambda found: f"\\{found[0]}", shown)
    shown = _AT_START.sub(r"\1\\\2", shown)
    return html.escape(_MENTION.sub(rf"\1{_INVISIBLE}", shown), quote=False)


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
