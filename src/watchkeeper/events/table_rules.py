"""The rules of `validation`, for tables of records: looked at column by column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.events.acknowledgement import Rejection
from watchkeeper.events.label_lists import label_rules
from watchkeeper.events.validation import LONGEST_ID, MODEL_NAME
from watchkeeper.events.values import LONGEST_TEXT

Mask = NDArray[np.bool_]

_LISTED = 1_000
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
_NOT_NEGATIVE = {"latency_seconds", "cost_usd"}
_IDENTITIES = {"prediction_id", "feedback_id", "kind"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTable:
    """Which rows of a table keep the rules.

    Attributes
    ----------
    good
        Shape (rows,).
    rejections
        What is wrong with the others, one for each row, the first thousand.
    """

    good: Mask
    rejections: list[Rejection]


def is_model_name(name: str) -> bool:
    """Whether a text may be the name of a model."""
    return MODEL_NAME.fullmatch(name) is not None


def check_table(table: pa.Table, *, now: datetime) -> CheckedTable:
    """Check the rows of a table of predictions, outcomes or feedback, in the store's own types.

    Parameters
    ----------
    table
        With ``prediction_id`` (or ``feedback_id``) and ``time`` without nulls.
    now
        The present, aware.
    """
    good = np.ones(table.num_rows, dtype=np.bool_)
    rejections: dict[int, Rejection] = {}
    for field, holds, wanted in _rules(table, now):
        fails = ~holds
        if not fails.any():
            continue
        good &= holds
        for row in np.flatnonzero(fails)[:_LISTED].tolist():
            came = _came(table.column(field)[row].as_py())
            told = Rejection(row=row, field=field, reason=f"expected {wanted}, got {came}")
            rejections.setdefault(row, told)
    first = [rejections[row] for row in sorted(rejections)[:_LISTED]]
    return CheckedTable(good=good, rejections=first)


def _rules(table: pa.Table, now: datetime) -> Iterator[tuple[str, Mask, str]]:
    """Yield fields, which rows keep their rule, and the rule in words."""
    for name in table.column_names:
        column = table.column(name)
        if column.null_count == len(column):
            continue
        if name == "time":
            yield name, _within(column, _EARLIEST, None), "a time since 1970"
            ahead = _within(column, None, now + _AHEAD)
            yield name, ahead, "a time at most a day ahead of now"
        elif pa.types.is_string(column.type):
            longest = LONGEST_ID if name in _IDENTITIES else LONGEST_TEXT
            sizes = pc.min_max(pc.binary_length(column)).as_py()
            if sizes["max"] <= longest and sizes["min"] > 0:
                continue  # characters take a byte or more
            length = pc.utf8_length(column)
            yield name, _holds(pc.less_equal(length, longest)), f"at most {longest:,} characters"
            if name in _IDENTITIES:
                yield name, _holds(pc.greater(length, 0)), "a text that is not empty"
        elif name == "label" and pa.types.is_list(column.type):
            yield from ((name, holds, wanted) for holds, wanted in label_rules(column))
        elif name in _NOT_NEGATIVE:
            finite = pc.and_(pc.is_finite(column), pc.greater_equal(column, 0.0))
            yield name, _holds(finite), "a finite number from 0 or null"
        elif name == "amount":
            yield name, _holds(pc.is_finite(column)), "a finite number or null"
        elif name == "position":
            yield name, _holds(pc.greater_equal(column, 0)), "a rank from 0 or null"


def _within(column: pa.ChunkedArray, low: datetime | None, high: datetime | None) -> Mask:
    micros = column.cast(pa.int64()).to_numpy()
    mask: Mask = np.ones(len(micros), dtype=np.bool_)
    if low is not None:
        mask &= micros >= round(low.timestamp() * 1e6)
    if high is not None:
        mask &= micros <= round(high.timestamp() * 1e6)
    return mask


def _holds(found: Any) -> Mask:
    """Return a mask; null breaks no rule."""
    mask: Mask = pc.fill_null(found, True).to_numpy()
    return mask


def _came(value: object) -> str:
    if isinstance(value, str) and value:  # it is too long; what it says may be private
        return f"{len(value):,}"
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    text = value.isoformat() if isinstance(value, datetime) else ascii(value)
    return text if len(text) <= 60 else text[:59] + "…"
