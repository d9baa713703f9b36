"""What a comparison says: of the data set, of each column and of each check."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from watchkeeper.checks import CheckResult
from watchkeeper.comparison.performance import PerformanceComparison
from watchkeeper.events import ColumnType

Verdict: TypeAlias = Literal["fine", "drifted", "worse", "failed", "inconclusive"]


class ValueChange(msgspec.Struct, frozen=True, kw_only=True):
    """Share of one value (or bin) in the reference and now, 0 to 1."""

    value: str
    reference_ratio: float
    current_ratio: float


class ColumnEffect(msgspec.Struct, frozen=True, kw_only=True):
    """How large a column's change is, in its own units.

    Attributes
    ----------
    moved_ratio
        Part of the rows that lie elsewhere than in the reference: the total variation, less what
        samples of these sizes show without any change; 0 to 1.
    moved_low, moved_high
        Interval of ``moved_ratio`` at 95 %.
    reference_mean, current_mean, shift
        Of a number, finite values only; ``shift`` is current less reference.
    shift_sd
        The shift in standard deviations of the reference.
    shift_low, shift_high
        Interval of ``shift`` at 95 %.
    most_changed
        Up to five values or bins whose shares changed most, largest change first.
    """

    moved_ratio: float
    moved_low: float
    moved_high: float
    reference_mean: float | None = None
    current_mean: float | None = None
    shift: float | None = None
    shift_sd: float | None = None
    shift_low: float | None = None
    shift_high: float | None = None
    most_changed: tuple[ValueChange, ...] = ()


class Distances(msgspec.Struct, frozen=True, kw_only=True):
    """Distances between reference and current over the same bins; ``None`` where undefined.

    ``wasserstein`` is in units of the column, ``kolmogorov_smirnov`` is of numbers only.
    """

    psi: float | None = None
    jensen_shannon: float | None = None
    hellinger: float | None = None
    wasserstein: float | None = None
    kolmogorov_smirnov: float | None = None
    chi_square: float | None = None
    total_variation: float | None = None
    l_infinity: float | None = None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Quality and statistics of one column on one side.

    Attributes
    ----------
    null_ratio, misfit_ratio, infinite_ratio
        Parts of the rows: without a value, with one of another type, beyond all numbers.
    distinct
        How many different values, exact for categories, to 2 % for numbers; ``None`` if unknown.
    unseen_ratio
        Part of the rows whose value (of a number: range) the reference never showed.
    once_ratio
        Of a category, part of the rows whose value came only once: about as many rows of another
        sample have values that this one does not (Good 1953). 0 for a number.
    minimum, p5, p25, p50, p75, p95, maximum, mean, sd
        Of a number's finite values.
    top
        Of a category, the most frequent values with their rows, at most ten.
    """

    rows: int
    null_ratio: float
    misfit_ratio: float
    infinite_ratio: float = 0.0
    distinct: int | None = None
    unseen_ratio: float = 0.0
    once_ratio: float = 0.0
    minimum: float | None = None
    p5: float | None = None
    p25: float | None = None
    p50: float | None = None
    p75: float | None = None
    p95: float | None = None
    maximum: float | None = None
    mean: float | None = None
    sd: float | None = None
    top: dict[str, int] | None = None


