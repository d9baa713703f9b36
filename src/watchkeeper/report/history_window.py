"""A stretch of a column's history, as charts and as the table beneath them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from watchkeeper.pipeline.result import ColumnHistory
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.charts import Window, groups
from watchkeeper.report.markup import Markup, element
from watchkeeper.report.wording import number

_MOST_ROWS = 48


def window_of(history: ColumnHistory, first: int, stop: int, calendar: Calendar) -> Window:
    """Cut the buckets ``first <= bucket < stop`` out of a history."""
    return Window(
        first=first,
        starts=[calendar.start(bucket) for bucket in range(first, stop)],
        observed=_cut(history.observed, first, stop),
        expected=_cut(history.expected, first, stop),
        low=_cut(history.low, first, stop),
        high=_cut(history.high, first, stop),
    )


def _cut(series: Sequence[float | None], first: int, stop: int) -> list[float | None]:
    kept = [
        value if value is not None and math.isfinite(value) else None
        for value in series[first:stop]
    ]
    return kept + [None] * (stop - first - len(kept))


def window_table(window: Window, calendar: Calendar) -> Markup:
    """Write a window as a table; of a long one, each run's bucket furthest from expectation."""
    size = len(window.starts)
    runs = groups(size, _MOST_ROWS)
    rows = [_row(window, max(run, key=lambda i: _distance(window, i)), calendar) for run in runs]
    heads = ["When", "Observed", "Expected", "Band"]
    thinned = len(runs) < size
    return element(
        "details",
        element("summary", "Show as a table"),
        element("p", "The furthest from expectation of each run of buckets.", class_="explain")
        if thinned
        else None,
        element(
            "table",
            element("thead", element("tr", [element("th", head, scope="col") for head in heads])),
            element("tbody", rows),
        ),
    )


def _distance(window: Window, place: int) -> float:
    observed, expected = window.observed[place], window.expected[place]
    return -1.0 if observed is None or expected is None else abs(observed - expected)


def _row(window: Window, place: int, calendar: Calendar) -> Markup:
    band = f"{number(window.low[place])} to {number(window.high[place])}"
    return element(
        "tr",
        element("th", calendar.bucket(window.first + place), scope="row"),
        element("td", number(window.observed[place]), class_="number"),
        element("td", number(window.expected[place]), class_="number"),
        element("td", band, class_="number"),
        data_at=f"{(place + 0.5) / len(window.starts) * 100:.4g}",
    )
