from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.comparison import comparisons
from report.comparison.columns import category_column
from report.comparison.junit_xml import parsed
from watchkeeper.comparison import Comparison
from watchkeeper.report import comparison_junit


def cases(root: ET.Element, suite: str) -> dict[str, ET.Element]:
    found = root.findall(f"testsuite[@name='watchkeeper.{suite}']/testcase")
    named = {case.attrib["name"]: case for case in found}
    assert len(named) == len(found)
    return named


def outcome(case: ET.Element) -> str:
    return case[0].tag if len(case) else "passed"


def test_there_is_a_case_per_column_check_and_segment_and_one_for_all(
    realistic: Comparison,
) -> None:
    root = parsed(comparison_junit(realistic))
    columns = {key: outcome(case) for key, case in cases(root, "columns").items()}
    assert columns == {
        key: "failure" if one.drifted else "skipped" if one.inconclusive else "passed"
        for key, one in realistic.columns.items()
    }
    vectors = {key: outcome(case) for key, case in cases(root, "vectors").items()}
    assert vectors == {"text_vector": "failure", "photo_vector": "passed"}
    assert {key: outcome(case) for key, case in cases(root, "segments").items()} == {
        "country=CH": "passed",
        "country=DE": "failure",
        "country=AT": "passed",
        "country=LI": "skipped",
    }
    assert [outcome(case) for case in cases(root, "joint").values()] == ["failure"]


def test_only_checks_that_fail_the_comparison_fail_the_build(realistic: Comparison) -> None:
    checks = cases(parsed(comparison_junit(realistic)), "checks")
    assert outcome(checks["customer_age is given"]) == "failure"
    assert outcome(checks["orders are fresh"]) == "skipped"
    assert checks["orders are fresh"][0].attrib["message"].startswith("warning: the newest")
    assert outcome(checks["invoice total adds up"]) == "skipped"
    assert outcome(checks["column alp is there"]) == "passed"
    told = checks["customer_age is given"][0].text or ""
    assert "order_id = 'A-1029', customer_age = null" in told
    assert "2,000 of 8,000" in told


def test_counts_are_those_of_the_cases(every: dict[str, Comparison]) -> None:
    for comparison in every.values():
        root = parsed(comparison_junit(comparison))
        for part in (root, *root.findall("testsuite")):
            found = [outcome(case) for case in part.iter("testcase")]
            assert int(part.attrib["tests"]) == len(found)
            assert int(part.attrib["failures"]) == found.count("failure")
            assert int(part.attrib["skipped"]) == found.count("skipped")
            assert part.attrib["errors"] == "0"


def test_a_build_fails_exactly_when_the_comparison_does(every: dict[str, Comparison]) -> None:
    for comparison in every.values():
        failures = int(parsed(comparison_junit(comparison)).attrib["failures"])
        assert (failures > 0) == (comparison.dataset.verdict in {"drifted", "failed"})


def test_cases_have_what_build_servers_ask_for(realistic: Comparison) -> None:
    root = parsed(comparison_junit(realistic))
    assert root.tag == "testsuites"
    for case in root.iter("testcase"):
        assert case.attrib["classname"].startswith("watchkeeper.")
        assert float(case.attrib["time"]) == 0
        for failure in case.findall("failure"):
            assert failure.attrib["message"]
            assert failure.attrib["type"] in {"drift", "check"}


def test_hostile_texts_are_plain_and_bounded(hostile: Comparison) -> None:
    text = comparison_junit(hostile)
    parsed(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ufffe\uffff]", text)
    assert len(text) < 40_000


@settings(max_examples=100, deadline=None)
@given(st.text(), st.text(st.sampled_from("<>&\"'\x00\x1f\x85\ufffe\uffff]\r\n\t-")))
@pytest.mark.parametrize("suite", ["columns", "checks"])
def test_any_text_gives_xml_with_one_case(suite: str, first: str, second: str) -> None:
    text = first + second
    column = category_column(text, {"a": 9, text: 3}, {"a": 9}, drifted=True, message=text)
    comparison = comparisons.comparison_of(
        {text: column},
        checks=(comparisons.check(text, passed=False, message=text, examples=({text: text},)),),
    )
    root = parsed(comparison_junit(comparison))
    assert [outcome(case) for case in cases(root, suite).values()] == ["failure"]


def test_names_that_are_shortened_alike_stay_apart() -> None:
    long = "x" * 500
    column = category_column("x", {"a": 9}, {"a": 9})
    root = parsed(
        comparison_junit(
            comparisons.comparison_of({long: column, f"{long}y": column, "x" * 501: column})
        )
    )
    assert len(cases(root, "columns")) == 3
