"""Reference against current, from files or frames to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

from watchkeeper.checks import Check, CheckResult
from watchkeeper.comparison import Comparison, Rule, Settings, VectorComparison, compare_profiles
from watchkeeper.errors import DataError, SettingsError
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
from watchkeeper.pipeline.vector_rows import (
    Embed,
    compare_texts,
    compare_vectors,
    vector_columns,
)
from watchkeeper.profiles import TableProfile, derived_schema, source_of

_SAMPLE_ROWS = 20_000
"""Rows of each side that the joint test looks at."""


def compare(
    reference: object,
    current: object,
    *,
    columns: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    segment_by: str | None = None,
    schema: Schema | None = None,
    checks: Sequence[Check] = (),
    rule: str | None = None,
    false_call_rate: float = 0.05,
    least_effect: float = 0.02,
    joint: bool = True,
    embed: Embed | None = None,
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
    checks
        What must hold for the current data; see `watchkeeper.checks`.
    rule
        A threshold that decides instead of the tests, such as ``psi > 0.2``.
    false_call_rate
        Accepted chance of a verdict of drift where there is none, over all columns, 0 to 1.
    least_effect
        Part of the rows that must have moved before a change matters, 0 to 1.
    joint
        Whether to look at all columns together too, with a classifier on a sample of the rows. A
        saved profile keeps no rows, so there it cannot be done.
    embed
        An embedding model: takes a list of texts, returns an array of shape (texts, dimensions).
        Columns of text are then compared by their vectors too, on up to 2,000 rows of each side.
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
    steps = _Steps(on_columns)
    known = _Reference.of(reference, columns, ignore, segment_by, schema, joint, timezone, steps)
    reader = _opened(current, timezone)
    sample = None if known.sample is None else RowSample(reader.rows, _SAMPLE_ROWS)
    profile = profile_like(known.profile, reader, sample=sample, on_columns=steps.second)
    together = None
    if known.sample is not None and sample is not None:
        together = joint_drift(known.profile.schema, known.sample, sample)
    types: dict[str, ColumnType] = {
        name: column.type for name, column in derived_schema(known.profile.schema).columns.items()
    }
    return compare_profiles(
        types,
        known.profile.bins,
        known.profile.profile,
        profile,
        settings=settings,
        joint=together,
        vectors=known.compare_vectors(reader, embed),
        missing=[
            name for name in types if source_of(known.profile.schema, name) not in reader.names
        ],
        checks=_checked(checks, current, reader, reference, known),
        names=(_called(known.profile.name, "reference"), _called(reader.source.name, "current")),
        notes=[*known.profile.notes, *_columns_of_one_side(known, reader)],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    """What is kept of the reference: its profile, and its rows where they are at hand."""

    profile: TableProfile
    reader: ColumnReader | None = None
    sample: RowSample | None = None
    vectors: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        reference: object,
        columns: Sequence[str] | None,
        ignore: Sequence[str],
        segment_by: str | None,
        schema: Schema | None,
        joint: bool,
        timezone: str | None,
        steps: _Steps,
    ) -> _Reference:
        saved = _saved(reference)
        if saved is not None:
            return cls(profile=_narrowed(saved, columns, ignore, segment_by))
        reader = ColumnReader(open_table(reference, timezone=timezone, bad_cells="misfit"))
        vectors = [
            name
            for name in vector_columns(reader)
            if name not in ignore and (columns is None or name in columns)
        ]
        sample = RowSample(reader.rows, _SAMPLE_ROWS) if joint else None
        profile = profile_reader(
            reader,
            columns=None if columns is None else [n for n in columns if n not in vectors],
            ignore=[*ignore, *vectors],
            segment_by=segment_by,
            schema=schema,
            sample=sample,
            may_be_empty=bool(vectors),
            on_columns=steps.first,
        )
        notes = tuple(n for n in profile.notes if n.partition(" was not")[0] not in vectors)
        return cls(
            profile=replace(profile, notes=notes),
            reader=reader,
            sample=sample if profile.schema.columns else None,
            vectors=tuple(vectors),
        )

    def compare_vectors(
        self, current: ColumnReader, embed: Embed | None
    ) -> dict[str, VectorComparison]:
        """Compare columns of vectors, and of text if there is a model to embed it."""
        found: dict[str, VectorComparison | None] = {}
        if self.reader is None:
            return {}
        for name in self.vectors:
            if name in current.names:
                found[name] = compare_vectors(name, self.reader, current)
        texts = [n for n, c in self.profile.schema.columns.items() if c.type == "text"]
        for name in texts if embed is not None else ():
            if name in current.names:
                assert embed is not None
                found[name] = compare_texts(name, self.reader, current, embed)
        return {name: one for name, one in found.items() if one is not None}


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


def _checked(
    checks: Sequence[Check],
    current: object,
    reader: ColumnReader,
    reference: object,
    known: _Reference,
) -> tuple[CheckResult, ...]:
    if not checks:
        return ()
    from watchkeeper.pipeline.checking import run_checks  # loads DuckDB

    before: object = known.profile
    if known.reader is not None:
        before = known.reader.kept(reference)
    return run_checks(reader.kept(current), checks, reference=before)


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
    if _is_path(reference) and is_saved_profile(reference):
        return load_profile(reference)
    return None


def _opened(current: object, timezone: str | None) -> ColumnReader:
    if isinstance(current, TableProfile) or (_is_path(current) and is_saved_profile(current)):
        raise DataError(
            "Data was expected as the current side, a saved profile came: rows are counted on the"
            " reference's bins. A saved profile can be the reference."
        )
    # No types are asked for: a value of another type than the reference's is a misfit, and counted.
    return ColumnReader(open_table(current, timezone=timezone, bad_cells="misfit"))


def _called(name: str, side: str) -> str:
    """Return what to call a side: its file, or for a frame in memory the side itself."""
    return side if name.startswith("<") else name


def _is_path(given: object) -> TypeGuard[str | Path]:
    return isinstance(given, str | Path)


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


def _columns_of_one_side(reference: _Reference, reader: ColumnReader) -> list[str]:
    compared = [*reference.profile.schema.columns, *reference.vectors]
    said = {note.partition(" was not compared")[0] for note in reference.profile.notes}
    lacking = [name for name in compared if name not in reader.names]
    new = [name for name in reader.names if name not in compared and name not in said]
    return [
        *(f"{name} is missing now" for name in lacking),
        *(f"{name} is new: the reference does not have it" for name in new),
    ]
