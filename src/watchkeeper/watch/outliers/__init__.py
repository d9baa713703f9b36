"""How odd a single row is, learned from the reference: beyond its range, or unusual together.

A scorer belongs to a baseline, is learned with it and kept with it, which is why it lives in
``watch``; it is pure, and looks at rows, never at buckets or times. Who scores rows as they arrive
is the store's business, and what a rise of their share means that of the streams.
"""

from __future__ import annotations

from watchkeeper.watch.outliers.columns import OutlierColumn
from watchkeeper.watch.outliers.fitting import LEAST_ROWS, OUTLIER_SHARE, fit_outliers
from watchkeeper.watch.outliers.scorer import OutlierScorer, RowScores
from watchkeeper.watch.outliers.wire import scorer_from_bytes, scorer_to_bytes

__all__ = [
    "LEAST_ROWS",
    "OUTLIER_SHARE",
    "OutlierColumn",
    "OutlierScorer",
    "RowScores",
    "fit_outliers",
    "scorer_from_bytes",
    "scorer_to_bytes",
]
