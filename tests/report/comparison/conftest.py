"""Comparisons, made once: they are immutable."""

from __future__ import annotations

import pytest

from report.comparison import comparisons
from watchkeeper.comparison import Comparison

NAMES = ("realistic", "quiet", "too_small", "empty", "hostile", "large")


@pytest.fixture(scope="session")
def realistic() -> Comparison:
    return comparisons.realistic()


@pytest.fixture(scope="session")
def hostile() -> Comparison:
    return comparisons.hostile()


@pytest.fixture(scope="session")
def every() -> dict[str, Comparison]:
    return {name: getattr(comparisons, name)() for name in NAMES}
