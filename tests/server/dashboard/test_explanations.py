"""The page of a prediction shows what each feature contributed to it."""

from datetime import UTC, datetime

import pytest

from server.conftest import Serving
from server.dashboard.conftest import Open

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
