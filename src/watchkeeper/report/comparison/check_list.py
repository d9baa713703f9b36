"""Checks, those that ask for attention first, each with rows that break it."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.checks import CheckResult
from watchkeeper.report.comparison.column_tables import (
    cell_text,
    plain_table,
    said,
    scrolling,
    short_names,
)
from watchkeeper.report.comparison.verdict import failed_first, of_check
from watchkeeper.report.markup import Child, Markup, element, join, label
from watchkeeper.report.wording import NOTHING, count, ratio

_MOST_SHOWN = 50
_MOST_LISTED = 500
_MOST_COLUMNS = 12
_NAMED = 4

_STATES = {"failed": "bad", "warning": "warn", "undecided": "unsure", "passed": "good"}


def check_list(checks: tuple[CheckResult, ...]) -> Markup | None:
    """Render failed and undecided checks as cards, passed ones as a folded table."""
    if not checks:
        return None
    ordered = failed_first(checks)
    telling = [check for check in ordered if of_check(check) != "passed"]
    quiet = [check for check in ordered if of_check(check) == "passed"]
    further = telling[_MOST_SHOWN:]
    return element(
        "section",
        element("h2", "Checks", id="checks"),
        element("p", _summed_up(checks), class_="explain"),
        [_card(check, place) for place, check in enumerate(telling[:_MOST_SHOWN], start=1)],
        _folded(f"And {count(len(further), 'further check')} that did not pass", further),
        _folded(f"{count(len(quiet), 'check')} passed", quiet),
        aria_labelledby="checks",
    )


def _summed_up(checks: Sequence[CheckResult]) -> str:
    found = [of_check(check) for check in checks]
    words = [("failed", "failed"), ("warning", "warned"), ("undecided", "could not be decided")]
    parts = [f"{found.count(kind):,} {word}" for kind, word in words if kind in found]
    passed = found.count("passed")
    if not parts:
        return f"All {passed:,} passed."
    return f"Of {count(len(checks), 'check')}, {', '.join(parts)} and {passed:,} passed."


def _card(check: CheckResult, place: int) -> Markup:
    state = of_check(check)
    heading = f"check-{place}-title"
    facts: list[Child] = [element("span", _rows(check))]
    if check.columns:
        facts.append(element("span", "Columns: ", short_names(check.columns, _NAMED)))
    return element(
        "article",
        element(
            "p",
            element("span", state, class_=f"badge state-{_STATES[state]}"),
            element("strong", label(check.name, longest=100), class_="column-name"),
            element("span", label(check.check, longest=40), class_="badge"),
            class_="tags",
        ),
        element("h3", said(check.message), id=heading),
        element("p", join(facts), class_="check-facts"),
        _examples(check),
        class_="card",
        aria_labelledby=heading,
    )


def _rows(check: CheckResult) -> str:
    if check.failed_rows is None:
        return f"Looked at {count(check.rows, 'row')}"
    share = check.failed_rows / check.rows if check.rows else None
    part = f", {ratio(share)}" if share is not None else ""
    return f"{check.failed_rows:,} of {count(check.rows, 'row')}{part}"


def _examples(check: CheckResult) -> Markup | None:
    if not check.examples:
        return None
    found = dict.fromkeys(column for row in check.examples for column in row)
    own = [column for column in check.columns if column in found]
    names = [*own, *(column for column in found if column not in check.columns)]
    heads = names[:_MOST_COLUMNS]
    top = [element("th", label(column, longest=40), scope="col") for column in heads]
    rows = [
        element(
            "tr",
            [
                element("td", cell_text(row[column]) if column in row else NOTHING)
                for column in heads
            ],
        )
        for row in check.examples
    ]
    rest = len(names) - len(heads)
    more = f" ({count(rest, 'further column')} not shown)" if rest else ""
    table = element(
        "table",
        element("caption", f"Example rows that break it{more}"),
        element("thead", element("tr", top)),
        element("tbody", rows),
        class_="examples",
    )
    return scrolling("Example rows", table)


def _folded(summary: str, checks: Sequence[CheckResult]) -> Markup | None:
    if not checks:
        return None
    rows: list[list[Child]] = [
        [
            label(check.name, longest=60),
            label(check.check, longest=40),
            short_names(check.columns, _NAMED) if check.columns else NOTHING,
            said(check.message),
        ]
        for check in checks[:_MOST_LISTED]
    ]
    rest = len(checks) - len(rows)
    table = plain_table(summary, ["Check", "Kind", "Columns", "Message"], rows, numbers=0)
    return element(
        "details",
        element("summary", summary),
        scrolling(summary, table),
        element("p", f"And {count(rest, 'further check')}.", class_="explain") if rest else None,
    )
