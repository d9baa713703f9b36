"""The top of the page: the verdict in a sentence, then on what it stands."""

from __future__ import annotations

from watchkeeper.comparison import Comparison
from watchkeeper.report.comparison.column_tables import said
from watchkeeper.report.comparison.verdict import chance, heading
from watchkeeper.report.markup import Child, Markup, element, join, label
from watchkeeper.report.wording import count, number


def masthead(comparison: Comparison) -> Markup:
    """Say the verdict as the page's heading."""
    dataset = comparison.dataset
    return element(
        "header",
        element(
            "p",
            "Watchkeeper comparison: ",
            label(comparison.current, longest=120),
            " against ",
            label(comparison.reference, longest=120),
            class_="eyebrow",
        ),
        element(
            "h1",
            element("strong", heading(dataset), class_=f"is-{dataset.verdict}"),
            " ",
            said(dataset.message),
            class_="verdict",
        ),
        _facts(comparison),
        class_="masthead",
    )


def _facts(comparison: Comparison) -> Markup:
    dataset = comparison.dataset
    facts: list[tuple[str, Child, Child]] = [
        (
            "Reference",
            label(comparison.reference, longest=80),
            count(dataset.reference_rows, "row"),
        ),
        ("Current", label(comparison.current, longest=80), count(dataset.current_rows, "row")),
        (
            "Columns",
            f"{dataset.columns_drifted:,} of {dataset.columns:,} drifted",
            _segments(comparison),
        ),
    ]
    if dataset.checks:
        facts.append(
            (
                "Checks",
                f"{dataset.checks_failed:,} of {dataset.checks:,} failed",
                element("a", "see them", href="#checks"),
            )
        )
    if dataset.joint is not None:
        joint = dataset.joint
        facts.append(
            (
                "All columns together",
                "drifted" if joint.drifted else "no drift",
                f"AUC {number(joint.auc)}, adjusted p {chance(joint.adjusted_p_value)}",
            )
        )
    pairs = [
        element("div", element("dt", term), element("dd", value, element("small", rest)))
        for term, value, rest in facts
    ]
    return element("dl", join(pairs), class_="facts")


def _segments(comparison: Comparison) -> str:
    if not comparison.segments:
        return "over all rows"
    drifted = sum(segment.drifted for segment in comparison.segments)
    return f"and {drifted:,} of {count(len(comparison.segments), 'segment')}"
