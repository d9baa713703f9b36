"""Reference against current, from files or frames to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from watchkeeper.comparison import Comparison, Rule, Settings, compare_profiles
from watchkeeper.errors import SettingsError
from watchkeeper.events import ColumnType, Schema
from watchkeeper.pipeline.column_choice import require_columns
from watchkeeper.pipeline.column_reader import ColumnReader
from watchkeeper.pipeline.files import open_table
from watchkeeper.pipeline.joint import joint_drift
from watchkeeper.pipeline.row_sample import RowSample
from watchkeeper.pipeline.table_profiling import (
    OnColumns,
    is_saved_profile,
    load_profile,
    profile_like,
    profile_reader,
)
from watchkeeper.profiles import TableProfile, derived_schema


def compare(
    reference: object,
    current: object,
    *,
    columns: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    segment_by: str | None = None,
    schema: Schema | None = None,
    rule: str | None = None,
    false_call_rate: float = 0.05,
    least_effect: float = 0.02,
    joint: bool = True,
    timezone: str | None = None,
    on_columns: OnColumns | None = None,
) -> Comparison:
    """Compare current data with a reference: what changed, how much, and whether by chance.

    Parameters
    ----------
    reference
        Path, pattern, folder, list of these, a data frame (pandas, Polars, PyArrow, DuckDB), or a
        saved profile (a path, or a `TableProfile`).
    current
        The same, but no profile: its rows are counted on the reference's bins.
    columns, ignore
        Columns to compare (default: all that make sense) and to leave out.
    segment_by
        Column whose most frequent values, up to 20, are compared each by itself too.
    schema
        Declared columns; by default they are inferred from the reference.
    rule
        A threshold that decides instead of the tests, such as ``psi > 0.2``.
    false_call_rate
        Accepted chance of a verdict of drift where there is none, over all columns, 0 to 1.
    least_effect
        Part of the rows that must have moved before a change matters, 0 to 1.
    joint
        Whether to look at all columns together too, with a classifier on a sample of the rows. A
        saved profile keeps no rows, so there it cannot be done.
    timezone
        Zone of times that name none; default UTC.
    on_columns
        Called with the number of columns profiled and how many there are, both sides together.

    Raises
    ------
    UsageError
        If a setting or the data cannot be used; the message says why.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> rng = np.random.default_rng(0)
    >>> before = pa.table({"x": rng.normal(size=2_000), "y": rng.normal(size=2_000)})
    >>> after = pa.table({"x": rng.normal(size=2_000), "y": rng.normal(0.3, size=2_000)})
    >>> compare(before, after).dataset.message
    '1 of 2 columns drifted: y.'
    """
    settings = _settings(rule, false_call_rate, least_effect)
    saved = _saved(reference)
    before: RowSample | None = None
    steps = _Steps(on_columns)
    if saved is not None:
        saved = _narrowed(saved, columns, ignore, segment_by)
    else:
        opened = open_table(reference, timezone=timezone, bad_cells="misfit")
        known = ColumnReader(opened)
        before = RowSample(known.rows, _SAMPLE_ROWS) if joint else None
        saved = profile_reader(
            known,
            columns=columns,
            ignore=ignore,
            segment_by=segment_by,
            schema=schema,
            sample=before,
            on_columns=steps.first,
        )
    # No types are asked for: a value of another type than the reference's is a misfit, and counted.
    source = open_table(current, timezone=timezone, bad_cells="misfit")
    reader = ColumnReader(source)
    after = None if before is None else RowSample(reader.rows, _SAMPLE_ROWS)
    profile = profile_like(saved, reader, sample=after, on_columns=steps.second)
    together = None
    if before is not None and after is not None:
        together = joint_drift(saved.schema, before, after)
    types: dict[str, ColumnType] = {
        name: column.type for name, column in derived_schema(saved.schema).columns.items()
    }
    return compare_profiles(
        types,
        saved.bins,
        saved.profile,
        profile,
        settings=settings,
        joint=together,
        names=(saved.name, source.name),
        notes=[*saved.notes, *_columns_of_one_side(saved, reader)],
    )


_SAMPLE_ROWS = 20_000
"""Rows of each side that the joint test looks at."""


class _Steps:
    """Columns done over both sides."""

    def __init__(self, on_columns: OnColumns | None) -> None:
        self._tell = on_columns

    def first(self, done: int, total: int) -> None:
        if self._tell is not None:
            self._tell(done, 2 * total)

    def second(self, done: int, total: int) -> None:
        if self._tell is not None:
            self._tell(total + done, 2 * total)


def _settings(rule: str | None, false_call_rate: float, least_effect: float) -> Settings:
    if not 0 < false_call_rate < 1:
        raise SettingsError(
            f"Expected false_call_rate between 0 and 1, got {false_call_rate}. Try 0.05."
        )
    if not 0 <= least_effect < 1:
        raise SettingsError(
            f"Expected least_effect to be 0 or more and below 1, got {least_effect}. Try 0.02."
        )
    return Settings(
        false_call_rate=false_call_rate,
        least_effect=least_effect,
        rule=None if rule is None else Rule.parse(rule),
    )


def _saved(reference: object) -> TableProfile | None:
    if isinstance(reference, TableProfile):
        return reference
    if isinstance(reference, str | Path) and is_saved_profile(reference):
        return load_profile(reference)
    return None


def _narrowed(
    saved: TableProfile,
    columns: Sequence[str] | None,
    ignore: Sequence[str],
    segment_by: str | None,
) -> TableProfile:
    names = list(saved.schema.columns)
    require_columns([*(columns or ()), *ignore], names)
    if segment_by not in {None, saved.segment_by}:
        raise SettingsError(
            f"Expected segments of {saved.segment_by!r}, which the saved profile has, got"
            f" {segment_by!r}. Save the profile anew with --segment-by {segment_by}."
        )
    kept = [n for n in names if (columns is None or n in columns) and n not in ignore]
    schema = Schema(columns={name: saved.schema.columns[name] for name in kept})
    return replace(saved, schema=schema)


def _columns_of_one_side(saved: TableProfile, reader: ColumnReader) -> list[str]:
    known = set(saved.schema.columns)
    said = {note.partition(" was not compared")[0] for note in saved.notes}
    lacking = [name for name in saved.schema.columns if name not in reader.names]
    new = [name for name in reader.names if name not in known and name not in said]
    return [
        *(f"{name} is missing now: it counts as null in every row" for name in lacking),
        *(f"{name} is new: the reference does not have it" for name in new),
    ]
