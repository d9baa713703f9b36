from __future__ import annotations

import pytest

from watchkeeper.errors import StoreError
from watchkeeper.estimation import (
    class_estimator_from_bytes,
    class_estimator_to_bytes,
    fit_class_estimator,
)

from .populations import drawn


def test_a_restored_estimator_of_classes_says_the_very_same() -> None:
    reference, bucket = drawn(1, 2_000), drawn(2, 500, centre=0.5)
    fitted = fit_class_estimator(reference.rows, reference.labels, ("no", "yes"))
    restored = class_estimator_from_bytes(class_estimator_to_bytes(fitted))
    assert restored.estimate(bucket.rows) == fitted.estimate(bucket.rows)


def test_damaged_bytes_are_told() -> None:
    reference = drawn(1, 2_000)
    fitted = fit_class_estimator(reference.rows, reference.labels, ("no", "yes"))
    whole = class_estimator_to_bytes(fitted)
    with pytest.raises(StoreError, match="damaged"):
        class_estimator_from_bytes(whole[:-1])
