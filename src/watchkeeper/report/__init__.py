"""A backtest as a terminal table, as JSON and as one self-contained HTML page.

Rendering only: a result comes in, text goes out. Nothing here decides, reads data or writes files.
"""

from watchkeeper.report.page import to_html
from watchkeeper.report.terminal import table
from watchkeeper.report.verdict import Verdict, verdict
from watchkeeper.report.wire import to_json

__all__ = ["Verdict", "table", "to_html", "to_json", "verdict"]
