"""Every view, wide and narrow, light and dark, over a real server and what it judged itself."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from server.conftest import Serving
from server.dashboard.conftest import Open
from server.dashboard.watched_model import BEGIN, HOSTILE, HOSTILE_ID, MODEL, incident_of
from server.test_intake import prediction

WIDTHS = (1440, 768, 375)
VIEWS = {
    "/": "1 model needs a look",
    f"/models/{MODEL}": "1 incident is open",
    f"/models/{MODEL}?last=24h&by=version": "Last 24 hours",
    f"/models/{MODEL}/columns/x": "Distances",
    "/incidents": "1 incident, 1 open",
    "/incidents/ID": "What moved",
    "/predictions": "customer-",
    f"/models/{MODEL}/predictions/p240-7": "Audit trail",
    "/alerts": "Nobody is told yet",
    "/audit": "baseline.save",
    "/settings": "without a key, from this machine only",
}


def path_of(serving: Serving, path: str) -> str:
    return path.replace("ID", incident_of(serving)) if "ID" in path else path


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", list(VIEWS))
def test_a_view_shows_what_it_is_for_and_fits_the_width(
    watched: Serving, open_page: Open, path: str, width: int
) -> None:
    page = open_page(watched, width=width, height=900, dark=width == 768)
    page.go(path_of(watched, path))
    assert VIEWS[path].lower() in page.text().lower()
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    assert page.run("document.querySelectorAll('.problem, .skeleton').length") == 0
    assert page.run("document.querySelectorAll('main h1').length") == 1


def test_dark_and_light_follow_the_system_until_one_is_chosen(
    watched: Serving, open_page: Open
) -> None:
    page = open_page(watched, dark=True)
    page.go("/settings")
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.run(paper) == "rgb(19, 22, 25)"
    page.click("[aria-label=Theme] button:nth-child(2)")
    page.wait(f"{paper} === 'rgb(252, 252, 250)'")
    page.go("/")
    assert page.run(paper) == "rgb(252, 252, 250)"


@pytest.mark.parametrize("dark", [False, True])
def test_text_is_legible_against_its_ground(watched: Serving, open_page: Open, dark: bool) -> None:
    page = open_page(watched, dark=dark)
    page.go("/")
    names = ("ink", "quiet", "alarm", "good", "warn", "observed")
    for ground in ("paper", "card", "hover"):
        for name in names:
            colours = page.run(
                f"['{name}', '{ground}'].map(n => getComputedStyle(document.documentElement)"
                ".getPropertyValue('--' + n).trim())"
            )
            assert contrast(*colours) >= 4.5, (name, ground, colours)


def test_the_heat_map_is_drawn_and_opens_the_column_under_the_pointer(
    watched: Serving, open_page: Open
) -> None:
    page = open_page(watched)
    page.go(f"/models/{MODEL}")
    box = page.run(
        "(() => { const map = document.querySelector('wk-heatmap');"
        "map.scrollIntoView({block: 'center'}); const r = map.getBoundingClientRect();"
        "return [r.x, r.y, r.width, r.height]; })()"
    )
    drawn = page.run(
        "(() => { const c = document.querySelector('wk-heatmap canvas');"
        "const d = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height)"
        ".data.buffer); return new Set(d).size; })()"
    )
    assert drawn > 20
    page.point(box[0] + box[2] * 0.98, box[1] + 10)
    page.wait("!document.querySelector('wk-heatmap .tip').hidden")
    said = page.run("document.querySelector('wk-heatmap .tip').innerText")
    assert said.startswith("x\n")
    assert "spreads away" in said
    page.click("wk-heatmap")
    page.wait("location.pathname.includes('/columns/')")


def test_hostile_names_and_values_stay_text_everywhere(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    column = quote(HOSTILE, safe="")
    for path in (
        f"/models/{MODEL}?by=segment",
        f"/models/{MODEL}/columns/{column}",
        f"/predictions?model={MODEL}&error=true",
        f"/predictions?entity={column}",
        f"/incidents?q={column}",
        f"/audit?action={column}",
    ):
        page.go(path)
        assert HOSTILE in page.run(
            "document.querySelector('main').innerText"
            "+ [...document.querySelectorAll('input')].map(i => i.value).join(' ')"
        ), path
        assert page.run("window.hurt") is None
        assert page.run("document.querySelectorAll('main img, main script').length") == 0


def test_a_prediction_is_found_by_an_id_of_any_characters(
    watched: Serving, open_page: Open
) -> None:
    page = open_page(watched)
    page.go("/predictions")
    page.press("/")
    page.type(HOSTILE_ID)
    page.press("Enter")
    page.wait("document.querySelectorAll('main tbody tr').length === 1")
    page.click("main tbody a")
    page.wait("document.querySelector('#trail')")
    assert page.run("document.querySelector('h1').textContent") == HOSTILE_ID
    assert page.run("window.hurt") is None


def test_outliers_are_found_and_marked_with_what_makes_them_odd(
    watched: Serving, open_page: Open
) -> None:
    time = (BEGIN + timedelta(hours=250)).isoformat()
    watched.post(prediction(0, model=MODEL, prediction_id="odd", time=time, features={"x": 90.0}))
    page = open_page(watched)
    page.go("/predictions")
    page.click("[aria-label=Outliers] button:nth-child(2)")
    page.wait("document.querySelector('main tbody th a')?.textContent === 'odd'")
    assert "x" in page.run("document.querySelector('main tbody .is-outlier').textContent")
    page.click("main tbody a")
    page.wait("document.querySelector('#trail')")
    assert "times as odd as what is still usual" in page.text()
    assert page.run("document.querySelector('#inputs .odd').textContent") == "90"


def test_what_is_not_there_is_said_with_what_is(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    page.go("/models/delay")
    assert "Did you mean 'delays'" in page.run("document.querySelector('.problem').innerText")
    page.go("/predictions?id=none")
    assert "No prediction has the id" in page.text()
    page.errors.clear()  # the browser's own note about 404


def test_times_are_in_the_zone_of_the_url(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    stamps = []
    for zone in ("UTC", "Asia/Kathmandu"):
        page.go(f"/models/{MODEL}/predictions/p240-7?tz={zone}")
        title = page.run("document.querySelector('time').title")
        assert title.endswith(zone)
        stamps.append(re.search(r"(\d\d):(\d\d):\d\d", title))
    assert stamps[0] is not None
    assert stamps[1] is not None
    minutes = [int(found[1]) * 60 + int(found[2]) for found in stamps if found]
    assert (minutes[1] - minutes[0]) % 1440 == 5 * 60 + 45


def test_incidents_of_another_time_are_left_out(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    page.go("/incidents?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z&tz=UTC")
    assert "1 Jan to 31 Jan 2020" in page.run("document.querySelector('[data-time]').innerText")
    assert "No incident in this time" in page.text()
    page.press("t")
    page.click("dialog .presets button:last-child")
    page.wait("document.querySelectorAll('main tbody tr').length === 1")
    assert page.run("location.search") == "?tz=UTC"


def test_a_range_of_time_is_part_of_every_link(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    page.go(f"/models/{MODEL}?last=24h&tz=UTC")
    link = page.run("document.querySelector('.columns-table a').getAttribute('href')")
    assert "last=24h" in link
    assert "tz=UTC" in link


def contrast(one: str, other: str) -> float:
    """Ratio by WCAG 2, of two colours as #rrggbb."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)
