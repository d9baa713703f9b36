from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from report.browser import open_page, pixels, printed, screenshot, varied
from report.comparison import comparisons
from watchkeeper.comparison import Comparison
from watchkeeper.report import ComparisonReport, comparison_html

FRAME = """<meta name="color-scheme" content="light dark">
<body style="margin:0"><iframe src="report.html" style="border:0;width:WIDTHpx;height:900px">
</iframe><pre></pre><script>
addEventListener("load", () => {
  const page = frames[0].document, root = page.documentElement;
  const style = (one) => frames[0].getComputedStyle(one);
  const outside = () => [...page.querySelectorAll(
    "h1, h2, h3, p, dd, svg.chart, .scroll, .chooser, .column-list, .badge, code, summary")]
    .filter((one) => one.checkVisibility() && !one.closest(".scroll, figure details"))
    .filter((one) => one.className !== "skip" && one.getBoundingClientRect().right > WIDTH + 0.5)
    .map((one) => one.outerHTML.slice(0, 80));
  const names = () => [...page.querySelectorAll(".column-list > tbody > tr")]
    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
    .map((row) => row.querySelector("th").textContent);
  const changed = names();
  const button = page.querySelector("#by-name");
  if (button) button.checked = true;
  const named = names(), folded = outside();
  for (const one of page.querySelectorAll("details")) one.open = true;
  document.querySelector("pre").textContent = JSON.stringify({
    paper: style(page.body).backgroundColor,
    ink: style(page.body).color,
    wide: root.scrollWidth,
    outside: [...folded, ...outside()],
    changed,
    named,
  });
});
</script>
"""


def write(tmp_path: Path, text: str) -> Path:
    page = tmp_path / "report.html"
    page.write_text(text, encoding="utf-8")
    return page


