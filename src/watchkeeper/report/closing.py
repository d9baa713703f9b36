"""The end of the page: what could not be said, what was not watched, and how to read it all."""

from __future__ import annotations

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.markup import Markup, element, label
from watchkeeper.report.wording import count, name, number

_MOST_IGNORED = 500


def unsaid(result: BacktestResult) -> Markup | None:
    """List what there was too little data for, and what it would take."""
    if not result.not_enough_data:
        return None
    rows = [
        element(
            "tr",
            element("th", label(missing.subject, longest=120), scope="row"),
            element("td", name(missing.have, longest=200)),
            element("td", name(missing.need, longest=200)),
        )
        for missing in result.not_enough_data
    ]
    return element(
        "section",
        element("h2", "What could not be said"),
        element("p", "Too little data is an answer, not an error.", class_="explain"),
        _table(["What", "There is", "It takes"], rows),
        id="unsaid",
    )


def ignored(result: BacktestResult) -> Markup | None:
    """List the columns that were not watched, and why."""
    if not result.ignored:
        return None
    shown = list(result.ignored.items())[:_MOST_IGNORED]
    rows = [
        element(
            "tr", element("th", label(column), scope="row"), element("td", name(why, longest=200))
        )
        for column, why in shown
    ]
    rest = len(result.ignored) - len(shown)
    return element(
        "section",
        element("h2", "Not watched"),
        _table(["Column", "Why"], rows),
        element("p", f"And {count(rest, 'further column')}.", class_="explain") if rest else None,
    )


def _table(heads: list[str], rows: list[Markup]) -> Markup:
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", [element("th", head, scope="col") for head in heads])),
            element("tbody", rows),
        ),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label=f"Table: {', '.join(heads)}",
    )


def method(result: BacktestResult, calendar: Calendar) -> Markup:
    """Say in plain words what the budget promises and how the rest was reckoned."""
    mean = number(result.false_alarm_budget_buckets)
    return element(
        "section",
        element("h2", "How to read this"),
        element(
            "p",
            "The reference shows what is ordinary, with the daily, weekly and yearly cycles that"
            " it is long enough to confirm. Each later bucket is compared with what was expected"
            " of it at that moment. Evidence grows while buckets stay unusual and fades when they"
            " do not.",
        ),
        element(
            "p",
            f"The budget ({result.budget}) is a promise about all columns together: were nothing"
            f" ever to change, a false alarm would come at most once in {mean} buckets on average,"
            " however many columns there are and however often somebody looks. It is not a promise"
            " that each incident matters; that is for a person to say. Incidents marked “rule”"
            " (a broken type, range or schema) are facts and use none of the budget.",
        ),
        element(
            "p",
            "The start of an incident is an estimate; when it was told is not. Effects are in the"
            " units of the column. Distances compare the expected with the observed distribution"
            " over the profile’s bins. Bands show where an ordinary bucket lies.",
            f" Times are in {calendar.zone}." if calendar.start(0) is not None else None,
        ),
        element(
            "p",
            "Method: conformal p-values (Vovk 2021) in Shiryaev–Roberts e-detectors (Shin, Ramdas,"
            " Rinaldo 2022), averaged over all streams; columns in bold are significant by"
            " themselves (e-BH, Wang, Ramdas 2022).",
        ),
        class_="method",
    )
