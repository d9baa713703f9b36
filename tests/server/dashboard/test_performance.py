"""How good a model is, on its page: courses, metrics, and what to send where there is nothing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.estimating.scored_store import MODEL as SCORED
from pipeline.estimating.scored_store import (
    NOW,
    baseline,
    day_rows,
    fill_reference,
    keep,
    outcomes,
)
from server.conftest import Serving
from server.dashboard.conftest import Open
from server.dashboard.watched_model import BEGIN, HOURS, MODEL, fill, rows
from watchkeeper.pipeline import QualityWatch
from watchkeeper.store import Store

URL = f"/models/{MODEL}"
PANEL = "document.querySelector('#performance')"


def label(folder: Path) -> None:
    """Give the first 150 hours of predictions their labels, the others none yet."""
    predictions = rows(0, HOURS).slice(0, 150 * 30)
    noise = np.random.default_rng(1).normal(size=predictions.num_rows)
    with Store.open(folder) as store:
        store.append_table(
            MODEL,
            "prediction",
            predictions.set_column(
                0, "prediction_id", pa.array([f"l{n}" for n in range(predictions.num_rows)])
            ),
        )
        store.append_table(
            MODEL,
            "outcome",
            pa.table(
                {
                    "prediction_id": [f"l{n}" for n in range(predictions.num_rows)],
                    "time": predictions.column("time"),
                    "label": predictions.column("output").to_numpy() + noise,
                }
            ),
        )


@pytest.fixture(scope="module")
def labelled(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    folder = tmp_path_factory.mktemp("labelled") / "store"
    fill(folder)
    label(folder)
    return serve(folder)


@pytest.mark.parametrize("width", [1440, 375])
def test_a_metric_is_drawn_over_time_with_its_interval_and_its_total(
    labelled: Serving, open_page: Open, width: int
) -> None:
    page = open_page(labelled, width=width, dark=width == 375)
    since = f"{BEGIN:%Y-%m-%dT%H:%M:%SZ}"
    page.go(f"{URL}?from={since}&to={BEGIN.replace(year=BEGIN.year + 1):%Y-%m-%dT%H:%M:%SZ}")
    page.wait(f"{PANEL}?.innerText.includes('Mean absolute error')", seconds=30)
    page.wait(f"{PANEL}.querySelector('svg .band, svg .line.observed')")
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    page.wait(f"{PANEL}.innerText.includes('Root mean squared error')")
    page.click("#performance [aria-label='Metric'] button:nth-child(2)")
    page.wait("location.search.includes('metric=rmse')")
    page.wait(f"{PANEL}.innerText.includes('Root mean squared error: lower is better')")


def test_versions_are_told_apart(labelled: Serving, open_page: Open) -> None:
    page = open_page(labelled)
    page.go(f"{URL}?last=30d&quality_by=version")
    page.wait(f"['v1', 'v2'].every((name) => {PANEL}?.innerText.includes(name))", seconds=30)


def test_without_outcomes_the_page_says_what_to_send(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    page.go(URL)
    page.wait(f"{PANEL}?.innerText.includes('No outcome has come yet')")
    assert "log_outcome" in page.run(f"{PANEL}.innerText")


@pytest.fixture(scope="module")
def estimated(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    path = tmp_path_factory.mktemp("estimated") / "store"
    with Store.open(path) as store:
        fill_reference(store)
        baseline(store)
        for day in range(6, 11):
            table, labels = day_rows(day, shift=9.0 if day == 8 else 0.0)
            keep(store, "prediction", table)
            if day < 10:
                keep(store, "outcome", outcomes(table, labels))
        QualityWatch(store).advance(now=NOW, at_once=True)
    return serve(path)


@pytest.mark.parametrize("width", [1440, 375])
def test_estimates_stand_beside_what_is_measured_and_say_where_nothing_can_be_known(
    estimated: Serving, open_page: Open, width: int
) -> None:
    page = open_page(estimated, width=width, dark=width == 375)
    page.go(f"/models/{SCORED}?from=2026-03-07T00:00:00Z&to=2026-03-20T00:00:00Z")
    page.wait(f"{PANEL}?.innerText.includes('Estimated before labels come')", seconds=30)
    page.wait(f"{PANEL}.querySelector('svg .line.estimated') !== null")
    page.wait(f"{PANEL}.querySelector('svg .band.estimated') !== null")
    page.wait(f"{PANEL}.querySelector('svg .region.outside') !== null")
    page.wait(f"{PANEL}.innerText.includes('only labels can show it')")
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
