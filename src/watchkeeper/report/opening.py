"""The top of the page: the verdict, what was watched, and the evidence over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report.backtest_verdict import verdict
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.charts import Band, evidence_chart, groups
from watchkeeper.report.markup import Child, Markup, element, label
from watchkeeper.report.wording import count, number
from watchkeeper.watch import Incident

_TABLE_ROWS = 120


def masthead(result: BacktestResult, calendar: Calendar, *, title: str) -> Markup:
    """Say the verdict, then on what it stands."""
    said = verdict(result)
    unsaid = len(result.not_enough_data)
    return element(
        "header",
        element("p", "Watchkeeper backtest", class_="eyebrow"),
        element("h1", label(title, longest=120)),
        element(
            "p",
            element("strong", said.headline),
            " ",
            said.standing,
            class_="verdict",
        ),
        element("p", said.allowance, class_="allowance") if said.allowance else None,
        element(
            "p",
            element("a", f"{count(unsaid, 'thing')} could not be said", href="#unsaid"),
            " for want of data.",
            class_="allowance",
        )
        if unsaid
        else None,
        _facts(result, calendar),
        class_="masthead",
    )


def _facts(result: BacktestResult, calendar: Calendar) -> Markup:
    watched = calendar.span(result.buckets)
    period = f"{calendar.bucket(0)} – {calendar.bucket(result.buckets - 1)}"
    facts: list[tuple[str, Child, str]] = [
        ("Data", label(result.data), f"{count(len(result.columns), 'column')} watched"),
        (
            "Reference",
            _reference(result, calendar),
            f"{calendar.span(result.reference_buckets)}, {count(result.reference_rows, 'row')}",
        ),
        (
            "Watched",
            period if result.buckets else "nothing",
            f"{watched}, {count(result.rows, 'row')}",
        ),
        ("Budget", f"{result.budget}", "false alarms, over all columns together"),
    ]
    return element(
        "dl",
        [
            element("div", element("dt", term), element("dd", value, element("small", rest)))
            for term, value, rest in facts
        ],
        class_="facts",
    )


def _reference(result: BacktestResult, calendar: Calendar) -> str:
    if result.reference_start is None or result.reference_end is None:
        return count(result.reference_buckets, "bucket")
    last = result.reference_end - timedelta(microseconds=1)
    return f"{calendar.moment(result.reference_start)} – {calendar.moment(last)}"


def bands(incidents: Sequence[Incident], buckets: int) -> list[Band]:
    """Spans of incidents, from onset to close, numbered from 1."""
    return [
        Band(
            start=max(0, incident.since_bucket),
            stop=buckets if incident.closed_bucket is None else incident.closed_bucket + 1,
            text=str(place),
        )
        for place, incident in enumerate(incidents, start=1)
    ]


def timeline(result: BacktestResult, calendar: Calendar) -> Markup | None:
    """Draw the evidence of all buckets, with the same as a table below."""
    if not result.evidence:
        return None
    starts = [calendar.start(bucket) for bucket in range(len(result.evidence))]
    highest = max(range(len(result.evidence)), key=result.evidence.__getitem__)
    description = (
        f"{calendar.span(result.buckets)} of evidence on a logarithmic scale; it was highest, at"
        f" {number(result.evidence[highest])} times the threshold, on {calendar.bucket(highest)}."
        f" {count(len(result.incidents), 'incident')} marked above."
    )
    return element(
        "section",
        element("h2", "Evidence over time"),
        element(
            "p",
            "All columns together, as a multiple of the threshold that the budget sets. At 1 an"
            " incident opens and the count starts anew. Bars: incidents, from their estimated"
            " start to their end.",
            class_="explain",
        ),
        element(
            "figure",
            evidence_chart(
                result.evidence,
                starts,
                bands(result.incidents, result.buckets),
                description=description,
            ),
            _as_table(result, calendar),
            class_="timeline hover",
        ),
        class_="wide",
    )


def _as_table(result: BacktestResult, calendar: Calendar) -> Markup:
    rows = []
    for run in groups(len(result.evidence), _TABLE_ROWS):
        at = max(run, key=result.evidence.__getitem__)
        percent = (at + 0.5) / len(result.evidence) * 100
        rows.append(
            element(
                "tr",
                element("th", calendar.bucket(at), scope="row"),
                element("td", f"{number(result.evidence[at])} ×", class_="number"),
                data_at=f"{percent:.4g}",
            )
        )
    thinned = len(rows) < len(result.evidence)
    return element(
        "details",
        element("summary", "Show as a table"),
        element("p", "The highest of each run of buckets.", class_="explain") if thinned else None,
        element(
            "table",
            element(
                "thead",
                element("tr", element("th", "When", scope="col"), element("th", "Evidence")),
            ),
            element("tbody", rows),
        ),
    )
