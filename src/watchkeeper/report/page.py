"""The page: one file, no request, readable without its script."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report import closing, opening
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.column_table import column_table
from watchkeeper.report.incident_card import incident_cards
from watchkeeper.report.markup import Markup, element, raw
from watchkeeper.report.outliers_section import outliers_section
from watchkeeper.report.performance_section import performance_section
from watchkeeper.report.wording import name


def to_html(result: BacktestResult, *, title: str) -> str:
    """Render a result as one HTML document.

    The document asks for nothing from anywhere: style and script are inside, fonts are the
    reader's, and its content security policy forbids any request. Long histories are thinned to
    what a screen shows.

    Parameters
    ----------
    title
        Heading of the page and name of the tab.
    """
    calendar = Calendar(result)
    script = raw(_asset("report.js"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", **{"http-equiv": "Content-Security-Policy", "content": _policy(script)}),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", name(title, longest=120)),
        element("style", raw(_asset("report.css"))),
    )
    body = element(
        "body",
        element("a", "Skip to the incidents", href="#incidents", class_="skip"),
        opening.masthead(result, calendar, title=title),
        element(
            "main",
            opening.timeline(result, calendar),
            incident_cards(result, calendar),
            performance_section(result, calendar, opening.bands(result.incidents, result.buckets)),
            outliers_section(result, calendar, opening.bands(result.incidents, result.buckets)),
            closing.unsaid(result),
            column_table(result, calendar),
            closing.ignored(result),
            closing.method(result, calendar),
        ),
        element("script", script),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _asset(file: str) -> str:
    return resources.files("watchkeeper.report").joinpath(file).read_text(encoding="utf-8")


def _policy(script: Markup) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
        f" script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
