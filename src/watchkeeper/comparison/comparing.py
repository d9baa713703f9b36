"""The whole comparison: columns, all of them jointly, checks, and the verdict over everything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from watchkeeper.checks import CheckResult
from watchkeeper.comparison.performance import PerformanceComparison
from watchkeeper.comparison.result import (
    Comparison,
    DatasetComparison,
    JointDrift,
    OutlierComparison,
    VectorComparison,
    Verdict,
)
from watchkeeper.comparison.verdict import Settings, judge
from watchkeeper.comparison.wording import of_dataset
from watchkeeper.events import ColumnType
from watchkeeper.profiles import Bins, BucketProfile


def compare_profiles(
    types: Mapping[str, ColumnType],
    bins: Mapping[str, Bins],
    reference: BucketProfile,
    current: BucketProfile,
    *,
    settings: Settings | None = None,
    joint: JointDrift | None = None,
    vectors: Mapping[str, VectorComparison] | None = None,
    missing: Collection[str] = (),
    checks: Sequence[CheckResult] = (),
    outliers: OutlierComparison | None = None,
    performance: PerformanceComparison | None = None,
    names: tuple[str, str] = ("reference", "current"),
    notes: Sequence[str] = (),
) -> Comparison:
    """Compare two profiles counted on the same bins.

    Parameters
    ----------
    types
        Profiled columns in their order.
    bins
        Bins of each, as the reference fixed them.
    joint
        What a classifier found over all columns together.
    vectors
        What a classifier found in each column of vectors.
    missing
        Columns that the current side does not have.
    outliers
        How many rows are unlike the reference's.
    performance
        How good the predictions of both sides are. It has its own rate of false calls, so that
        columns are judged alike with and without labels.
    names
        What messages call the two sides.
    """
    settings = settings or Settings()
    judged = judge(types, bins, reference, current, settings, joint, vectors, missing)
    columns_drifted = sum(column.drifted for column in judged.columns.values())
    columns_drifted += sum(found.drifted for found in judged.vectors.values())
    segments_drifted = sum(segment.drifted for segment in judged.segments)
    failed = [check for check in checks if check.passed is False]
    drifted = bool(
        columns_drifted or segments_drifted or (judged.joint is not None and judged.joint.drifted)
    )
    worse = performance is not None and performance.worse
    inconclusive = not drifted and not worse and judged.rows_needed is not None
    return Comparison(
        reference=names[0],
        current=names[1],
        dataset=DatasetComparison(
            verdict=_verdict(
                drifted, worse, any(c.severity == "error" for c in failed), inconclusive
            ),
            drifted=drifted,
            inconclusive=inconclusive,
            worse=worse,
            columns=len(judged.columns) + len(judged.vectors),
            columns_drifted=columns_drifted,
            checks=len(checks),
            checks_failed=len(failed),
            reference_rows=reference.rows,
            current_rows=current.rows,
            false_call_rate=settings.false_call_rate,
            least_effect=settings.least_effect,
            joint=judged.joint,
            message=of_dataset(
                judged.columns,
                judged.vectors,
                judged.joint,
                rows_needed=judged.rows_needed,
                failed=len(failed),
                checks=len(checks),
                segments_drifted=segments_drifted,
                performance=performance,
            ),
        ),
        columns=judged.columns,
        vectors=judged.vectors,
        checks=tuple(checks),
        segments=judged.segments,
        outliers=outliers,
        performance=performance,
        notes=tuple(notes),
    )


def _verdict(drifted: bool, worse: bool, failed: bool, inconclusive: bool) -> Verdict:
    if failed:
        return "failed"
    if worse:
        return "worse"
    if drifted:
        return "drifted"
    return "inconclusive" if inconclusive else "fine"
