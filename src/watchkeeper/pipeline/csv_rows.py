"""The rows of a damaged piece of CSV, told apart one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

_MOST_LINES = 1000
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that has to be set aside; ``row`` counts from 0."""

    row: int
    line: bytes
    reason: str


@dataclass(slots=True, kw_only=True)
class SortedOut:
    """Good and bad rows.

    Attributes
    ----------
    lines, rows
        The good ones, each ending in a line end, and their numbers from 0.
    bad
        The others.
    seen
        How many rows there were.
    rest
        Bytes at the end that may be the beginning of a row that goes on.
    """

    lines: list[bytes] = field(default_factory=list)
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    bad: list[BadRow] = field(default_factory=list)
    seen: int = 0
    rest: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How a row and a cell of it are written."""

    row: re.Pattern[bytes]
    cell: re.Pattern[bytes]


def grammar(delimiter: str) -> Grammar:
    """Return the grammar of CSV with that delimiter.

    A cell is in quotation marks from its first character on or not at all; inside them, a mark
    is doubled and lines may end. What follows the closing mark belongs to the cell too, as long
    as the cell keeps to one line. No way to match is tried twice (possessive), so that hostile
    input takes linear time.
    """
    mark = re.escape(delimiter).encode()
    plain = rb"[^\r\n" + mark + rb"]*+"
    strict = rb'"(?:[^"]++|"")*+"(?=' + mark + rb"|\r?\n|\Z)"
    lenient = rb'"(?:[^"\r\n]++|"")*+"' + plain
    cell = rb"(?:" + strict + rb"|" + lenient + rb'|(?!")' + plain + rb")"
    row = cell + rb"(?:" + mark + cell + rb")*+(?:\r?\n|\Z)"
    return Grammar(row=re.compile(row), cell=re.compile(cell + rb"(?:" + mark + rb"|\r?\n|\Z)"))


def sort_out(data: bytes, *, grammar: Grammar, columns: int, offset: int, last: bool) -> SortedOut:
    """Return the rows that can be read and those that cannot.

    A quotation mark that is opened and never closed spoils its own line only: reading goes on at
    the next. A row may span at most 1,000 lines or 1 MiB.

    Parameters
    ----------
    data
        Whole lines.
    grammar
        Of a row.
    columns
        Number of fields that a row must have.
    offset
        Where the data begins in the file; messages give bytes of the file.
    last
        Whether nothing follows.
    """
    result = SortedOut()
    good = []
    at = 0
    while at < len(data):
        line_end = _line_end(data, at)
        line = data[at:line_end]
        end = line_end
        if not line.strip(b"\r\n"):
            at = end
            continue
        match = grammar.row.match(data, at)
        if match is None and not last and _may_go_on(data, at):
            result.rest = data[at:]
            break
        if match is None:
            reason: str | None = _unreadable(line)
        else:
            reason = _fault(match[0], at + offset, columns, grammar)
            if reason is None or match.end() == line_end:
                line, end = match[0], match.end()
            else:
                reason = _fault(line, at + offset, columns, grammar) or reason
        if reason is None:
            good.append(result.seen)
            result.lines.append(line if line.endswith(b"\n") else line + b"\n")
        else:
            result.bad.append(BadRow(row=result.seen, line=line, reason=reason))
        result.seen += 1
        at = end
    result.rows = np.array(good, np.int64)
    return result


def _line_end(data: bytes, at: int) -> int:
    found = data.find(b"\n", at)
    return len(data) if found < 0 else found + 1


def _may_go_on(data: bytes, at: int) -> bool:
    """Whether a row that does not end here may end in the next block."""
    left = len(data) - at
    return left < _MOST_BYTES and data.count(b"\n", at) < _MOST_LINES and data.count(b'"', at) > 0


def _unreadable(line: bytes) -> str:
    if b"\r" in line.rstrip(b"\r\n"):
        return "a carriage return stands inside the row; quote the value or remove it"
    return "a quotation mark is opened and not closed"


def _fault(row: bytes, offset: int, columns: int, grammar: Grammar) -> str | None:
    """Why the bytes cannot be a row, or ``None`` if they can."""
    if row.count(b"\n") > _MOST_LINES or (len(row) > _MOST_BYTES and row.count(b"\n") > 1):
        return "a quotation mark is opened and not closed within 1,000 lines or 1 MiB"
    zero = row.find(b"\0")
    if zero >= 0:
        return f"a NUL byte stands at byte {offset + zero} of the file; text was expected"
    try:
        row.decode()
    except UnicodeDecodeError as error:
        wrong = row[error.start : error.start + 1]
        return f"byte {offset + error.start} of the file, {wrong!r}, is not UTF-8; save it as UTF-8"
    found = _cells(row, grammar)
    return None if found == columns else f"{columns} fields were expected, {found} came"


def _cells(row: bytes, grammar: Grammar) -> int:
    row = row if row.endswith(b"\n") else row + b"\n"
    count, at = 0, 0
    while at < len(row):
        match = grammar.cell.match(row, at)
        if match is None:
            return count
        count, at = count + 1, match.end()
    return count
