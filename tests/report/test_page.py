from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report import to_html

VOID = {"meta", "br", "wbr", "hr", "img", "input", "link", "col"}


class Outline(HTMLParser):
    """Checks nesting and collects what a test may ask about."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    assert parser.open == []
    return parser


def values(parser: Outline, names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [value or "" for name, value in parser.attributes if name in wanted]


def test_the_verdict_comes_first(result: BacktestResult) -> None:
    page = to_html(result, title="Flights")
    assert page.index("3 incidents in 230 days.") < page.index("Evidence over time")
    assert "1 is still open." in page
    assert "allows about 7.7 false alarms" in page


def test_every_incident_has_a_card_with_its_facts(result: BacktestResult) -> None:
    page = to_html(result, title="Flights")
    assert page.count('class="incident-card"') == 3
    for fact in ("24 Jun 2013", "27 Jun 2013", "13 Jul 2013", "still open", "2013-02-01 to"):
        assert fact in page


def test_what_could_not_be_said_and_what_was_not_watched_are_listed(
    result: BacktestResult,
) -> None:
    page = to_html(result, title="Flights")
    assert "the yearly cycle" in page
    assert "an identifier: 4,037 values" in page


def test_markup_nests_and_ids_are_unique(
    result: BacktestResult, quiet: BacktestResult, empty: BacktestResult, hostile: BacktestResult
) -> None:
    for given in (result, quiet, empty, hostile):
        ids = values(outline(to_html(given, title="t")), ["id"])
        assert len(ids) == len(set(ids))


def test_nothing_outside_is_referenced(result: BacktestResult, hostile: BacktestResult) -> None:
    for given in (result, hostile):
        page = to_html(given, title="t")
        links = values(outline(page), ["href", "src", "action", "srcset", "xlink:href"])
        assert all(link.startswith("#") for link in links)
        assert "url(" not in page
        assert "@import" not in page


def test_names_of_the_data_cannot_become_markup(hostile: BacktestResult) -> None:
    page = to_html(hostile, title=hostile.data)
    parser = outline(page)
    assert parser.tags.count("script") == 1
    assert "\x00" not in page
    assert "\u202e" not in page
    assert not [name for name, _ in parser.attributes if name.startswith("on")]
    assert max(map(len, re.findall("x+", "".join(parser.text)))) < 600


def test_charts_can_be_read_without_seeing_them(result: BacktestResult) -> None:
    page = to_html(result, title="Flights")
    charts = re.findall(r"<svg[^>]*role=\"img\"[^>]*>(?:<title.*?</title><desc.*?</desc>)?", page)
    assert charts
    assert all("<desc" in chart for chart in charts)
    assert page.count("<figure") == page.count("Show as a table")


def test_a_year_of_hours_of_fifty_columns_stays_small(large: BacktestResult) -> None:
    assert len(to_html(large, title="t").encode()) < 2_000_000


def test_an_empty_result_says_so(empty: BacktestResult) -> None:
    assert "Not enough data to say." in to_html(empty, title="t")


def test_the_same_result_gives_the_same_page(result: BacktestResult) -> None:
    assert to_html(result, title="t") == to_html(result, title="t")