class ColumnQuality(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides' quality, and the values that came and went.

    Attributes
    ----------
    new_values, missing_values
        Of a category, values of one side only, most frequent first, at most ten.
    new_value_count, missing_value_count
        How many there are.
    """

    reference: Summary
    current: Summary
    new_values: tuple[str, ...] = ()
    new_value_count: int = 0
    missing_values: tuple[str, ...] = ()
    missing_value_count: int = 0


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides over the same bins, for plots.

    Attributes
    ----------
    labels
        One per bin, as a person reads them.
    edges
        Of a number, ascending, one fewer than labels: ``(-inf, e0), [e0, e1), ..., [ek, inf)``;
        ``None`` for categories.
    reference, current
        Rows per bin; nulls and misfits are not among them.
    """

    labels: tuple[str, ...]
    edges: tuple[float, ...] | None
    reference: tuple[int, ...]
    current: tuple[int, ...]


class ColumnComparison(msgspec.Struct, frozen=True, kw_only=True):
    """One column's verdict.

    Attributes
    ----------
    drifted
        By test: adjusted p-value at most the accepted rate of false calls, and moved by more than
        the least effect. By threshold: the distance chosen is beyond it.
    inconclusive
        Too few rows to have seen a change that matters.
    p_value, adjusted_p_value
        Of the two-sample test; adjusted for all that the data set's verdict looks at (Holm 1979).
        ``None`` where there is nothing to test.
    tests
        p-value of each part of the test, by name.
    rule
        What decided, in words: ``test``, for example ``psi > 0.2``, or ``missing``: the current
        side does not have the column.
    message
        What changed, in one sentence.
    """

    type: ColumnType
    drifted: bool
    inconclusive: bool
    p_value: float | None
    adjusted_p_value: float | None
    tests: dict[str, float]
    rule: str
    effect: ColumnEffect
    distances: Distances
    quality: ColumnQuality
    distribution: Distribution
    message: str


class TellingColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column by which the two sides can be told apart, with its part in that, 0 to 1."""

    column: str
    share: float


class OutlierComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that are unlike the reference's, each by itself or by how its values go together.

    Attributes
    ----------
    reference_ratio
        Part of the reference's rows that are outliers of its others, 0 to 1.
    current_ratio, low, high
        Part of the current rows, with its interval at 95 %.
    rows
        Current rows that were looked at.
    risen
        Whether there are more of them than in the reference, beyond what chance does.
    columns
        By which they are outliers, with the part of the outliers that each concerns, most first.
    """

    reference_ratio: float
    current_ratio: float
    low: float
    high: float
    rows: int
    risen: bool
    columns: tuple[TellingColumn, ...]


class JointDrift(msgspec.Struct, frozen=True, kw_only=True):
    """How well a classifier tells rows of the two sides apart, over all columns together.

    Attributes
    ----------
    auc
        Cross-fitted area under the ROC curve: 0.5 when the sides cannot be told apart.
    auc_low, auc_high
        Its interval at 95 %.
    rows
        Rows of both sides that it was fitted and tested on.
    columns
        The most telling columns, largest share first.
    """

    drifted: bool
    auc: float
    auc_low: float
    auc_high: float
    p_value: float
    adjusted_p_value: float
    rows: int
    columns: tuple[TellingColumn, ...]


class VectorComparison(msgspec.Struct, frozen=True, kw_only=True):
    """A column of vectors (embeddings), or of text through an embedding model.

    Attributes
    ----------
    dimensions
        Of the vectors.
    auc, auc_low, auc_high
        How well a classifier tells the two sides apart, 0.5 when not at all; interval at 95 %.
    rows
        Rows of both sides that were looked at.
    reference_null_ratio, current_null_ratio
        Parts of these rows without a vector of those dimensions.
    """

    dimensions: int
    drifted: bool
    inconclusive: bool
    auc: float
    auc_low: float
    auc_high: float
    p_value: float
    adjusted_p_value: float
    rows: int
    reference_null_ratio: float
    current_null_ratio: float
    message: str


class DatasetComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The data set's verdict.

    Attributes
    ----------
    drifted
        Whether any column, or all of them jointly, drifted.
    inconclusive
        Nothing drifted, but there are too few rows to say that all is well.
    worse
        Whether predictions got worse; ``False`` without labels.
    false_call_rate
        Accepted chance that the verdict says drift where there is none, over all columns; and
        likewise that predictions got worse, over all metrics.
    least_effect
        Part of the rows that must have moved before a change matters.
    message
        The verdict in one sentence; when inconclusive, how many rows it would take.
    """

    verdict: Verdict
    drifted: bool
    inconclusive: bool
    worse: bool = False
    columns: int
    columns_drifted: int
    checks: int
    checks_failed: int
    reference_rows: int
    current_rows: int
    false_call_rate: float
    least_effect: float
    joint: JointDrift | None
    message: str


class SegmentComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one segment, compared by themselves."""

    segment: str
    reference_rows: int
    current_rows: int
    drifted: bool
    inconclusive: bool
    columns: dict[str, ColumnComparison]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Reference against current.

    Attributes
    ----------
    columns
        By name, those of the reference in its order.
    vectors
        Columns of vectors, and of text where an embedding model was given, by name.
    segments
        Largest first; empty unless asked for.
    outliers
        Current rows that are unlike the reference's. They do not decide the verdict; ``None`` where
        no rows were kept.
    performance
        How good the predictions of both sides are; ``None`` unless labels were named.
    notes
        What could not be compared and why, in plain words.
    """

    reference: str
    current: str
    dataset: DatasetComparison
    columns: dict[str, ColumnComparison]
    vectors: dict[str, VectorComparison] = {}
    checks: tuple[CheckResult, ...] = ()
    segments: tuple[SegmentComparison, ...] = ()
    outliers: OutlierComparison | None = None
    performance: PerformanceComparison | None = None
    notes: tuple[str, ...] = ()
