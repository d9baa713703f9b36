"""Messages say which model, what, how much, since when, and where to read on."""

from datetime import timedelta
from typing import get_args

import pytest

from pipeline.alerting.incidents import NOW, ended, facts
from watchkeeper.actions import Source
from watchkeeper.pipeline.alerting.wording import digest_text, digest_title, text_of, title_of

LINK = "https://watch.example.com/incidents/x"


def test_a_title_says_model_what_and_how_much() -> None:
    assert title_of(facts()) == "fraud: amount rose by 12 (0.9 sd), from an expected 40 to 52"
    assert title_of(ended()) == (
        "fraud, over after 5 hours: amount rose by 12 (0.9 sd), from an expected 40 to 52"
    )
    assert title_of(facts(event="worse")).startswith("fraud, worse: amount rose")


@pytest.mark.parametrize("source", get_args(Source))
def test_a_text_says_what_kind_of_thing_it_is_about(source: Source) -> None:
    assert "Severity warning, " in text_of(facts(source=source, kind=None))


def test_a_text_says_where_since_when_and_why() -> None:
    assert text_of(facts(link=LINK)) == (
        "Amount rose by 12 (0.9 sd), from an expected 40 to 52; also country,"
        " since 2026-03-01 09:00 UTC.\n"
        "Severity warning, sudden drift.\n" + LINK
    )


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("returned", "It is over; it lasted 5 hours."),
        ("adopted", "It was adopted as the new normal; it lasted 5 hours."),
        ("withdrawn", "It was withdrawn: rows that came late show that all is normal; it lasted"),
    ],
)
def test_the_end_says_how_long_it_lasted_and_how_it_ended(why: str, said: str) -> None:
    assert said in text_of(ended(closed_why=why))


def test_what_is_worse_says_in_what() -> None:
    worse = facts(event="worse", severity="critical", what=("a", "b", "c"))
    said = text_of(worse, before=facts())
    assert "it is critical now; 3 columns moved, 1 had before." in said
    grown = facts(event="worse", evidence_ratio=300.0)
    assert "the evidence grew 2e+02 times" in text_of(grown, before=facts())


def test_a_digest_counts_and_lists_what_is_critical_first() -> None:
    several = [
        facts(id="a", model="a"),
        facts(id="b", model="b", severity="critical", link=LINK),
        ended(id="c", model="c"),
        facts(id="d", model="d", event="worse"),
    ]
    assert digest_title(several) == "2 incidents opened, 1 got worse, 1 is over: a, b, c and 1 more"
    lines = digest_text(several, "https://watch.example.com/incidents").splitlines()
    assert lines[0].startswith("- critical, b: amount rose by 12")
    assert lines[0].endswith(LINK)
    assert lines[3].startswith("- c, over after 5 hours")
    assert lines[-1] == "https://watch.example.com/incidents"


def test_a_digest_of_one_incident_tells_how_it_ended() -> None:
    both = [facts(), ended()]
    assert digest_title(both) == title_of(ended())
    assert digest_text(both, None) == text_of(ended())


def test_a_long_digest_ends() -> None:
    many = [facts(id=f"{i}", model=f"m{i}", since=NOW - timedelta(days=i)) for i in range(50)]
    assert digest_text(many, None).splitlines()[-1] == "- and 30 more"
    assert digest_title(many) == "50 incidents opened: m0, m1, m10 and 47 more"


def test_long_names_are_cut() -> None:
    assert len(title_of(facts(model="m" * 500))) == 160
