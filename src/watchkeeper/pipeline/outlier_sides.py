"""Rows of the current side that are unlike all that the reference has."""

from __future__ import annotations

from collections import Counter

from watchkeeper.comparison import OutlierComparison, TellingColumn
from watchkeeper.events import Schema
from watchkeeper.pipeline.reference_outliers import ReferenceOutliers
from watchkeeper.pipeline.row_sample import RowSample
from watchkeeper.stats import wilson

_MOST_COLUMNS = 10


def compare_outliers(
    schema: Schema, reference: RowSample, current: RowSample, *, most: int
) -> OutlierComparison | None:
    """Return how many rows of either side are outliers of the reference.

    ``None`` where the reference has too few rows to tell, or the current side none.

    Parameters
    ----------
    most
        Rows of each side that are looked at.
    """
    now = current.table(most)
    shared = Schema(columns={n: c for n, c in schema.columns.items() if n in now.column_names})
    known = ReferenceOutliers.of(reference.table(most), shared)
    if known is None or not now.num_rows:
        return None
    found = known.score(now)
    many, rows = int(found.flagged.sum()), len(found.scores)
    low, high = wilson(many / rows, rows)
    told = Counter(name for names in found.columns for name in names)
    return OutlierComparison(
        reference_ratio=round(known.scorer.share, 6),
        current_ratio=round(many / rows, 6),
        low=round(low, 6),
        high=round(high, 6),
        rows=rows,
        risen=low > wilson(known.scorer.share, known.scorer.rows)[1],
        columns=tuple(
            TellingColumn(column=name, share=round(count / many, 6))
            for name, count in told.most_common(_MOST_COLUMNS)
        ),
    )
