"""A comparison as Markdown for a comment: the verdict, what is broken, the rest folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watchkeeper.checks import CheckResult
from watchkeeper.comparison import (
    ColumnComparison,
    Comparison,
    JointDrift,
    PerformanceComparison,
    VectorComparison,
)
from watchkeeper.report.comparison.closing import decisions
from watchkeeper.report.comparison.markdown_text import code, escaped
from watchkeeper.report.comparison.metric_rows import HEADS, metric_rows, sentences
from watchkeeper.report.comparison.outliers import outliers_sentence
from watchkeeper.report.comparison.verdict import (
    chance,
    changed_first,
    failed_first,
    heading,
    of_check,
    of_column,
    told,
)
from watchkeeper.report.wording import count, number, ratio

_MOST_CHARACTERS = 59_000
_RESERVED = 4_000
_MARKS = {"fine": "✅", "drifted": "⚠️", "worse": "❌", "failed": "❌", "inconclusive": "❔"}
_LONGEST = 300
_VECTOR_HEADS = ("Column of vectors", "Finding", "AUC:", "Adjusted p:")


def comparison_markdown(comparison: Comparison) -> str:
    """Render a comparison as GitHub-flavoured Markdown, shorter than 60,000 characters.

    Names and values of the data neither format, link nor notify anybody. What does not fit is
    counted.
    """
    dataset = comparison.dataset
    page = _Page()
    page.add(
        [
            f"### {_MARKS[dataset.verdict]} {heading(dataset)}"
            f" {escaped(dataset.message, longest=600)}",
            "",
            f"{code(comparison.current, longest=120)}"
            f" ({count(dataset.current_rows, 'row')}) against"
            f" {code(comparison.reference, longest=120)}"
            f" ({count(dataset.reference_rows, 'row')}).",
        ]
    )
    if comparison.performance is not None:
        _performance(page, comparison.performance)
    items = changed_first(comparison.columns)
    drifted = [item for item in items if item[1].drifted]
    _drifted_table(page, drifted)
    vectors = sorted(comparison.vectors.items(), key=lambda item: -item[1].auc)
    _vector_table(page, [item for item in vectors if item[1].drifted])
    checks = failed_first(comparison.checks)
    _check_table(page, [check for check in checks if of_check(check) != "passed"])
    if dataset.joint is not None:
        page.add(["", _joint(dataset.joint)])
    if comparison.outliers is not None and comparison.outliers.risen:
        told = outliers_sentence(comparison.outliers, lambda one: code(one, longest=40))
        page.add(["", f"**Outliers:** {told}"])
    _segment_table(page, comparison)
    _other_columns(page, items[len(drifted) :])
    _folded(
        page,
        f"{count(sum(not one.drifted for one in comparison.vectors.values()), 'column')} of"
        " vectors without drift",
        _table(*_VECTOR_HEADS),
        [_vector_row(item) for item in vectors if not item[1].drifted],
    )
    _passed(page, [check for check in checks if of_check(check) == "passed"])
    if comparison.notes:
        _folded(
            page,
            count(len(comparison.notes), "note"),
            [],
            (f"- {escaped(note, longest=_LONGEST)}" for note in comparison.notes),
        )
    texts = [part for text in decisions(comparison) for part in (escaped(text, longest=900), "")]
    page.add(
        ["", "<details><summary>How decisions are taken</summary>", "", *texts, "</details>"],
        reserved=True,
    )
    return page.text()


class _Page:
    """Lines up to a limit; the end of the page has its own reserve."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._characters = 0

    def add(self, lines: Sequence[str], *, reserved: bool = False) -> bool:
        """Add lines together if they fit."""
        size = sum(len(line) + 1 for line in lines)
        limit = _MOST_CHARACTERS if reserved else _MOST_CHARACTERS - _RESERVED
        if self._characters + size > limit:
            return False
        self._lines += lines
        self._characters += size
        return True

    def rows(self, top: Sequence[str], rows: Iterable[str]) -> None:
        """Add a block's top, then as many rows as fit, and say how many did not."""
        found = list(rows)
        if not found or not self.add(top):
            return
        for place, row in enumerate(found):
            if not self.add([row]):
                rest = f"And {len(found) - place:,} more, for which there is no room here."
                self.add(["", rest], reserved=True)
                return

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def _table(*heads: str) -> list[str]:
    """Return the top of a table; a head that ends in ``:`` is of numbers."""
    rule = "|".join(" ---: " if head.endswith(":") else " --- " for head in heads)
    return ["", f"| {' | '.join(head.rstrip(':') for head in heads)} |", f"|{rule}|"]


def _performance(page: _Page, performance: PerformanceComparison) -> None:
    page.rows(
        _table(*HEADS),
        (
            f"| {' | '.join(_entities(escaped(cell, longest=80)) for cell in row.cells)} |"
            for row in metric_rows(performance)
        ),
    )
    told = [f"- {escaped(text, longest=_LONGEST)}" for text in sentences(performance)]
    page.rows([""], told)


