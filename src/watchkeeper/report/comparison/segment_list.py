"""Segments: the same comparison among the rows of each."""

from __future__ import annotations

from watchkeeper.comparison import SegmentComparison
from watchkeeper.report.charts import cells_of, distribution_spark
from watchkeeper.report.comparison.column_card import described
from watchkeeper.report.comparison.column_tables import said, scrolling
from watchkeeper.report.comparison.verdict import changed_first, of_column
from watchkeeper.report.markup import Markup, element, label
from watchkeeper.report.wording import count, name, ratio

_MOST_SEGMENTS = 100
_MOST_TOLD = 30
_MOST_COLUMNS = 10


def segment_list(segments: tuple[SegmentComparison, ...]) -> Markup | None:
    """Render a table of all segments, then what drifted in each."""
    if not segments:
        return None
    ordered = sorted(segments, key=lambda one: (not one.drifted, not one.inconclusive))
    drifted = [segment for segment in ordered if segment.drifted]
    rest = len(ordered) - _MOST_SEGMENTS
    top = [
        element("th", text, scope="col", class_="number" if text == "Rows" else None)
        for text in ("Segment", "Verdict", "Columns drifted", "Rows")
    ]
    table = element(
        "table",
        element("caption", "Drifted ones first, then largest first; rows of the reference → now"),
        element("thead", element("tr", top)),
        element("tbody", [_row(segment) for segment in ordered[:_MOST_SEGMENTS]]),
    )
    return element(
        "section",
        element("h2", "Segments", id="segments"),
        element("p", _summed_up(segments), class_="explain"),
        scrolling("Segments", table),
        element("p", f"And {count(rest, 'further segment')}.", class_="explain")
        if rest > 0
        else None,
        [_told(segment) for segment in drifted[:_MOST_TOLD]],
        aria_labelledby="segments",
    )


def _summed_up(segments: tuple[SegmentComparison, ...]) -> str:
    drifted = sum(segment.drifted for segment in segments)
    return f"{drifted:,} of {count(len(segments), 'segment')} drifted."


def _row(segment: SegmentComparison) -> Markup:
    drifted = sum(column.drifted for column in segment.columns.values())
    state = "bad" if segment.drifted else "unsure" if segment.inconclusive else "good"
    return element(
        "tr",
        element("th", label(segment.segment, longest=60), scope="row"),
        element("td", element("span", of_column(segment), class_=f"word-{state}")),
        element("td", f"{drifted:,} of {len(segment.columns):,}"),
        element("td", f"{segment.reference_rows:,} → {segment.current_rows:,}", class_="number"),
    )


def _told(segment: SegmentComparison) -> Markup:
    columns = [item for item in changed_first(segment.columns) if item[1].drifted]
    rows = [
        element(
            "tr",
            element("th", said(column.message), scope="row"),
            element("td", ratio(column.effect.moved_ratio), class_="number"),
            element(
                "td",
                distribution_spark(
                    cells_of(column), description=f"{name(column_name)}: {described(column)}"
                ),
                class_="spark-cell",
            ),
        )
        for column_name, column in columns[:_MOST_COLUMNS]
    ]
    rest = len(columns) - len(rows)
    top = [
        element("th", "What changed", scope="col"),
        element("th", "Moved", scope="col", class_="number"),
        element("th", "Distribution", scope="col", class_="spark-cell"),
    ]
    table = element(
        "table",
        element("caption", "Drifted in this segment"),
        element("thead", element("tr", top)),
        element("tbody", rows),
    )
    return element(
        "details",
        element("summary", "What drifted where ", label(segment.segment, longest=60)),
        scrolling("Drifted in this segment", table),
        element("p", f"And {count(rest, 'further column')}.", class_="explain") if rest else None,
    )
