"""A comparison on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from watchkeeper.checks import CheckResult
from watchkeeper.comparison import (
    ColumnComparison,
    Comparison,
    JointDrift,
    OutlierComparison,
    PerformanceComparison,
    SegmentComparison,
    VectorComparison,
)
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
from watchkeeper.report.wording import name, number, ratio

_MOST_COLUMNS = 40
_MOST_CHECKS = 30
_MOST_SEGMENTS = 20
_MOST_NOTES = 10
_VERDICT_STYLES = {
    "fine": "bold green",
    "drifted": "bold yellow",
    "worse": "bold red",
    "failed": "bold red",
    "inconclusive": "bold",
}
_WORD_STYLES = {
    "worse": "bold red",
    "drifted": "bold yellow",
    "failed": "bold red",
    "warning": "yellow",
}


def comparison_table(comparison: Comparison) -> RenderableType:
    """Render a comparison for a terminal of 80 columns or more.

    The verdict comes first, then how good predictions are, then columns, largest change first,
    checks that did not pass, all columns together, outliers, segments and notes. Without a
    terminal (a pipe, a file) Rich writes the same without colours.
    """
    dataset = comparison.dataset
    verdict = Text(heading(dataset), style=_VERDICT_STYLES[dataset.verdict])
    verdict.append(f" {name(dataset.message, longest=600)}", style="default not bold")
    sizes = Text(
        f"{name(comparison.reference)}: {dataset.reference_rows:,} rows;"
        f" {name(comparison.current)}: {dataset.current_rows:,} rows",
        style="dim",
    )
    parts: list[RenderableType] = [verdict, sizes]
    if comparison.performance is not None:
        parts += [Text(), _performance(comparison.performance)]
    if comparison.columns:
        parts += [Text(), _columns(comparison.columns)]
    if comparison.vectors:
        parts += [Text(), _vectors(comparison.vectors)]
    telling = [check for check in failed_first(comparison.checks) if of_check(check) != "passed"]
    if telling:
        parts += [Text(), _checks(telling)]
    if dataset.joint is not None:
        parts += [Text(), _joint(dataset.joint)]
    if comparison.outliers is not None and comparison.outliers.risen:
        parts += [Text(), _outliers(comparison.outliers)]
    if comparison.segments:
        parts += [Text(), _segments(comparison.segments)]
    if comparison.notes:
        parts += [Text(), _notes(comparison.notes)]
    return Group(*parts)


def _performance(performance: PerformanceComparison) -> Group:
    grid = _grid()
    for place, head in enumerate(HEADS):
        grid.add_column(head, justify="right" if place > 1 else "left", overflow="fold")
    for row in metric_rows(performance):
        label, word, *rest = row.cells
        grid.add_row(label, Text(word, style=_WORD_STYLES.get(word, "dim")), *rest)
    lines = [Text(name(line, longest=400)) for line in sentences(performance)]
    return Group(
        *([grid] if grid.row_count else []), *(Padding(one, (0, 0, 0, 2)) for one in lines)
    )


def _columns(columns: dict[str, ColumnComparison]) -> Table:
    grid = _grid()
    grid.add_column("Column", overflow="fold", ratio=2)
    grid.add_column("Verdict", no_wrap=True)
    grid.add_column("Moved", justify="right", no_wrap=True)
    grid.add_column("Adj. p", justify="right", no_wrap=True)
    grid.add_column("PSI", justify="right", no_wrap=True)
    grid.add_column("What changed", overflow="fold", ratio=4)
    ordered = changed_first(columns)
    for column_name, column in ordered[:_MOST_COLUMNS]:
        word = of_column(column)
        grid.add_row(
            Text(name(column_name, longest=60)),
            Text(word, style=_WORD_STYLES.get(word, "dim")),
            ratio(column.effect.moved_ratio),
            chance(column.adjusted_p_value),
            number(column.distances.psi),
            Text(
                name(told(column_name, column.message), longest=160),
                style="" if column.drifted else "dim",
            ),
        )
    rest = len(ordered) - _MOST_COLUMNS
    if rest > 0:
        grid.add_row(Text(f"and {rest:,} more", style="dim"))
    return grid


def _vectors(vectors: dict[str, VectorComparison]) -> Table:
    grid = _grid()
    grid.add_column("Vectors", overflow="fold", ratio=2)
    grid.add_column("Verdict", no_wrap=True)
    grid.add_column("AUC", justify="right", no_wrap=True)
    grid.add_column("Adj. p", justify="right", no_wrap=True)
    grid.add_column("Finding", overflow="fold", ratio=4)
    ordered = sorted(vectors.items(), key=lambda item: (not item[1].drifted, -item[1].auc))
    for column_name, vector in ordered[:_MOST_COLUMNS]:
        word = of_column(vector)
        grid.add_row(
            Text(name(column_name, longest=60)),
            Text(word, style=_WORD_STYLES.get(word, "dim")),
            f"{vector.auc:.3f}",
            chance(vector.adjusted_p_value),
            Text(name(told(column_name, vector.message), longest=160)),
        )
    rest = len(ordered) - _MOST_COLUMNS
    if rest > 0:
        grid.add_row(Text(f"and {rest:,} more", style="dim"))
    return grid


def _checks(checks: list[CheckResult]) -> Table:
    grid = _grid()
    grid.add_column("Check", overflow="fold", ratio=2)
    grid.add_column("Verdict", no_wrap=True)
    grid.add_column("Rows", justify="right", no_wrap=True)
    grid.add_column("Message", overflow="fold", ratio=4)
    for check in checks[:_MOST_CHECKS]:
        word = of_check(check)
        grid.add_row(
            Text(name(check.name)),
            Text(word, style=_WORD_STYLES.get(word, "dim")),
            "" if check.failed_rows is None else f"{check.failed_rows:,}",
            Text(name(check.message, longest=300)),
        )
    rest = len(checks) - _MOST_CHECKS
    if rest > 0:
        grid.add_row(Text(f"and {rest:,} more", style="dim"))
    return grid


def _joint(joint: JointDrift) -> Text:
    word = "drifted" if joint.drifted else "no drift"
    text = Text("All columns together: ", style="bold")
    text.append(word, style=_WORD_STYLES.get(word, "not bold dim"))
    text.append(
        f", AUC {joint.auc:.3f} ({joint.auc_low:.3f} to {joint.auc_high:.3f})",
        style="not bold",
    )
    telling = ", ".join(name(one.column, longest=40) for one in joint.columns[:4])
    if joint.drifted and telling:
        text.append(f"; most telling: {telling}", style="not bold")
    return text


def _outliers(outliers: OutlierComparison) -> Text:
    text = Text("Outliers: ", style="bold")
    told = outliers_sentence(outliers, lambda one: name(one, longest=40))
    return text.append(told, style="not bold")


def _segments(segments: tuple[SegmentComparison, ...]) -> Table:
    grid = _grid()
    grid.add_column("Segment", overflow="fold", ratio=2)
    grid.add_column("Verdict", no_wrap=True)
    grid.add_column("Rows", justify="right", no_wrap=True)
    grid.add_column("Drifted", overflow="fold", ratio=4)
    ordered = sorted(segments, key=lambda one: (not one.drifted, not one.inconclusive))
    for segment in ordered[:_MOST_SEGMENTS]:
        word = of_column(segment)
        drifted = [key for key, column in changed_first(segment.columns) if column.drifted]
        names = ", ".join(name(column, longest=40) for column in drifted[:5])
        rest = f" and {len(drifted) - 5} more" if len(drifted) > 5 else ""
        grid.add_row(
            Text(name(segment.segment)),
            Text(word, style=_WORD_STYLES.get(word, "dim")),
            f"{segment.reference_rows:,} → {segment.current_rows:,}",
            Text(names + rest),
        )
    rest_rows = len(ordered) - _MOST_SEGMENTS
    if rest_rows > 0:
        grid.add_row(Text(f"and {rest_rows:,} more", style="dim"))
    return grid


def _notes(notes: tuple[str, ...]) -> Group:
    lines = [Text(name(note, longest=300)) for note in notes[:_MOST_NOTES]]
    if len(notes) > _MOST_NOTES:
        lines.append(Text(f"and {len(notes) - _MOST_NOTES:,} more", style="dim"))
    return Group(Text("Notes", style="bold"), *(Padding(line, (0, 0, 0, 2)) for line in lines))


def _grid() -> Table:
    return Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