def _drifted_table(page: _Page, drifted: Sequence[tuple[str, ColumnComparison]]) -> None:
    page.rows(
        _table("Drifted column", "What changed", "Rows moved:", "Adjusted p:", "PSI:"),
        (
            f"| {code(column_name)} | {_told(column_name, column)} |"
            f" {ratio(column.effect.moved_ratio)}"
            f" ({ratio(column.effect.moved_low)} to {ratio(column.effect.moved_high)}) |"
            f" {_chance(column)} | {number(column.distances.psi)} |"
            for column_name, column in drifted
        ),
    )


def _vector_table(page: _Page, vectors: Sequence[tuple[str, VectorComparison]]) -> None:
    page.rows(_table(*_VECTOR_HEADS), map(_vector_row, vectors))


def _vector_row(item: tuple[str, VectorComparison]) -> str:
    column_name, vector = item
    return (
        f"| {code(column_name)} | {_told(column_name, vector)} | {vector.auc:.3f}"
        f" ({vector.auc_low:.3f} to {vector.auc_high:.3f}) |"
        f" {_entities(chance(vector.adjusted_p_value))} |"
    )


def _chance(column: ColumnComparison) -> str:
    return _entities(chance(column.adjusted_p_value))


def _entities(text: str) -> str:
    return text.replace("<", "&lt;")


def _told(column_name: str, column: ColumnComparison | VectorComparison) -> str:
    return escaped(told(column_name, column.message), longest=_LONGEST)


def _check_table(page: _Page, checks: Sequence[CheckResult]) -> None:
    page.rows(
        _table("Check", "Verdict", "Rows:", "What breaks it"),
        (
            f"| {code(check.name)} | {of_check(check)} |"
            f" {'–' if check.failed_rows is None else f'{check.failed_rows:,}'} |"
            f" {escaped(check.message, longest=_LONGEST)}{_example(check)} |"
            for check in checks
        ),
    )


def _example(check: CheckResult) -> str:
    if not check.examples:
        return ""
    row = check.examples[0]
    names = [column for column in check.columns if column in row] or list(row)
    pairs = [
        f"{code(column, longest=40)} = {'null' if row[column] is None else code(row[column] or '')}"
        for column in names[:3]
    ]
    return f"<br>for example {', '.join(pairs)}" if pairs else ""


def _joint(joint: JointDrift) -> str:
    verdict = "drifted" if joint.drifted else "no drift"
    telling = ", ".join(code(one.column, longest=40) for one in joint.columns[:5])
    most = f"; most telling: {telling}" if joint.drifted and telling else ""
    return (
        f"**All columns together:** {verdict}, AUC {joint.auc:.3f}"
        f" ({joint.auc_low:.3f} to {joint.auc_high:.3f}){most}."
    )


def _segment_table(page: _Page, comparison: Comparison) -> None:
    segments = sorted(comparison.segments, key=lambda one: (not one.drifted, not one.inconclusive))
    drifted = sum(segment.drifted for segment in segments)
    rows = []
    for segment in segments:
        names = [key for key, column in changed_first(segment.columns) if column.drifted]
        shown = ", ".join(code(column, longest=40) for column in names[:5])
        rest = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        rows.append(
            f"| {code(segment.segment)} | {of_column(segment)} | {segment.reference_rows:,} |"
            f" {segment.current_rows:,} | {shown}{rest} |"
        )
    _folded(
        page,
        f"{drifted:,} of {count(len(segments), 'segment')} drifted",
        _table("Segment", "Verdict", "Reference rows:", "Current rows:", "Drifted columns"),
        rows,
    )


def _other_columns(page: _Page, items: Sequence[tuple[str, ColumnComparison]]) -> None:
    _folded(
        page,
        f"{count(len(items), 'column')} without drift",
        _table("Column", "Type", "Verdict", "Rows moved:", "Adjusted p:", "PSI:"),
        [
            f"| {code(column_name)} | {column.type} | {of_column(column)} |"
            f" {ratio(column.effect.moved_ratio)} | {_chance(column)} |"
            f" {number(column.distances.psi)} |"
            for column_name, column in items
        ],
    )


def _passed(page: _Page, checks: Sequence[CheckResult]) -> None:
    _folded(
        page,
        f"{count(len(checks), 'check')} passed",
        _table("Check", "Kind"),
        [f"| {code(check.name)} | {code(check.check)} |" for check in checks],
    )


def _folded(page: _Page, summary: str, top: Sequence[str], rows: Iterable[str]) -> None:
    found = list(rows)
    if not found:
        return
    if page.add(["", f"<details><summary>{summary}</summary>", *(top or [""])]):
        page.rows([], found)
        page.add(["", "</details>"], reserved=True)
