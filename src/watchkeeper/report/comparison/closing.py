"""The end of the page: what could not be compared, and how decisions are taken."""

from __future__ import annotations

from watchkeeper.comparison import Comparison
from watchkeeper.report.comparison.column_tables import said
from watchkeeper.report.markup import Markup, element
from watchkeeper.report.wording import count, name, number

_MOST_NOTES = 200


def notes(comparison: Comparison) -> Markup | None:
    """List what could not be compared, and why."""
    if not comparison.notes:
        return None
    rest = len(comparison.notes) - _MOST_NOTES
    return element(
        "section",
        element("h2", "Notes", id="notes"),
        element("ul", [element("li", said(note)) for note in comparison.notes[:_MOST_NOTES]]),
        element("p", f"And {count(rest, 'further note')}.", class_="explain") if rest > 0 else None,
        aria_labelledby="notes",
    )


def method(comparison: Comparison) -> Markup:
    """Say in plain words how a verdict comes about, and by which settings."""
    return element(
        "section",
        element("h2", "How decisions are taken", id="method"),
        [element("p", text) for text in decisions(comparison)],
        class_="method",
        aria_labelledby="method",
    )


def decisions(comparison: Comparison) -> list[str]:
    """Return the method in paragraphs, fit to how these columns were decided."""
    dataset = comparison.dataset
    rules = sorted({column.rule for column in comparison.columns.values()} - {"test"})
    rate, least = number(100 * dataset.false_call_rate), number(100 * dataset.least_effect)
    texts = []
    if rules:
        named = ", ".join(name(rule, longest=80) for rule in rules[:5])
        texts.append(
            f"A threshold was set as the rule: {named}. Columns beyond it are called drifted,"
            " whatever their p-value; thresholds do not know how many rows there are."
        )
    if not rules or any(column.rule == "test" for column in comparison.columns.values()):
        texts.append(
            "A column is called drifted when two things hold: its change can hardly be chance, and"
            f" it is large enough to matter. Chance: its p-value, adjusted for everything that the"
            f" verdict looks at (Holm 1979), is at most {rate} % (false_call_rate ="
            f" {dataset.false_call_rate:g}); so if nothing changed, a verdict of drift comes in at"
            f" most {rate} % of comparisons, however many columns there are. Size: at least"
            f" {least} % of the rows moved (least_effect = {dataset.least_effect:g}), that is lie"
            " elsewhere than in the reference, beyond what samples of these sizes show by"
            " themselves."
        )
        texts.append(
            "“Too few rows” means that a change that matters could have gone unseen; it is an"
            " answer, not an all-clear."
        )
    if dataset.joint is not None or comparison.vectors:
        texts.append(
            "All columns together, and vectors: a classifier learns to tell the two sides apart"
            " and is tested on rows it did not see. Its area under the ROC curve is 0.5 when it"
            " cannot."
        )
    if dataset.checks:
        texts.append("Checks are facts about the current rows and use none of that allowance.")
    return texts
