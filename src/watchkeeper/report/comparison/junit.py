"""A comparison as JUnit XML, for the pages that build servers make of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from watchkeeper.checks import CheckResult
from watchkeeper.comparison import (
    ColumnComparison,
    Comparison,
    MetricComparison,
    SegmentComparison,
    VectorComparison,
)
from watchkeeper.report.comparison.verdict import chance, changed_first, of_check
from watchkeeper.report.markup import Markup, element, join
from watchkeeper.report.wording import name, number, ratio

_LONGEST_NAME = 200
_LONGEST_MESSAGE = 1000
_MOST_COLUMNS = 20
# XML 1.0 allows neither; `name` has taken out every other control character.
_NOT_XML = re.compile("[\ufffe\uffff\ud800-\udfff]")

Outcome: TypeAlias = Literal["passed", "failure", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    name: str
    outcome: Outcome
    kind: str
    message: str
    details: str = ""


def comparison_junit(comparison: Comparison) -> str:
    """Render a comparison as JUnit XML.

    A suite each for metrics, columns, vectors, checks, segments and all columns jointly. Drift, a
    worse metric and a failed check are failures; what is inconclusive, and a failed check that
    only warns, is skipped with its message, so that a build fails exactly when the comparison does.
    """
    joint = comparison.dataset.joint
    performance = comparison.performance
    metrics = {} if performance is None else performance.metrics
    suites = [
        ("metrics", [_metric(one) for one in metrics.values()]),
        ("columns", [_column(name_, column) for name_, column in comparison.columns.items()]),
        ("vectors", [_vector(name_, vector) for name_, vector in comparison.vectors.items()]),
        ("checks", [_check(check) for check in comparison.checks]),
        ("segments", [_segment(segment) for segment in comparison.segments]),
        ("joint", [] if joint is None else [_joint(comparison)]),
    ]
    cases = [case for _, found in suites for case in found]
    root = element(
        "testsuites",
        [_suite(suite, found) for suite, found in suites if found],
        name=_plain("watchkeeper compare"),
        **_counts(cases),
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'


def _suite(suite: str, cases: Sequence[_Case]) -> Markup:
    seen: dict[str, int] = {}
    rendered = []
    for case in cases:
        # Shortened names may be the same; servers would take them for one test.
        seen[case.name] = seen.get(case.name, 0) + 1
        suffix = f" ({seen[case.name]})" if seen[case.name] > 1 else ""
        rendered.append(_testcase(suite, case, case.name + suffix))
    return element("testsuite", join(rendered), name=f"watchkeeper.{suite}", **_counts(cases))


def _counts(cases: Sequence[_Case]) -> dict[str, str | int]:
    return {
        "tests": len(cases),
        "failures": sum(case.outcome == "failure" for case in cases),
        "errors": 0,
        "skipped": sum(case.outcome == "skipped" for case in cases),
        "time": "0",
    }


def _testcase(suite: str, case: _Case, shown: str) -> Markup:
    child = None
    if case.outcome == "failure":
        child = element(
            "failure", case.details or case.message, message=case.message, type=case.kind
        )
    elif case.outcome == "skipped":
        child = element("skipped", message=case.message)
    return element("testcase", child, classname=f"watchkeeper.{suite}", name=shown, time="0")


def _metric(metric: MetricComparison) -> _Case:
    outcome: Outcome = "failure" if metric.change == "worse" else "passed"
    return _Case(
        name=metric.label,
        outcome="skipped" if metric.change == "unknown" else outcome,
        kind="performance",
        message=_plain(metric.message),
    )


def _column(name_: str, column: ColumnComparison) -> _Case:
    outcome: Outcome = (
        "failure" if column.drifted else "skipped" if column.inconclusive else "passed"
    )
    effect = column.effect
    lines = [
        _plain(column.message),
        f"moved: {ratio(effect.moved_ratio)} of the rows"
        f" (95 %: {ratio(effect.moved_low)} to {ratio(effect.moved_high)})",
        f"p-value: {chance(column.p_value)}, adjusted: {chance(column.adjusted_p_value)}",
        f"decided by: {_plain(column.rule)}",
        f"psi: {number(column.distances.psi)}",
    ]
    return _Case(
        name=_plain(name_, longest=_LONGEST_NAME),
        outcome=outcome,
        kind="drift",
        message=_plain(column.message),
        details="\n".join(lines),
    )


def _vector(name_: str, vector: VectorComparison) -> _Case:
    return _Case(
        name=_plain(name_, longest=_LONGEST_NAME),
        outcome="failure" if vector.drifted else "skipped" if vector.inconclusive else "passed",
        kind="drift",
        message=_plain(vector.message),
        details=f"{_plain(vector.message)}\nAUC {vector.auc:.3f} (95 %: {vector.auc_low:.3f} to"
        f" {vector.auc_high:.3f}), adjusted p-value {chance(vector.adjusted_p_value)}",
    )


def _check(check: CheckResult) -> _Case:
    verdict = of_check(check)
    outcome: Outcome = (
        "passed" if verdict == "passed" else "failure" if verdict == "failed" else "skipped"
    )
    message = _plain(check.message)
    lines = [message]
    if check.failed_rows is not None:
        lines.append(f"rows: {check.failed_rows:,} of {check.rows:,}")
    for row in check.examples:
        pairs = [
            f"{_plain(column, longest=60)} = {'null' if value is None else _quoted(value)}"
            for column, value in list(row.items())[:_MOST_COLUMNS]
        ]
        lines.append(f"example: {', '.join(pairs)}")
    return _Case(
        name=_plain(check.name, longest=_LONGEST_NAME),
        outcome=outcome,
        kind="check",
        message=f"warning: {message}" if verdict == "warning" else message,
        details="\n".join(lines),
    )


def _segment(segment: SegmentComparison) -> _Case:
    drifted = [item for item in changed_first(segment.columns) if item[1].drifted]
    names = ", ".join(_plain(column, longest=60) for column, _ in drifted[:5])
    rest = len(drifted) - 5
    message = f"{len(drifted)} of {len(segment.columns)} columns drifted: {names}"
    if rest > 0:
        message += f" and {rest} more"
    if not segment.drifted:
        message = "too few rows to say"
    return _Case(
        name=_plain(segment.segment, longest=_LONGEST_NAME),
        outcome="failure" if segment.drifted else "skipped" if segment.inconclusive else "passed",
        kind="drift",
        message=message,
        details="\n".join([message, *(_plain(column.message) for _, column in drifted[:20])]),
    )


def _joint(comparison: Comparison) -> _Case:
    joint = comparison.dataset.joint
    assert joint is not None
    telling = ", ".join(_plain(one.column, longest=60) for one in joint.columns[:5])
    message = (
        f"AUC {joint.auc:.3f} (95 %: {joint.auc_low:.3f} to {joint.auc_high:.3f}),"
        f" adjusted p-value {chance(joint.adjusted_p_value)}"
    )
    return _Case(
        name="all columns together",
        outcome="failure" if joint.drifted else "passed",
        kind="drift",
        message=message,
        details=f"{message}\nmost telling: {telling}" if telling else message,
    )


def _quoted(value: str) -> str:
    return repr(_plain(value, longest=80)) if value else "''"


def _plain(text: str, *, longest: int = _LONGEST_MESSAGE) -> str:
    return _NOT_XML.sub("�", name(text, longest=longest))
