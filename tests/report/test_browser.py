from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report import to_html

sys.path.insert(0, str(Path(__file__).parent))

from report.browser import open_page, pixels, screenshot, varied  # beside this file, not installed


def write(tmp_path: Path, text: str) -> Path:
    page = tmp_path / "report.html"
    page.write_text(text, encoding="utf-8")
    return page


def test_the_page_logs_nothing_and_asks_for_nothing(tmp_path: Path, result: BacktestResult) -> None:
    visit = open_page(write(tmp_path, to_html(result, title="Flights")), tmp_path)
    assert visit.console == []
    assert visit.requests == []
    # The script ran: it turned the headings of the sortable table into buttons.
    assert '<button type="button">' in visit.dom


def test_hostile_names_do_not_run(tmp_path: Path, hostile: BacktestResult) -> None:
    visit = open_page(write(tmp_path, to_html(hostile, title=hostile.data)), tmp_path)
    assert visit.console == []
    assert visit.requests == []
    assert "<title>owned" not in visit.dom
    assert "<title>&lt;script&gt;" in visit.dom


def test_the_browser_would_have_noticed(tmp_path: Path) -> None:
    bad = "<img src='https://example.invalid/a.png'><script>undefined.x</script>"
    visit = open_page(write(tmp_path, bad), tmp_path)
    assert any("TypeError" in line for line in visit.console)
    assert visit.requests == ["https://example.invalid/a.png"]


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_drawn(tmp_path: Path, result: BacktestResult, *, dark: bool) -> None:
    page = write(tmp_path, to_html(result, title="Flights"))
    lines = pixels(screenshot(page, tmp_path, width=1280, height=1600, dark=dark))
    blank = write(tmp_path, "<body style='background:#123'>")
    assert varied(lines) > 500
    assert varied(pixels(screenshot(blank, tmp_path, width=1280, height=1600, dark=dark))) < 5


@pytest.mark.parametrize(
    ("dark", "paper"), [(False, "rgb(252, 252, 250)"), (True, "rgb(19, 22, 25)")]
)
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_overflows_in_light_or_dark(
    tmp_path: Path, hostile: BacktestResult, *, width: int, dark: bool, paper: str
) -> None:
    write(tmp_path, to_html(hostile, title="Flights"))
    measured = measure(tmp_path, width=width, dark=dark)
    assert measured["paper"] == paper
    assert measured["wide"] <= width
    assert measured["outside"] == []
    assert measured["chart"] > width * 0.7


MEASURE = """
<body style="margin:0"><iframe src="report.html" style="border:0;width:WIDTHpx;height:900px">
</iframe><pre></pre><script>
addEventListener("load", () => {
  const page = frames[0].document, root = page.documentElement;
  const outside = [...page.querySelectorAll("h1, h2, h3, p, dd, svg.chart, .scroll, summary")]
    .filter((one) => one.className !== "skip" && one.getBoundingClientRect().right > WIDTH + 0.5)
    .map((one) => one.outerHTML.slice(0, 80));
  document.querySelector("pre").textContent = JSON.stringify({
    paper: frames[0].getComputedStyle(page.body).backgroundColor,
    wide: root.scrollWidth,
    chart: page.querySelector(".timeline svg").getBoundingClientRect().width,
    outside,
  });
});
</script>
"""


def measure(folder: Path, *, width: int, dark: bool) -> dict[str, Any]:
    """Measure the report in a frame: Chromium's own windows are never as narrow as a phone."""
    frame = folder / "frame.html"
    frame.write_text(MEASURE.replace("WIDTH", str(width)), encoding="utf-8")
    visit = open_page(frame, folder, "--allow-file-access-from-files", dark=dark)
    found = re.search(r"<pre>(.*?)</pre>", visit.dom, re.DOTALL)
    assert found, visit.dom
    return dict(json.loads(html.unescape(found[1])))
