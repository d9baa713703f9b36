"""Outliers among predictions: counted as they arrive, watched, and their course."""

from watchkeeper.pipeline.outliers.course import OutlierCourse, outlier_course
from watchkeeper.pipeline.outliers.incidents import OUTLIERS
from watchkeeper.pipeline.outliers.rounds import OutlierRounds

__all__ = ["OUTLIERS", "OutlierCourse", "OutlierRounds", "outlier_course"]
