from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from report.comparison import comparisons
from report.comparison.columns import category_column
from report.comparison.outline import Outline
from watchkeeper.comparison import Comparison
from watchkeeper.report import comparison_markdown
from watchkeeper.report.comparison.markdown_text import code, escaped
from watchkeeper.report.wording import name

GITHUB = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
INVISIBLE = "\u200b"


def rendered(comparison: Comparison) -> Outline:
    return Outline(GITHUB.render(comparison_markdown(comparison)))


def test_the_verdict_is_the_first_line_and_the_rest_is_folded(realistic: Comparison) -> None:
    lines = comparison_markdown(realistic).splitlines()
    assert lines[0].startswith("### ❌ Drift, and checks failed. 8 of 27 columns drifted")
    summaries = re.findall("<summary>(.*?)</summary>", "\n".join(lines))
    assert summaries == [
        "1 of 4 segments drifted",
        "18 columns without drift",
        "1 column of vectors without drift",
        "9 checks passed",
        "2 notes",
        "How decisions are taken",
    ]
    assert "\n".join(lines).count("</details>") == len(summaries)


def test_tables_come_out_as_tables(realistic: Comparison) -> None:
    outline = rendered(realistic)
    assert len(outline.named("table")) == 7
    assert len(outline.named("details")) == 6
    text = "".join(outline.text)
    for word in ("weight_kg", "customer_age must not be null", "customer_age = null", "AUC 0.713"):
        assert word in text
    # One row per drifted column, vector, check that did not pass, segment, other column and
    # passed check, and one for each table's head.
    assert len(outline.named("tr")) == 7 + 2 + 4 + 4 + 18 + 9 + 7


def test_every_row_has_as_many_cells_as_its_head(every: dict[str, Comparison]) -> None:
    for comparison in every.values():
        outline = rendered(comparison)
        cells: list[list[str]] = []
        for tag, _ in outline.tags:
            if tag == "tr":
                cells.append([])
            elif tag in {"td", "th"}:
                cells[-1].append(tag)
        head = 0
        for row in cells:
            head = len(row) if row[0] == "th" else head
            assert len(row) == head


def test_hostile_texts_are_text(hostile: Comparison) -> None:
    text = comparison_markdown(hostile)
    outline = Outline(GITHUB.render(text))
    allowed = {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "details"}
    assert {tag for tag, _ in outline.tags} <= allowed | {"summary", "strong", "br", "ul", "li"}
    assert "\x00" not in text
    outside_code = re.sub(r"(`+).*?[^`]\1(?!`)", "", text)
    assert not re.search(r"@\w", outside_code)


def test_what_does_not_fit_is_counted() -> None:
    columns = {
        f"{'<|`_' * 20}{place}": category_column(
            "x", {"a": 9}, {"a": 9}, drifted=place < 300, message="<&|*_" * 100
        )
        for place in range(900)
    }
    text = comparison_markdown(comparisons.comparison_of(columns))
    assert 40_000 < len(text) < 60_000
    assert re.search(r"And \d+ more, for which there is no room here", text)
    assert "How decisions are taken" in text
    assert text.count("<details>") == text.count("</details>")


@pytest.mark.parametrize("kind", ["empty", "quiet", "too_small", "large"])
def test_it_is_short(every: dict[str, Comparison], kind: str) -> None:
    assert len(comparison_markdown(every[kind])) < 10_000


TEXTS = st.text(
    st.one_of(st.sampled_from("`|\\*_[](){}<>&#+-.!~$:@ \n\t1aé"), st.characters()), max_size=40
)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_escaped_text_shows_itself(text: str) -> None:
    page = GITHUB.render(f"| a | b |\n| --- | --- |\n| x {escaped(text, longest=80)} | y |\n")
    cells = re.findall("<td>(.*?)</td>", page, re.DOTALL)
    assert len(cells) == 2
    shown = html.unescape(cells[0]).replace(INVISIBLE, "")
    assert shown.split() == f"x {name(text, longest=80)}".split()


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_a_span_of_code_shows_itself(text: str) -> None:
    page = GITHUB.render(f"| a | b |\n| --- | --- |\n| {code(text)} | y |\n")
    cells = re.findall("<td>(.*?)</td>", page, re.DOTALL)
    assert len(cells) == 2
    shown = html.unescape(re.sub("</?code>", "", cells[0])).replace(INVISIBLE, "")
    assert shown.split() == name(text).split()