def measure(folder: Path, *, width: int, dark: bool = False) -> dict[str, Any]:
    """Measure the page in a frame: Chromium's own windows are never as narrow as a phone."""
    frame = folder / "frame.html"
    frame.write_text(FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    visit = open_page(frame, folder, "--allow-file-access-from-files", dark=dark)
    found = re.search(r"<pre>(.*?)</pre>", visit.dom, re.DOTALL)
    assert found, visit.dom
    return dict(json.loads(html.unescape(found[1])))


@pytest.mark.parametrize("kind", ["realistic", "hostile"])
def test_the_page_logs_nothing_and_asks_for_nothing(
    tmp_path: Path, every: dict[str, Comparison], kind: str
) -> None:
    visit = open_page(write(tmp_path, comparison_html(every[kind])), tmp_path)
    assert visit.console == []
    assert visit.requests == []
    assert "<title>owned" not in visit.dom


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_drawn(tmp_path: Path, realistic: Comparison, *, dark: bool) -> None:
    page = write(tmp_path, comparison_html(realistic))
    assert varied(pixels(screenshot(page, tmp_path, width=1280, height=1600, dark=dark))) > 500


@pytest.mark.parametrize(
    ("kind", "width", "dark", "paper"),
    [
        ("realistic", 390, True, "rgb(19, 22, 25)"),
        ("realistic", 1280, False, "rgb(252, 252, 250)"),
        ("hostile", 390, False, "rgb(252, 252, 250)"),
    ],
)
def test_nothing_overflows_in_light_or_dark(
    tmp_path: Path,
    every: dict[str, Comparison],
    *,
    kind: str,
    width: int,
    dark: bool,
    paper: str,
) -> None:
    write(tmp_path, comparison_html(every[kind]))
    measured = measure(tmp_path, width=width, dark=dark)
    assert measured["paper"] == paper
    assert measured["wide"] <= width
    assert measured["outside"] == []


def test_columns_are_sorted_without_a_script(tmp_path: Path, realistic: Comparison) -> None:
    write(tmp_path, comparison_html(realistic))
    measured = measure(tmp_path, width=1280)
    others = {key: one for key, one in realistic.columns.items() if not one.drifted}
    assert measured["changed"] == sorted(
        others, key=lambda key: (-others[key].effect.moved_ratio, not others[key].inconclusive)
    )
    assert measured["named"] == sorted(others, key=str.casefold)


def test_folded_tables_are_printed(tmp_path: Path, realistic: Comparison) -> None:
    page = comparison_html(realistic)
    folded = re.sub("details::details-content {.*?}", "", page)
    assert folded != page
    assert printed(write(tmp_path, page), tmp_path) > printed(write(tmp_path, folded), tmp_path)


NOTEBOOK = """<!doctype html><style>
table { border: 7px solid rgb(1, 2, 3); } h1 { color: rgb(4, 5, 6); font-size: 11px; }
</style><body style="margin:0"><h1>Notebook</h1><table><tr><td>1</td></tr></table>
<div id="output"></div><pre></pre><script>
const look = () => JSON.stringify(["h1", "table", "body"].map((one) => {
  const style = getComputedStyle(document.querySelector(one));
  return [style.color, style.fontSize, style.border, style.margin, style.padding];
}));
const before = look();
document.querySelector("#output").innerHTML = SHOWN;
const frame = document.querySelector("iframe");
addEventListener("load", () => {
  const box = frame.getBoundingClientRect();
  document.querySelector("pre").textContent = JSON.stringify({
    same: before === look(), width: box.width, window: innerWidth, height: box.height,
    closed: frame.contentDocument === null, wide: document.documentElement.scrollWidth,
  });
});
</script>
"""


def test_a_notebook_shows_the_page_and_keeps_its_own_style(
    tmp_path: Path, realistic: Comparison
) -> None:
    shown = ComparisonReport(realistic)._repr_html_()
    literal = json.dumps(shown).replace("</", "<\\/")
    notebook = tmp_path / "notebook.html"
    notebook.write_text(NOTEBOOK.replace("SHOWN", literal), encoding="utf-8")
    visit = open_page(notebook, tmp_path)
    assert visit.console == []
    assert visit.requests == []
    found = re.search(r"<pre>(.*?)</pre>", visit.dom, re.DOTALL)
    assert found
    measured = json.loads(html.unescape(found[1]))
    assert measured["same"]
    assert measured["closed"]
    assert measured["width"] == measured["wide"] == measured["window"]
    assert measured["height"] > 300
    drawn = pixels(screenshot(notebook, tmp_path, width=1000, height=700))
    empty = notebook.with_name("empty.html")
    empty.write_text(NOTEBOOK.replace("SHOWN", "\"<iframe srcdoc=''></iframe>\""))
    assert varied(drawn) > varied(pixels(screenshot(empty, tmp_path, width=1000, height=700))) + 99


FOLLOWED = """<!doctype html><div id="output"></div><pre></pre><script>
document.querySelector("#output").innerHTML = SHOWN;
const frame = document.querySelector("iframe");
addEventListener("load", () => {
  frame.contentDocument.querySelector('a[href="#checks"]').click();
  setTimeout(() => {
    document.querySelector("pre").textContent = frame.contentWindow.location.href;
  }, 100);
});
</script>
"""


def test_links_in_a_notebook_lead_to_places_of_the_page(
    tmp_path: Path, realistic: Comparison
) -> None:
    # Without the sandbox, so that this test can look inside.
    shown = ComparisonReport(realistic)._repr_html_().replace(' sandbox=""', "")
    page = tmp_path / "followed.html"
    literal = json.dumps(shown).replace("</", "<\\/")
    page.write_text(FOLLOWED.replace("SHOWN", literal), encoding="utf-8")
    visit = open_page(page, tmp_path, "--virtual-time-budget=3000")
    found = re.search(r"<pre>(.*?)</pre>", visit.dom, re.DOTALL)
    assert found
    assert found[1] == "about:srcdoc#checks"


def test_a_page_of_four_hundred_columns_opens(tmp_path: Path) -> None:
    many = comparisons.large(4).columns
    columns = {f"{key} {copy}": one for copy in range(100) for key, one in many.items()}
    page = write(tmp_path, comparison_html(comparisons.comparison_of(columns)))
    assert open_page(page, tmp_path).console == []
