"""Reference against current, from files or frames to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watchkeeper.checks import Check, CheckResult
from watchkeeper.comparison import (
    Comparison,
    PerformanceComparison,
    Rule,
    Settings,
    compare_profiles,
)
from watchkeeper.errors import SettingsError
from watchkeeper.events import ColumnType, QualitySettings, Schema
from watchkeeper.pipeline.column_reader import ColumnReader
from watchkeeper.pipeline.comparison_sides import SAMPLE_ROWS, Reference, open_current
from watchkeeper.pipeline.joint import joint_drift
from watchkeeper.pipeline.outlier_sides import compare_outliers
from watchkeeper.pipeline.row_sample import RowSample
from watchkeeper.pipeline.table_profiling import OnColumns, profile_like
from watchkeeper.pipeline.vector_rows import Embed
from watchkeeper.profiles import derived_schema, source_of

if TYPE_CHECKING:
    from watchkeeper.pipeline.labelled_sides import NamedColumns


def compare(
    reference: object,
    current: object,
    *,
    columns: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    segment_by: str | None = None,
    schema: Schema | None = None,
    output: str | None = None,
    label: str | None = None,
    entity: str | None = None,
    quality: QualitySettings | None = None,
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
    label
        Column of what came true. With it the comparison says how good the predictions of both
        sides are; rows without a label are left out of that.
    output
        Column of the prediction: a probability, a class or a number. Default: ``output``, or
        probabilities by class in columns ``output:<class>``.
    entity
        Column of whom a row is about; rows of one entity are not taken as independent.
    quality
        What is predicted and by what it is measured, as in ``watchkeeper.yaml``.
    checks
        What must hold for the current data; see `watchkeeper.checks`.
    rule
        A threshold that decides instead of the tests, such as ``psi > 0.2``.
    false_call_rate
        Accepted chance of a verdict of drift where there is none, over all columns, 0 to 1.
    least_effect
        Part of the rows that must have moved before a change matters, 0 to 1.
    joint
        Whether to look at all columns together too, with a classifier on a sample of the rows, and
        for rows that are unlike the reference's. A saved profile keeps no rows, so there it cannot
        be done.
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
    named, checked = _named(output, label, entity, checks)
    steps = _Steps(on_columns)
    known = Reference.of(
        reference, columns, ignore, segment_by, schema, joint, timezone, steps.first
    )
    reader = open_current(current, timezone)
    sample = None if known.sample is None else RowSample(reader.rows, SAMPLE_ROWS)
    profile = profile_like(known.profile, reader, sample=sample, on_columns=steps.second)
    together = outliers = None
    if known.sample is not None and sample is not None:
        together = joint_drift(known.profile.schema, known.sample, sample)
        outliers = compare_outliers(known.profile.schema, known.sample, sample, most=SAMPLE_ROWS)
    performance = None
    if named is not None:
        from watchkeeper.pipeline.labelled_sides import performance_of_sides

        performance = performance_of_sides(
            named,
            known.reader,
            reader,
            quality=quality or QualitySettings(),
            settings=settings,
            ignore=ignore,
            checked=checked,
        )
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
        checks=_checked(checks, current, reader, reference, known, performance),
        outliers=outliers,
        performance=performance,
        names=(_called(known.profile.name, "reference"), _called(reader.source.name, "current")),
        notes=[*known.profile.notes, *_columns_of_one_side(known, reader)],
    )


def _named(
    output: str | None, label: str | None, entity: str | None, checks: Sequence[Check]
) -> tuple[NamedColumns | None, tuple[str, ...]]:
    """Return the columns that labels are told by, and the metrics that checks are about."""
    if output is None and label is None and entity is None and not checks:
        return None, ()
    from watchkeeper.pipeline.labelled_sides import NamedColumns, metrics_checked  # loads the store

    named = NamedColumns.of(output, label, entity)
    return named, metrics_checked(checks, has_labels=named is not None)


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
    known: Reference,
    performance: PerformanceComparison | None,
) -> tuple[CheckResult, ...]:
    if not checks:
        return ()
    from watchkeeper.pipeline.checking import run_checks  # loads DuckDB

    before: object = known.profile
    if known.reader is not None:
        before = known.reader.kept(reference)
    results = run_checks(reader.kept(current), checks, reference=before)
    if performance is None:
        return results
    from watchkeeper.pipeline.labelled_sides import with_metric_checks

    return with_metric_checks(results, checks, performance)


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


def _called(name: str, side: str) -> str:
    """Return what to call a side: its file, or for a frame in memory the side itself."""
    return side if name.startswith("<") else name


def _columns_of_one_side(reference: Reference, reader: ColumnReader) -> list[str]:
    compared = [*reference.profile.schema.columns, *reference.vectors]
    said = {note.partition(" was not compared")[0] for note in reference.profile.notes}
    lacking = [name for name in compared if name not in reader.names]
    new = [name for name in reader.names if name not in compared and name not in said]
    return [
        *(f"{name} is missing now" for name in lacking),
        *(f"{name} is new: the reference does not have it" for name in new),
    ]
