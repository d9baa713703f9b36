from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.errors import NotEnoughDataError
from watchkeeper.stats import powered_mean


@pytest.mark.parametrize("wrong", [0.0, 2.0])
def test_the_interval_covers_however_wrong_the_predicted_values_are(wrong: float) -> None:
    held = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        predicted = rng.normal(size=530)
        true = predicted[:30] - wrong + 0.3 * rng.normal(size=30)
        found = powered_mean(true, predicted[:30], predicted[30:])
        held += found.low <= -wrong <= found.high
    assert 0.92 <= held / 400 <= 0.985


def test_good_predicted_values_are_worth_many_true_ones() -> None:
    rng = np.random.default_rng(0)
    predicted = rng.normal(size=5_000)
    true = predicted[:50] + 0.1 * rng.normal(size=50)
    found = powered_mean(true, predicted[:50], predicted[50:])
    assert found.standard_error < 0.35 * true.std() / np.sqrt(50)


def test_fewer_than_ten_true_values_say_nothing() -> None:
    with pytest.raises(NotEnoughDataError):
        powered_mean(np.zeros(9), np.zeros(9), np.zeros(90))
