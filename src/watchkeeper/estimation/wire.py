"""Fitted estimators as bytes, exactly."""

from __future__ import annotations

from watchkeeper.estimation.classifier import ClassEstimator
from watchkeeper.estimation.regressor import RegressionEstimator
from watchkeeper.stats import packed, unpacked


def class_estimator_to_bytes(estimator: ClassEstimator) -> bytes:
    """Return an estimator as bytes; `class_estimator_from_bytes` gives the very same back."""
    return packed(estimator)


def class_estimator_from_bytes(data: bytes) -> ClassEstimator:
    """Return the estimator that was made bytes.

    Raises
    ------
    StoreError
        If the bytes are damaged or of another version.
    """
    return unpacked(data, ClassEstimator)


def regression_estimator_to_bytes(estimator: RegressionEstimator) -> bytes:
    """Return an estimator as bytes; `regression_estimator_from_bytes` gives the same back."""
    return packed(estimator)


def regression_estimator_from_bytes(data: bytes) -> RegressionEstimator:
    """Return the estimator that was made bytes.

    Raises
    ------
    StoreError
        If the bytes are damaged or of another version.
    """
    return unpacked(data, RegressionEstimator)
