"""The page inside a notebook: in a frame of its own, so that neither disturbs the other."""

from __future__ import annotations

from watchkeeper.comparison import Comparison
from watchkeeper.report.comparison.page import framed_html

_STYLE = (
    "display:block;box-sizing:border-box;width:100%;height:min(44rem,85vh);min-height:20rem;"
    "resize:vertical;overflow:auto;border:1px solid rgba(128,128,128,.35);border-radius:8px;"
    "color-scheme:inherit"
)


def comparison_frame(comparison: Comparison) -> str:
    """Return a frame that holds the page; it can be resized, and nothing in it can run."""
    # Between single quotes, of which a page has few, it is no longer than the page itself.
    page = framed_html(comparison).replace("&", "&amp;").replace("'", "&#39;")
    return (
        f'<iframe title="Watchkeeper comparison" sandbox="" style="{_STYLE}"'
        f" srcdoc='{page}'></iframe>"
    )
