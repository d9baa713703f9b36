"""The page inside a notebook: in a frame of its own, so that neither disturbs the other."""

from __future__ import annotations

from watchkeeper.report.markup import element

_STYLE = (
    "display:block;box-sizing:border-box;width:100%;height:min(44rem,85vh);min-height:20rem;resize:vertical;overflow:auto;"
    "border:1px solid rgba(128,128,128,.35);border-radius:8px;color-scheme:inherit"
)


def framed(page: str) -> str:
    """Return a frame that holds a page; it can be resized, and nothing in it can run."""
    return element(
        "iframe",
        srcdoc=page,
        title="Watchkeeper comparison",
        sandbox="",
        style=_STYLE,
    )
