"""One card for each incident: what, since when, how large, and a picture of it."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.pipeline.result import BacktestResult, ColumnHistory
from watchkeeper.pipeline.result_performance import BacktestPerformance
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.charts import Band, history_chart
from watchkeeper.report.history_window import window_of, window_table
from watchkeeper.report.markup import Child, Markup, element, join, label, raw
from watchkeeper.report.metric_figures import loss_figure
from watchkeeper.report.opening import bands
from watchkeeper.report.stream_table import distance_table, stream_table
from watchkeeper.report.wording import name
from watchkeeper.watch import Incident

_MOST_WITH_CHARTS = 20
_MOST_CARDS = 200
_CHARTS_EACH = 4
_LEAST_CONTEXT = 10

_GLYPHS = {
    "sudden": "M1 12H8V4H15",
    "gradual": "M1 12H4V5H6V12H9V5H15",
    "incremental": "M1 13L15 3",
    "recurring": "M1 8C3 0 5 0 8 8S13 16 15 8",
    "rule": "M8 2V9M8 12.5V13",
}


def incident_cards(result: BacktestResult, calendar: Calendar) -> Markup:
    """Render all incidents, the latest ones past two hundred only counted."""
    columns = {(column.name, column.segment): column for column in result.columns}
    shaded = bands(result.incidents, result.buckets)
    cards = [
        _card(incident, place, result, calendar, columns, shaded)
        for place, incident in enumerate(result.incidents[:_MOST_CARDS], start=1)
    ]
    rest = len(result.incidents) - len(cards)
    nothing = "Nothing stood out beyond what the budget allows for chance."
    return element(
        "section",
        element("h2", "Incidents"),
        element("p", nothing, class_="explain") if not cards else None,
        cards,
        element("p", f"And {rest} more; the JSON output has them all.", class_="explain")
        if rest
        else None,
        id="incidents",
    )


def _card(
    incident: Incident,
    place: int,
    result: BacktestResult,
    calendar: Calendar,
    columns: dict[tuple[str, str], ColumnHistory],
    shaded: Sequence[Band],
) -> Markup:
    charts = None
    is_concept = incident.cause == "concept"
    if is_concept:
        charts = loss_figure(incident, shaded[place - 1], result, calendar)
    elif place <= _MOST_WITH_CHARTS:
        charts = _multiples(incident, place, result, calendar, columns, shaded)
    return element(
        "article",
        element(
            "p",
            element("span", str(place), class_="place", aria_label=f"Incident {place}"),
            _badge(incident),
            element("span", "open", class_="badge state-open") if incident.is_open else None,
            class_="tags",
        ),
        element("h3", name(incident.message, longest=600), id=f"incident-{place}-title"),
        _facts(incident, result, calendar),
        _why(incident, result),
        charts,
        None if is_concept else stream_table(incident),
        None if is_concept else distance_table(incident),
        class_="incident-card",
        id=f"incident-{place}",
        aria_labelledby=f"incident-{place}-title",
    )


def _why(incident: Incident, result: BacktestResult) -> Markup | None:
    """Say why it happened, as far as that was looked for and found."""
    if not isinstance(result.performance, BacktestPerformance):
        return None
    known = {one.incident_id: one for one in result.performance.explanations}
    found = known.get(incident.incident_id)
    if found is None or not (found.conclusions or found.said):
        return None
    lines = [element("li", name(line, longest=400)) for line in found.conclusions]
    lines += [element("li", name(line, longest=400), class_="quiet") for line in found.said]
    return element("div", element("h4", "Why"), element("ul", lines), class_="why")


def _badge(incident: Incident) -> Markup:
    word = "rule" if incident.cause == "rule" else incident.kind
    glyph = raw(
        '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" class="glyph">'
        f'<path d="{_GLYPHS[word]}"/></svg>'
    )
    badge = element("span", glyph, word, class_="badge")
    if incident.cause != "concept":
        return badge
    return join([badge, element("span", "concept drift", class_="badge")])


def _facts(incident: Incident, result: BacktestResult, calendar: Calendar) -> Markup:
    stop = result.buckets if incident.closed_bucket is None else incident.closed_bucket + 1
    lasted = calendar.span(max(1, stop - max(0, incident.since_bucket)))
    facts: list[tuple[str, Child]] = [
        ("Since", _moment(incident.since_bucket, calendar)),
        ("Told", _moment(incident.opened_bucket, calendar)),
        (
            "Closed",
            "still open" if incident.is_open else _moment(incident.closed_bucket, calendar),
        ),
        ("Lasted" if not incident.is_open else "So far", lasted),
    ]
    if incident.resembles:
        facts.append(("Like", label(incident.resembles, longest=80)))
    pairs = [element("div", element("dt", term), element("dd", value)) for term, value in facts]
    return element("dl", pairs, class_="facts small")


def _moment(bucket: int | None, calendar: Calendar) -> str:
    if bucket is not None and bucket < 0:
        return "before the first bucket"
    return calendar.bucket(bucket)


def _multiples(
    incident: Incident,
    place: int,
    result: BacktestResult,
    calendar: Calendar,
    columns: dict[tuple[str, str], ColumnHistory],
    shaded: Sequence[Band],
) -> Markup | None:
    told: dict[tuple[str, str], ColumnHistory] = {}
    for stream in incident.streams:
        key = (stream.column, stream.segment)
        if key in columns and len(told) < _CHARTS_EACH:
            told.setdefault(key, columns[key])
    if not told:
        return None
    band = shaded[place - 1]
    context = max(_LEAST_CONTEXT, round((band.stop - band.start) * 0.75))
    first = max(0, int(band.start) - context)
    stop = min(result.buckets, int(band.stop) + context)
    figures = [_figure(history, place, first, stop, calendar, band) for history in told.values()]
    legend = element(
        "p",
        element("span", "observed", class_="key key-observed"),
        element("span", "expected, with its ordinary band", class_="key key-expected"),
        element("span", "incident", class_="key key-incident"),
        class_="legend",
        aria_hidden="true",
    )
    return join([legend, element("div", figures, class_="multiples")])


def _figure(
    history: ColumnHistory,
    place: int,
    first: int,
    stop: int,
    calendar: Calendar,
    band: Band,
) -> Markup:
    window = window_of(history, first, stop, calendar)
    title = f"{name(history.name)}, {name(history.measure)}: observed against expected"
    description = (
        f"Around incident {place}, {calendar.bucket(first)} to {calendar.bucket(stop - 1)}:"
        f" outside the expected band in {window.outside()} of {stop - first} buckets."
    )
    caption: list[Child] = [element("strong", label(history.name))]
    if history.segment:
        caption += [" where ", label(history.segment, longest=40)]
    caption += [" ", element("span", label(history.measure), class_="quiet")]
    return element(
        "figure",
        element("figcaption", caption),
        history_chart(window, [band], title=title, description=description),
        window_table(window, calendar),
        class_="hover",
    )
