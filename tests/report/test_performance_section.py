"""The page and the table of a backtest with labels."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console

from pipeline.backtesting.labelled import performance_of, predictions, run
from report.conftest import HOSTILE
from report.test_page import outline
from watchkeeper.events import QualitySettings
from watchkeeper.pipeline import BacktestResult
from watchkeeper.report import table, to_html


def written(result: BacktestResult) -> str:
    file = io.StringIO()
    Console(file=file, width=100).print(table(result))
    return file.getvalue()


def text_of(result: BacktestResult) -> str:
    return " ".join(outline(to_html(result, title="t")).text)


def test_the_page_draws_the_main_metrics_and_the_calibration() -> None:
    page = to_html(run(segment_by="region"), title="Shop")
    parsed = outline(page)
    text = " ".join(parsed.text)
    for part in ("Performance", "ROC AUC over time", "Do probabilities come true?", "north"):
        assert part in text
    assert page.count("key-metric") == 2  # the style and the legend
    assert "Positive is" in text


def test_a_backtest_without_labels_has_no_such_section() -> None:
    plain = run(label=None, output=None)
    assert "Performance" not in text_of(plain)
    assert "Performance" not in written(plain)


def test_the_table_shows_reference_and_watched_side_by_side() -> None:
    said = written(run(segment_by="region"))
    assert "Performance, by bought: 100 % of the watched predictions have a label" in said
    line = next(line for line in said.splitlines() if line.startswith("ROC AUC"))
    assert line.count(" to ") == 2
    assert "north" in said


def test_numbers_are_measured_as_such() -> None:
    data = predictions()
    noise = np.random.default_rng(0).normal(size=data.num_rows)
    data = data.append_column("price", pa.array(data.column("score").to_numpy() + noise))
    said = written(run(data, label="price"))
    assert "mean absolute error" in said
    assert "Do probabilities" not in text_of(run(data, label="price"))


def test_forecasts_are_told_apart_by_their_steps_ahead() -> None:
    data = predictions()
    steps = np.arange(data.num_rows) % 3 + 1
    noise = np.random.default_rng(0).normal(size=data.num_rows) * steps
    data = data.append_column("price", pa.array(data.column("score").to_numpy() + noise))
    data = data.append_column("ahead", pa.array(steps))
    result = run(data, label="price", quality=QualitySettings(horizon="ahead"))
    horizons = performance_of(result).horizons
    assert [one.horizon for one in horizons] == [1.0, 2.0, 3.0]
    errors = [next(m.value for m in one.metrics if m.name == "mae") for one in horizons]
    assert errors == sorted(errors)
    assert "Steps ahead" in text_of(result)


def test_hostile_names_stay_text() -> None:
    data: Any = predictions()
    name = HOSTILE[:60]
    data = data.rename_columns([name if n == "bought" else n for n in data.column_names])
    page = to_html(run(data, label=name), title="t")
    assert "<script>document" not in page
    outline(page)


def test_labels_that_do_not_fit_are_told_instead_of_metrics() -> None:
    data = predictions()
    moods = pa.array(np.array(["good", "bad", "odd"])[np.arange(data.num_rows) % 3])
    result = run(data.append_column("mood", moods), label="mood")
    assert "set quality.task" in text_of(result)
    assert "set quality.task" in written(result)
