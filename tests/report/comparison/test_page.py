from __future__ import annotations

import html
import re
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.comparison import comparisons
from report.comparison.columns import category_column
from report.comparison.outline import Outline
from watchkeeper.comparison import Comparison
from watchkeeper.report import comparison_html
from watchkeeper.report.wording import name


def test_it_tells_in_the_order_of_what_matters(realistic: Comparison) -> None:
    page = comparison_html(realistic)
    headings = re.findall(r"<h[12][^>]*>(.*?)</h[12]>", page)
    assert "Drift, and checks failed.</strong> 8 of 27 columns drifted" in headings[0]
    assert headings[1:] == [
        "What changed most",
        "Checks",
        "All columns together",
        "Segments",
        "Vectors",
        "All other columns",
        "Notes",
        "How decisions are taken",
    ]


def test_drifted_columns_have_cards_largest_change_first(realistic: Comparison) -> None:
    page = comparison_html(realistic)
    names = re.findall(r'class="column-name"><bdi>(.*?)</bdi>', page)[:7]
    shown = [one.replace("<wbr>", "") for one in names]
    drifted = {key: column for key, column in realistic.columns.items() if column.drifted}
    assert shown == sorted(drifted, key=lambda key: -drifted[key].effect.moved_ratio)
    for word in (
        "adjusted for all columns",
        "Population stability index",
        "95th percentile",
        "kiosk",
        "95 %:",
    ):
        assert word in page


def test_vectors_that_drifted_have_a_card_and_others_a_row(realistic: Comparison) -> None:
    page = comparison_html(realistic)
    assert "told apart by a classifier (AUC 0.82)" in page
    assert "of 384 dimensions" in page
    assert page.index("photo_<wbr>vector") > page.index('id="vectors"')


def test_failed_checks_come_first_with_rows_that_break_them(realistic: Comparison) -> None:
    page = comparison_html(realistic)
    order = [
        page.index(text)
        for text in ("must not be null; 2,000", "26 hours old", "no column &#x27;gross", "alp is")
    ]
    assert order == sorted(order)
    assert "A-1029" in page
    assert "Of 13 checks, 2 failed, 1 warned, 1 could not be decided and 9 passed." in page


def test_it_says_how_it_decides_and_by_which_settings(realistic: Comparison) -> None:
    page = comparison_html(realistic)
    assert "false_call_rate = 0.05" in page
    assert "least_effect = 0.02" in page


def test_a_threshold_that_decided_is_named() -> None:
    column = msgspec.structs.replace(
        next(iter(comparisons.quiet().columns.values())), rule="psi > 0.2"
    )
    page = comparison_html(comparisons.comparison_of({"score": column}))
    assert "A threshold was set as the rule: psi &gt; 0.2." in page
    assert "Holm" not in page


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("quiet", "No drift.</strong> None of 1 columns drifted."),
        ("too_small", "Not enough data to say.</strong> Too few rows to say"),
        ("empty", "No drift.</strong> There is nothing to compare."),
    ],
)
def test_the_verdict_is_a_sentence(every: dict[str, Comparison], kind: str, said: str) -> None:
    assert said in comparison_html(every[kind])


def test_markup_nests_and_ids_are_unique(every: dict[str, Comparison]) -> None:
    for comparison in every.values():
        outline = Outline(comparison_html(comparison))
        ids = outline.values("id")
        assert len(ids) == len(set(ids))
        named = " ".join(outline.values("aria-labelledby")).split()
        assert set(named) <= set(ids)
        assert {link[1:] for link in outline.values("href")} <= set(ids)


def test_there_is_no_script_and_nothing_outside_is_referenced(
    every: dict[str, Comparison],
) -> None:
    for comparison in every.values():
        page = comparison_html(comparison)
        outline = Outline(page)
        assert not outline.named("script")
        assert not [key for _, own in outline.tags for key in own if key.startswith("on")]
        links = outline.values("href", "src", "action", "srcset", "xlink:href")
        assert all(link.startswith("#") for link in links)
        assert "url(" not in page
        assert "@import" not in page


def test_everything_drawn_can_be_read(every: dict[str, Comparison]) -> None:
    for comparison in every.values():
        outline = Outline(comparison_html(comparison))
        for own in outline.named("svg"):
            if own.get("role") == "img":
                assert own.get("aria-label") or own.get("aria-labelledby")
        assert len(outline.named("caption")) == len(outline.named("table"))
        assert all(own.get("scope") in {"row", "col"} for own in outline.named("th"))
        scrolling = [own for _, own in outline.tags if own.get("class") == "scroll"]
        assert all(own.get("aria-label") and own.get("tabindex") == "0" for own in scrolling)
        levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
        steps = pairwise(levels)
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in steps)


def test_hostile_names_stay_text(hostile: Comparison) -> None:
    page = comparison_html(hostile)
    assert "<script" not in page
    for character in "\x00\x1b\u202e":
        assert character not in page
    assert max(map(len, re.findall("x+", "".join(Outline(page).text)))) < 700


TEXTS = st.text(
    st.one_of(st.sampled_from("<>&\"'`|\\/\x00\x1f\u202e\u2028\ufffe _."), st.characters())
)


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_any_name_and_any_message_is_escaped(column_name: str, message: str) -> None:
    harmless = Outline(comparison_html(_with("name", "message")))
    page = comparison_html(_with(column_name, message))
    outline = Outline(page)
    # Apart from places where lines may break, and names shown whole on hover.
    assert [tag for tag, _ in outline.tags if tag != "wbr"] == [
        tag for tag, _ in harmless.tags if tag != "wbr"
    ]
    assert name(message, longest=600) in html.unescape("".join(outline.text))


def _with(column_name: str, message: str) -> Comparison:
    rows = {f"{column_name}a": 60, f"{column_name}b": 40}
    column = category_column(column_name, rows, rows, drifted=True, message=f"it: {message}")
    return comparisons.comparison_of(
        {column_name: column},
        checks=(
            comparisons.check(
                column_name,
                passed=False,
                columns=(column_name,),
                examples=({column_name: f"v{message}"},),
                message=message,
            ),
        ),
        message=message,
        reference=column_name,
        current=column_name,
        notes=(message,),
    )


@pytest.mark.parametrize("drifted", [True, False])
def test_fifty_columns_stay_under_two_megabytes(*, drifted: bool) -> None:
    page = comparison_html(comparisons.large(50, drifted=drifted))
    assert len(page.encode()) < 1_000_000


def test_hundreds_of_columns_are_listed_and_the_page_stays_bounded() -> None:
    many = comparisons.large(8, drifted=True).columns
    columns = {f"{key} {copy}": one for copy in range(60) for key, one in many.items()}
    page = comparison_html(comparisons.comparison_of(columns))
    assert page.count('class="card"') == 30
    assert "The 30 largest changes; 450 more stand further below." in page
    assert "And 150 further columns" in page
    assert len(page.encode()) < 5_000_000


def test_rows_carry_their_rank_in_every_order(realistic: Comparison) -> None:
    page = comparison_html(realistic)
    ranks = [
        dict(re.findall(r"--(\w+):(\d+)", style)) for style in re.findall('style="(.*?)"', page)
    ]
    listed = [rank for rank in ranks if "change" in rank]
    assert len(listed) == 18
    for order in ("change", "name", "type", "verdict", "place"):
        assert sorted(int(rank[order]) for rank in listed) == list(range(18))


def test_the_same_comparison_gives_the_same_page(realistic: Comparison) -> None:
    assert comparison_html(realistic) == comparison_html(comparisons.realistic())
