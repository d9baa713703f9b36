from __future__ import annotations

import io

import pytest
from rich.console import Console

from watchkeeper.comparison import Comparison
from watchkeeper.report import comparison_table


def shown(comparison: Comparison, width: int = 100) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(comparison_table(comparison))
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 140])
def test_it_fits_and_tells_everything(realistic: Comparison, width: int) -> None:
    text = shown(realistic, width)
    assert all(len(line) <= width for line in text.splitlines())
    assert text.startswith("Drift, and checks failed. 8 of 27 columns drifted")
    for word in (
        "weight_kg",
        "warning",
        "country=DE",
        "AUC 0.713",
        "legacy_id",
        "text_vector",
        "0.820",
        "<0.0001",
    ):
        assert word in text


def test_drifted_columns_and_failed_checks_come_first(realistic: Comparison) -> None:
    text = shown(realistic, 140)
    assert text.index("basket_value") < text.index("birk_score")
    assert text.index("customer_age is given") < text.index("orders are fresh")
    assert "column alp is there" not in text


def test_it_is_plain_without_a_terminal(realistic: Comparison) -> None:
    assert "\x1b" not in shown(realistic)


def test_names_of_the_data_are_text(every: dict[str, Comparison]) -> None:
    for comparison in every.values():
        text = shown(comparison)
        assert "\x00" not in text
        assert all(len(line) <= 100 for line in text.splitlines())
