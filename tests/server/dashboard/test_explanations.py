"""The dashboard shows what each feature contributed, to a prediction and on average."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.test_watching_explanations import MODEL
from pipeline.test_watching_explanations import watched as watched_reasons
from server.conftest import Serving
from server.dashboard.conftest import Open
from watchkeeper.store import Store

HOSTILE = "<img src=x, onerror=window.hurt=1>"


@pytest.mark.parametrize("width", [1440, 375])
def test_contributions_are_shown_largest_first(
    serving: Serving, open_page: Open, width: int
) -> None:
    small = {f"part_{i:02}": 0.001 * i for i in range(1, 21)}
    record = {
        "record": "prediction",
        "model": "explained",
        "prediction_id": "1",
        "time": datetime.now(UTC).isoformat(),
        "features": {"age": 41, "carrier": "UA"},
        "output": 0.7,
        "explanation": {**small, "age": 0.25, "carrier": -0.75, HOSTILE: 0.125},
    }
    assert serving.post(record).status_code == 200
    page = open_page(serving, width=width, height=900, dark=width == 375)
    page.go("/models/explained/predictions/1")
    page.wait("document.querySelector('#contributions dl') !== null")
    shown = page.run("document.querySelector('#contributions dl').innerText").split("\n")
    assert [text for text in shown if text][:6] == [
        *("carrier", "−0.75", "age", "+0.25", HOSTILE, "+0.125")
    ]
    assert "11 smaller ones" in page.run("document.querySelector('#contributions').innerText")
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    assert page.run("window.hurt") is None


def test_a_model_that_says_its_reasons_shows_them_beside_the_reference(
    serve: Callable[..., Serving], open_page: Open, tmp_path: Path
) -> None:
    with Store.open(tmp_path / "store") as store:
        watched_reasons(store, "model")
    page = open_page(serve(tmp_path / "store"), width=768, height=900)
    page.go(f"/models/{MODEL}")
    page.wait("document.querySelector('#reasons tbody') !== null")
    names = page.run(
        "[...document.querySelectorAll('#reasons th[scope=row]')].map(c => c.innerText)"
    )
    assert names == ["air_time", "origin"]
    assert page.run("document.querySelectorAll('#reasons strong').length") == 1
    page.click("#reasons th a")
    page.wait("decodeURIComponent(location.pathname).endsWith('/columns/explanation:air_time')")
    page.wait("document.querySelector('main').innerText.includes('Distances')")
