"""HTML and SVG as values: what is not markup already is escaped, so nothing can be forgotten."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias

from watchkeeper.report.wording import name


class Markup(str):
    """Text that is markup already; only this module makes it."""

    __slots__ = ()


Child: TypeAlias = "Markup | str | int | Iterable[Child] | None"
Attribute: TypeAlias = str | int | float | bool | None

_VOID = {"base", "meta", "br", "hr", "col", "path", "line", "rect", "use", "input"}


def element(tag: str, *children: Child, **attributes: Attribute) -> Markup:
    """Build one element.

    Parameters
    ----------
    tag
        Name of the element.
    children
        Markup is taken as it is, any other text is escaped, ``None`` is left out, iterables are
        flattened.
    attributes
        ``class_`` stands for ``class``, ``aria_label`` for ``aria-label``; true gives a bare
        attribute, ``None`` and false leave it out.

    Examples
    --------
    >>> element("p", "1 < 2", class_="note")
    '<p class="note">1 &lt; 2</p>'
    """
    opening = tag + "".join(_attribute(key, value) for key, value in attributes.items())
    if tag in _VOID and not children:
        return Markup(f"<{opening}/>")
    return Markup(f"<{opening}>{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Markup:
    """Put markup and texts one after another."""
    return Markup("".join(map(_child, children)))


def raw(text: str) -> Markup:
    """Take a text of this package's own (style, script, glyph) as markup."""
    return Markup(text)


def label(text: str, *, longest: int = 60) -> Markup:
    """Show a name that came with the data: isolated in direction, shortened, whole on hover.

    Lines may break after ``_`` and ``.``.

    Examples
    --------
    >>> label("<b>")
    '<bdi>&lt;b&gt;</bdi>'
    """
    shown = name(text, longest=longest)
    whole = name(text, longest=400)
    breakable = html.escape(shown).replace("_", "_<wbr>").replace(".", ".<wbr>")
    return element("bdi", Markup(breakable), title=None if shown == whole else whole)


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str | int):
        return html.escape(str(child))
    return join(child)


def _attribute(key: str, value: Attribute) -> str:
    written = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {written}"
    if isinstance(value, float):
        value = f"{value:.6g}"
    return f' {written}="{html.escape(str(value))}"'
