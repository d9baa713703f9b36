from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from report.comparison.junit_xml import parsed
from watchkeeper.comparison import Comparison
from watchkeeper.errors import SettingsError
from watchkeeper.report import ComparisonReport, comparison_json


def test_it_delegates_to_its_comparison(realistic: Comparison) -> None:
    report = ComparisonReport(realistic)
    assert report.comparison is realistic
    assert report.dataset is realistic.dataset
    assert report.columns is realistic.columns
    assert report.checks is realistic.checks
    assert report.segments is realistic.segments


def test_it_is_frozen(realistic: Comparison) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ComparisonReport(realistic).comparison = realistic  # type: ignore[misc]


def test_its_repr_is_the_verdict_on_one_line(every: dict[str, Comparison]) -> None:
    assert repr(ComparisonReport(every["quiet"])) == (
        "<ComparisonReport: No drift. None of 1 columns drifted.>"
    )
    for comparison in every.values():
        assert len(repr(ComparisonReport(comparison)).splitlines()) == 1
        assert len(repr(ComparisonReport(comparison))) < 400


def test_json_is_the_record(realistic: Comparison) -> None:
    read = json.loads(ComparisonReport(realistic).json())
    assert list(read) == [
        "reference",
        "current",
        "dataset",
        "columns",
        "vectors",
        "checks",
        "segments",
        "outliers",
        "performance",
        "notes",
    ]
    assert read["dataset"]["columns_drifted"] == 8
    assert set(read["columns"]["channel"]["distances"]) >= {"psi", "jensen_shannon", "hellinger"}
    assert msgspec.json.decode(comparison_json(realistic), type=Comparison) == realistic


def test_a_notebook_stores_little_more_than_the_page(every: dict[str, Comparison]) -> None:
    for comparison in every.values():
        report = ComparisonReport(comparison)
        assert len(report._repr_html_()) < 1.1 * len(report.html()) + 1_000


def test_every_form_is_saved_by_suffix(tmp_path: Path, realistic: Comparison) -> None:
    report = ComparisonReport(realistic)
    for file in ("a.html", "a.MD", "a.xml", "a.json"):
        report.save(tmp_path / file)
    report.save(str(tmp_path / "b.html"))
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!doctype html>")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert (tmp_path / "a.MD").read_text("utf-8") == report.markdown()
    assert parsed((tmp_path / "a.xml").read_text("utf-8")).tag == "testsuites"
    assert json.loads((tmp_path / "a.json").read_bytes())["checks"]


@pytest.mark.parametrize(
    ("file", "hint"),
    [("report.htm", "Did you mean '.html'?"), ("report", "has no suffix"), ("a.pdf", ".html, ")],
)
def test_another_suffix_is_refused_with_the_nearest(
    tmp_path: Path, realistic: Comparison, file: str, hint: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        ComparisonReport(realistic).save(tmp_path / file)
    assert hint in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_making_one_loads_no_rendering() -> None:
    asked = (
        "import sys; from watchkeeper.report import ComparisonReport; ComparisonReport(None);"
        "print([m for m in sys.modules if m.startswith(('rich', 'watchkeeper.'))])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout
    assert "page" not in loaded
    assert "rich" not in loaded
    assert "watchkeeper.watch" not in loaded
