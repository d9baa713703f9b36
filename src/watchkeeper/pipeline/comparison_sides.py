"""The two sides of a comparison: what is kept of the reference, and the rows that are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

from watchkeeper.comparison import VectorComparison
from watchkeeper.errors import DataError, SettingsError
from watchkeeper.events import Schema
from watchkeeper.pipeline.column_choice import require_columns
from watchkeeper.pipeline.column_reader import ColumnReader
from watchkeeper.pipeline.files import open_table
from watchkeeper.pipeline.row_sample import RowSample
from watchkeeper.pipeline.table_profiling import (
    OnColumns,
    is_saved_profile,
    load_profile,
    profile_reader,
)
from watchkeeper.pipeline.vector_rows import (
    Embed,
    compare_texts,
    compare_vectors,
    vector_columns,
)
from watchkeeper.profiles import TableProfile

SAMPLE_ROWS = 10_000
"""Rows of each side that the joint test looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What is kept of the reference.

    Attributes
    ----------
    profile
        Of its columns.
    reader, sample
        Its rows, and some of them; ``None`` where only a saved profile is at hand.
    vectors
        Names of its columns of vectors.
    """

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
        on_columns: OnColumns | None,
    ) -> Reference:
        """Profile the reference, or take up its saved profile; see `compare`."""
        saved = _saved(reference)
        if saved is not None:
            return cls(profile=_narrowed(saved, columns, ignore, segment_by))
        reader = ColumnReader(open_table(reference, timezone=timezone, bad_cells="misfit"))
        vectors = [
            name
            for name in vector_columns(reader)
            if name not in ignore and (columns is None or name in columns)
        ]
        sample = RowSample(reader.rows, SAMPLE_ROWS) if joint else None
        profile = profile_reader(
            reader,
            columns=None if columns is None else [n for n in columns if n not in vectors],
            ignore=[*ignore, *vectors],
            segment_by=segment_by,
            schema=schema,
            sample=sample,
            may_be_empty=bool(vectors),
            on_columns=on_columns,
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


def open_current(current: object, timezone: str | None) -> ColumnReader:
    """Open the rows that are judged.

    Raises
    ------
    DataError
        When they cannot be read, or are a saved profile.
    """
    if isinstance(current, TableProfile) or (_is_path(current) and is_saved_profile(current)):
        raise DataError(
            "Data was expected as the current side, a saved profile came: rows are counted on the"
            " reference's bins. A saved profile can be the reference."
        )
    # No types are asked for: a value of another type than the reference's is a misfit, and counted.
    return ColumnReader(open_table(current, timezone=timezone, bad_cells="misfit"))


def _saved(reference: object) -> TableProfile | None:
    if isinstance(reference, TableProfile):
        return reference
    if _is_path(reference) and is_saved_profile(reference):
        return load_profile(reference)
    return None


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
