"""Every watched column on one line: its cycles, its nulls and its whole course."""

from __future__ import annotations

from watchkeeper.pipeline.result import BacktestResult, ColumnHistory
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.charts import Band, sparkline, union
from watchkeeper.report.history_window import window_of
from watchkeeper.report.markup import Markup, element, join, label
from watchkeeper.report.opening import bands
from watchkeeper.report.wording import count, name, ratio

_MOST_ROWS = 200


def column_table(result: BacktestResult, calendar: Calendar) -> Markup | None:
    """Render the columns, those of incidents first; past two hundred only their names."""
    if not result.columns:
        return None
    told: dict[tuple[str, str], list[Band]] = {}
    shaded = bands(result.incidents, result.buckets)
    for incident, band in zip(result.incidents, shaded, strict=True):
        for key in {(stream.column, stream.segment) for stream in incident.streams}:
            told.setdefault(key, []).append(band)
    ordered = sorted(result.columns, key=lambda column: (column.name, column.segment) not in told)
    rows = [
        _row(column, result, calendar, told.get((column.name, column.segment), []))
        for column in ordered[:_MOST_ROWS]
    ]
    heads = [
        ("Column", ""),
        ("Cycles found", ""),
        ("Nulls", "number"),
        ("Outside band", "number"),
        ("Course", "spark-cell"),
    ]
    cells = [element("th", text, scope="col", class_=class_ or None) for text, class_ in heads]
    return element(
        "section",
        element("h2", "Columns"),
        element(
            "p",
            "Observed over its expected band, the whole watched time from left to right. Shaded:"
            " incidents that the column took part in.",
            class_="explain",
        ),
        element(
            "div",
            element(
                "table",
                element("thead", element("tr", cells)),
                element("tbody", rows),
                class_="columns sortable",
            ),
            class_="scroll",
            tabindex=0,
            role="region",
            aria_label="Watched columns",
        ),
        _rest(ordered[_MOST_ROWS:]),
        class_="wide",
    )


def _row(
    column: ColumnHistory, result: BacktestResult, calendar: Calendar, own: list[Band]
) -> Markup:
    window = window_of(column, 0, result.buckets, calendar)
    outside = window.outside()
    present = sum(value is not None for value in window.observed)
    known = [value for value in column.null_ratio if value is not None]
    nulls = sum(known) / len(known) if known else None
    where = f", {name(column.segment, longest=40)}" if column.segment else ""
    small = f"{column.type}, {name(column.measure, longest=40)}{where}"
    share = outside / present if present else None
    spark = sparkline(
        window,
        union(own),
        title=f"Course of {name(column.name)}{where}",
        description=f"Outside its expected band in {outside} of {present} buckets.",
    )
    return element(
        "tr",
        element("th", label(column.name, longest=40), element("small", small), scope="row"),
        element(
            "td", ", ".join(column.cycles) or "none", class_=None if column.cycles else "quiet"
        ),
        element("td", ratio(nulls), class_="number", data_value=f"{nulls or 0:.6g}"),
        element("td", ratio(share), class_="number", data_value=f"{share or 0:.6g}"),
        element("td", spark, class_="spark-cell"),
    )


def _rest(columns: list[ColumnHistory]) -> Markup | None:
    if not columns:
        return None
    names = [join([label(column.name, longest=40), " "]) for column in columns[:2000]]
    return element(
        "details",
        element("summary", f"And {count(len(columns), 'further column')}"),
        element("p", names, class_="names"),
    )
