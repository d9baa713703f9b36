from __future__ import annotations

import io

import pytest
from rich.console import Console

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report import table


def shown(result: BacktestResult, width: int) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(table(result))
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 140])
def test_it_fits_and_names_every_incident(result: BacktestResult, width: int) -> None:
    text = shown(result, width)
    assert all(len(line) <= width for line in text.splitlines())
    for word in (
        "3 incidents in 230 days.",
        "arr_delay",
        "sudden",
        "gradual",
        "recurring",
        "27 Jun",
    ):
        assert word in text
    assert "mean 10.2 → 15.1" in text


def test_it_is_plain_without_a_terminal(result: BacktestResult) -> None:
    assert "\x1b" not in shown(result, 80)


def test_what_could_not_be_said_is_told(result: BacktestResult) -> None:
    text = " ".join(shown(result, 80).split())
    assert "the yearly cycle: 90 days of reference; needs one year" in text


def test_a_quiet_result_has_no_table(quiet: BacktestResult) -> None:
    text = shown(quiet, 80)
    assert "No incident in 40 buckets of 1,000 rows. Nothing is open now." in text
    assert "Opened" not in text


def test_names_of_the_data_are_not_console_markup(hostile: BacktestResult) -> None:
    text = shown(hostile, 100)
    assert "\x00" not in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_square_brackets_survive(result: BacktestResult) -> None:
    import msgspec

    first = result.incidents[0]
    renamed = msgspec.structs.replace(first, message="[bold]score[/bold] rose")
    text = shown(msgspec.structs.replace(result, incidents=(renamed,)), 100)
    assert "[bold]score[/bold] rose" in text


def test_next_steps_can_be_left_to_the_caller(result: BacktestResult) -> None:
    file = io.StringIO()
    Console(file=file, width=80).print(table(result, next_steps=False))
    assert "--format" not in file.getvalue()
    assert "--format" in shown(result, 80)
