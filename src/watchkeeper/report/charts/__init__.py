"""Small SVG charts, written for this report.

Each stretches to the width it is given while its text keeps its size, takes its colours from the
page's style, and carries a title and a description for those who cannot see it. Nothing here knows
about the page around it.
"""

from watchkeeper.report.charts.calibration import calibration_chart
from watchkeeper.report.charts.cells import Cell, Cells
from watchkeeper.report.charts.distribution import distribution_chart, distribution_spark
from watchkeeper.report.charts.evidence import evidence_chart
from watchkeeper.report.charts.gauge import auc_gauge
from watchkeeper.report.charts.history import Window, history_chart, sparkline
from watchkeeper.report.charts.lanes import union
from watchkeeper.report.charts.layout import cells_of
from watchkeeper.report.charts.metric import MetricCourse, metric_chart
from watchkeeper.report.charts.shares import shares_chart
from watchkeeper.report.charts.svg import Band
from watchkeeper.report.charts.thinning import groups

__all__ = [
    "Band",
    "Cell",
    "Cells",
    "MetricCourse",
    "Window",
    "auc_gauge",
    "calibration_chart",
    "cells_of",
    "distribution_chart",
    "distribution_spark",
    "evidence_chart",
    "groups",
    "history_chart",
    "metric_chart",
    "shares_chart",
    "sparkline",
    "union",
]
