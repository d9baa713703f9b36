"""Every metric has its line in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.metrics.quality import METRICS

PAGE = Path(__file__).parents[3] / "docs" / "quality_metrics.md"


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")
