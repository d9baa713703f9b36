"""How good the predictions of both sides of a comparison are: labelled rows in, findings out."""

from __future__ import annotations

from watchkeeper.pipeline.labelled_sides.metric_checks import metrics_checked, with_metric_checks
from watchkeeper.pipeline.labelled_sides.named import NamedColumns
from watchkeeper.pipeline.labelled_sides.performance import performance_of_sides

__all__ = ["NamedColumns", "metrics_checked", "performance_of_sides", "with_metric_checks"]
