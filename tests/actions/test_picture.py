"""The picture of an incident is drawn whatever the figures are."""

import io
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from watchkeeper.actions.picture import Course, Picture, drawn

START = datetime(2026, 3, 1, tzinfo=UTC)
LOUD, CALM = (197, 51, 43), (47, 109, 179)


def picture(
    observed: list[float],
    *,
    evidence: list[float] | None = None,
    since: int = 0,
    is_timed: bool = True,
    title: str = "fraud: amount rose",
) -> Picture:
    count = len(observed)
    starts = [START + timedelta(hours=i) if is_timed else None for i in range(count)]
    return Picture(
        title=title,
        text="amount rose by 9 (1.8 sd), from an expected 42 to 51 " * 5,
        severity="critical",
        starts=starts,
        since=since,
        until=count,
        is_open=True,
        course=Course(
            name="amount",
            observed=observed,
            low=[v - 1 for v in observed],
            high=[v + 1 for v in observed],
        ),
        evidence=evidence or [0.1] * count,
    )


def colors(png: bytes) -> dict[tuple[int, int, int], int]:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.size == (1200, 640)
    found = image.getcolors(image.width * image.height)
    assert found is not None
    return {(r, g, b): count for count, (r, g, b) in found}


def near(found: dict[tuple[int, int, int], int], wanted: tuple[int, int, int]) -> int:
    return sum(n for c, n in found.items() if math.dist(c, wanted) < 30)


def test_what_the_incident_covers_stands_out() -> None:
    quiet = colors(drawn(picture([1.0] * 40, since=39)))
    loud = colors(
        drawn(picture([1.0] * 20 + [9.0] * 20, evidence=[0.1] * 20 + [9.0] * 20, since=20))
    )
    assert near(quiet, CALM) > 0
    assert near(loud, LOUD) > 2 * near(quiet, LOUD)


def test_it_is_small_enough_for_a_mail_and_always_the_same() -> None:
    wavy = picture([math.sin(i / 5) for i in range(200)], since=150)
    assert drawn(wavy) == drawn(wavy)
    assert len(drawn(wavy)) < 80_000


@pytest.mark.parametrize("title", ["", "é 模型 😀 " * 40, "x" * 400])
def test_any_name_can_be_written(title: str) -> None:
    assert colors(drawn(picture([1.0, 2.0], title=title)))


@given(
    observed=st.lists(
        st.floats(-1e300, 1e300) | st.just(math.nan) | st.integers(-9, 9).map(float),
        min_size=1,
        max_size=30,
    ),
    evidence=st.floats(0, 1e12) | st.just(math.inf),
    is_timed=st.booleans(),
    data=st.data(),
)
@settings(max_examples=25, deadline=None)
def test_any_figures_can_be_drawn(
    observed: list[float], evidence: float, is_timed: bool, data: st.DataObject
) -> None:
    since = data.draw(st.integers(0, len(observed) - 1))
    shown = picture(observed, evidence=[evidence] * len(observed), since=since, is_timed=is_timed)
    assert drawn(shown).startswith(b"\x89PNG")
