"""The page: one file, no request and no script; the verdict first, what changed most next."""

from __future__ import annotations

from importlib import resources

from watchkeeper.comparison import ColumnComparison, Comparison, VectorComparison
from watchkeeper.report.comparison import closing
from watchkeeper.report.comparison.check_list import check_list
from watchkeeper.report.comparison.column_card import column_card
from watchkeeper.report.comparison.column_list import column_list
from watchkeeper.report.comparison.masthead import masthead
from watchkeeper.report.comparison.outliers import outliers_section
from watchkeeper.report.comparison.performance_section import performance_section
from watchkeeper.report.comparison.segment_list import segment_list
from watchkeeper.report.comparison.together import together
from watchkeeper.report.comparison.vector_list import vector_card, vector_list
from watchkeeper.report.comparison.verdict import changed_first, heading
from watchkeeper.report.markup import Markup, element, join, raw
from watchkeeper.report.wording import count, name

_MOST_CARDS = 30
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'"


def comparison_html(comparison: Comparison) -> str:
    """Render a comparison as one HTML document.

    The document asks for nothing from anywhere and holds no script: its style is inside, fonts are
    the reader's, and its content security policy forbids both. Past thirty drifted columns the
    rest stand in the table of all columns.
    """
    policy = element(
        "meta",
        **{"http-equiv": "Content-Security-Policy", "content": f"{_POLICY}; base-uri 'none'"},
    )
    return _document(comparison, policy)


def framed_html(comparison: Comparison) -> str:
    """Render the same document for the ``srcdoc`` of a frame.

    Links within it would otherwise lead to the page around the frame.
    """
    base = element("base", href="about:srcdoc")
    policy = element("meta", **{"http-equiv": "Content-Security-Policy", "content": _POLICY})
    return _document(comparison, join([base, policy]))


def _document(comparison: Comparison, policy: Markup) -> str:
    title = f"{heading(comparison.dataset)} {name(comparison.current, longest=80)}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        policy,
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", raw(_style())),
    )
    items = changed_first(comparison.columns)
    drifted = [item for item in items if item[1].drifted]
    cards, others = drifted[:_MOST_CARDS], [*drifted[_MOST_CARDS:], *items[len(drifted) :]]
    all_vectors = sorted(comparison.vectors.items(), key=lambda item: -item[1].auc)
    vectors = [item for item in all_vectors if item[1].drifted]
    listed = [*vectors[_MOST_CARDS:], *(item for item in all_vectors if not item[1].drifted)]
    places = {column: place for place, column in enumerate(comparison.columns)}
    body = element(
        "body",
        element("a", "Skip to what changed", href="#changed", class_="skip"),
        masthead(comparison),
        element(
            "main",
            performance_section(comparison.performance),
            _changed(cards, len(drifted), vectors[:_MOST_CARDS], comparison),
            check_list(comparison.checks),
            together(comparison.dataset.joint),
            outliers_section(comparison.outliers),
            segment_list(comparison.segments),
            vector_list(listed),
            column_list(
                others,
                places,
                title="All other columns" if cards else "All columns",
                first_place=len(cards) + 1,
            ),
            closing.notes(comparison),
            closing.method(comparison),
        ),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _changed(
    cards: list[tuple[str, ColumnComparison]],
    drifted: int,
    vectors: list[tuple[str, VectorComparison]],
    comparison: Comparison,
) -> Markup:
    if not comparison.columns and not comparison.vectors:
        said = "There are no columns to compare."
    elif not drifted and not vectors:
        said = "No column changed beyond what chance explains, or by enough to matter."
        if comparison.dataset.inconclusive:
            said = "No change could be shown, and there are too few rows to rule one out."
    elif drifted > len(cards):
        said = f"The {len(cards)} largest changes; {drifted - len(cards)} more stand further below."
    else:
        said = f"{count(drifted + len(vectors), 'column')} drifted, largest change first."
    rendered = [
        *(
            column_card(column_name, column, place)
            for place, (column_name, column) in enumerate(cards, start=1)
        ),
        *(vector_card(item, place) for place, item in enumerate(vectors, start=len(cards) + 1)),
    ]
    return element(
        "section",
        element("h2", "What changed most", id="changed", tabindex=-1),
        element("p", said, class_="explain"),
        rendered,
        aria_labelledby="changed",
    )


def _style() -> str:
    shared = resources.files("watchkeeper.report").joinpath("report.css")
    own = resources.files("watchkeeper.report.comparison").joinpath("comparison.css")
    return shared.read_text(encoding="utf-8") + own.read_text(encoding="utf-8")
