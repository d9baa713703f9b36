"""Rows that are unlike all that the reference has: how many, and by which columns."""

from __future__ import annotations

from collections.abc import Callable

from watchkeeper.comparison import OutlierComparison
from watchkeeper.report.markup import Markup, element
from watchkeeper.report.wording import name, ratio

_MOST_COLUMNS = 4


def outliers_sentence(found: OutlierComparison, called: Callable[[str], str]) -> str:
    """Return what is told of outliers, with columns as the form writes them."""
    columns = ", ".join(called(one.column) for one in found.columns[:_MOST_COLUMNS])
    most = f", most of them by {columns}" if columns else ""
    return (
        f"{ratio(found.current_ratio)} of {found.rows:,} current rows ({ratio(found.low)} to"
        f" {ratio(found.high)}) are unlike the reference's{most}; of the reference's own"
        f" {ratio(found.reference_ratio)} are. What a model says of such rows is a guess."
    )


def outliers_section(found: OutlierComparison | None) -> Markup | None:
    """Render outliers, if there are more than in the reference."""
    if found is None or not found.risen:
        return None
    return element(
        "section",
        element("h2", "Outliers", id="outliers"),
        element("p", outliers_sentence(found, lambda one: name(one, longest=40)), class_="explain"),
        aria_labelledby="outliers",
    )
