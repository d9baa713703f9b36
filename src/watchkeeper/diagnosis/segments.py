"""The segments that carry a change, each with its size, its loss, and what proves it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis.coded_columns import CodedColumn
from watchkeeper.diagnosis.confirmed import Judge, Segment, rows_within
from watchkeeper.diagnosis.held_out import HeldOut
from watchkeeper.diagnosis.segment_search import Candidate, rescored, search_segments
from watchkeeper.diagnosis.sharpening import sharpened
from watchkeeper.diagnosis.tallies import Rows
from watchkeeper.errors import UsageError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_LEAST_ROWS = 40
_MOST_HELD_OUT = 200_000


class SegmentFindings(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found.

    Attributes
    ----------
    segments
        Largest excess first; none is a near-duplicate of one before it.
    rows, reference_rows
        Of each side.
    mean, reference_mean
        Of the quantity over all rows of each side; ``None`` without a reference.
    least_rows
        Current rows of the smallest segment looked for.
    """

    segments: tuple[Segment, ...]
    rows: int
    reference_rows: int
    mean: float
    reference_mean: float | None
    least_rows: int


def find_segments(
    columns: Sequence[CodedColumn],
    values: Floats,
    is_current: Flags | None = None,
    *,
    clusters: Ints | None = None,
    most: int = 5,
    most_conditions: int = 3,
    least_ratio: float = 0.002,
    seed: int = 0,
    threads: int | None = None,
) -> SegmentFindings:
    """Return the smallest segments whose rows carry an increase of a quantity.

    Half of the rows, 200,000 at most, are set aside before the search and judge what it finds, so
    intervals and p-values are honest although very many segments were looked at. What is found
    after the first must stand out among the rows outside those before it.

    Parameters
    ----------
    values
        The quantity, shape (rows,), finite: a loss, an error, the value of a column. For a
        decrease give it with the other sign.
    is_current
        Which rows are the current ones, shape (rows,); the others are the reference's. ``None``:
        there is no reference, and segments are held against the mean of all rows.
    clusters
        Rows of the same number depend on each other, for example those of one entity.
    most, most_conditions
        Segments to find, and conditions of each, 1 to 3.
    least_ratio
        Part of the current rows that the smallest segment has; never fewer than 40 of those
        searched.

    Examples
    --------
    >>> from watchkeeper.diagnosis import code_categories
    >>> carrier = code_categories("carrier", np.arange(20_000) % 10, [*"ABCDEFGHIJ"])
    >>> error = (np.arange(20_000) % 97 < 9) | (np.arange(20_000) % 10 == 3)
    >>> find_segments([carrier], error.astype(float)).segments[0].text
    'carrier = D'
    """
    values = np.ascontiguousarray(values, dtype=np.float64)
    now = np.ones(len(values), dtype=np.bool_) if is_current is None else np.asarray(is_current)
    _check(columns, values, now)
    rng = np.random.default_rng(seed)
    aside = _set_aside(len(values), clusters, rng)
    searched = np.flatnonzero(~aside).astype(np.int32)
    rows = Rows(current=searched[now[searched]], reference=searched[~now[searched]])
    least = max(least_ratio * len(rows.current), _LEAST_ROWS)
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        found = search_segments(
            columns,
            values,
            rows,
            least_rows=least,
            most_conditions=most_conditions,
            pool=pool,
        )
    chosen = _distinct(columns, values, rows, found, most=most, least_rows=least)
    columns = [*columns]
    chosen = [sharpened(columns, values, rows.current, one) for one in chosen]
    place = np.flatnonzero(aside)
    judge = Judge(
        columns=columns,
        is_current=now,
        aside=aside,
        held_out=HeldOut(
            values=values[place],
            is_current=now[place],
            clusters=None if clusters is None else clusters[place],
        ),
    )
    return SegmentFindings(
        segments=judge.confirmed(chosen),
        rows=int(now.sum()),
        reference_rows=int((~now).sum()),
        mean=float(values[now].mean()),
        reference_mean=None if now.all() else float(values[~now].mean()),
        least_rows=int(np.ceil(least * len(values) / max(len(searched), 1))),
    )


def _check(columns: Sequence[CodedColumn], values: Floats, now: Flags) -> None:
    sizes = {len(one.codes) for one in columns} | {len(values), len(now)}
    if len(sizes) != 1 or not columns:
        raise UsageError(
            f"Expected one or more columns of as many rows as the quantity has, got {len(columns)}"
            f" columns and {sorted(sizes)} rows. Code every column over all rows."
        )
    if not now.any() or not np.isfinite(values).all():
        raise UsageError(
            "Expected current rows and a finite quantity. Leave rows out where it is not known."
        )


def _set_aside(rows: int, clusters: Ints | None, rng: np.random.Generator) -> Flags:
    """Return which rows judge: about half, whole clusters, 200,000 or so at most."""
    part = min(0.5, _MOST_HELD_OUT / rows)
    if clusters is None:
        return rng.random(rows, dtype=np.float32) < part
    names, of = np.unique(clusters, return_inverse=True)
    aside: Flags = (rng.random(len(names)) < part)[of]
    return aside


def _distinct(
    columns: Sequence[CodedColumn],
    values: Floats,
    rows: Rows,
    found: Sequence[Candidate],
    *,
    most: int,
    least_rows: float,
) -> list[Candidate]:
    """Return the best, then what is best among the rows outside those before, and so on."""
    chosen: list[Candidate] = []
    while found and len(chosen) < most:
        best = max(found, key=lambda one: one.gain)
        if best.gain <= 0.0:
            break
        chosen.append(best)
        if len(chosen) == most:
            break
        inside = rows_within(columns, best.literals)
        rows = Rows(
            current=rows.current[~inside[rows.current]],
            reference=rows.reference[~inside[rows.reference]],
        )
        if not len(rows.current):
            break
        found = rescored(columns, values, rows, found, least_rows=least_rows)
    return chosen
