"""The kind of a change is read from its course."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from watchkeeper.watch.kinds import kind_of_course

RANDOM = np.random.default_rng(1)
NOISE = RANDOM.normal(size=60) * 0.7


def course(*parts: tuple[float, float, int]) -> NDArray[np.float64]:
    values = np.concatenate([np.linspace(first, last, n) for first, last, n in parts])
    return values + NOISE[: len(values)]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (course((0, 0, 15), (6, 6, 20)), "sudden"),
        (-course((0, 0, 15), (6, 6, 20)), "sudden"),
        (course((0, 0, 10), (0, 12, 30)), "incremental"),
        (course((0, 0, 10), (0, -12, 30)), "incremental"),
        (course((0, 0, 10), *[(9, 9, 3), (0, 0, 3)] * 3, (9, 9, 8)), "gradual"),
        (np.array([8.0, 8.0]), "sudden"),
        (np.zeros(0), "sudden"),
        (np.full(20, np.nan), "sudden"),
    ],
)
def test_kinds(values: NDArray[np.float64], kind: str) -> None:
    assert kind_of_course(values) == kind


def test_buckets_that_were_not_seen_are_passed_over() -> None:
    values = course((0, 0, 15), (6, 6, 20))
    gaps = np.insert(values, [3, 17, 20, 30], np.nan)
    assert kind_of_course(gaps) == kind_of_course(values) == "sudden"
