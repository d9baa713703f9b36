"""A backtest on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.pipeline.result_outliers import BacktestOutliers
from watchkeeper.pipeline.result_performance import BacktestPerformance
from watchkeeper.report import magnitude
from watchkeeper.report.backtest_verdict import verdict
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.outliers_section import outliers_sentence
from watchkeeper.report.performance_table import performance_table
from watchkeeper.report.wording import NOTHING, name
from watchkeeper.watch import Incident, NotEnough

_MOST_INCIDENTS = 40
_COLUMNS_EACH = 3


def table(result: BacktestResult, *, next_steps: bool = True) -> RenderableType:
    """Render a result for a terminal of 80 columns or more.

    The verdict comes first, then the incidents, what they say, how good the predictions were,
    outliers, what could not be said, and what to do next. Without a terminal (a pipe, a file) Rich
    writes the same without colours.

    Parameters
    ----------
    next_steps
        Whether to end with options of ``watchkeeper backtest`` to try next.
    """
    calendar = Calendar(result)
    parts: list[RenderableType] = [_verdict(result, calendar)]
    if result.incidents:
        parts += [Text(), _incidents(result, calendar), Text(), _messages(result)]
    if isinstance(result.performance, BacktestPerformance):
        parts += [Text(), performance_table(result.performance)]
    if isinstance(result.outliers, BacktestOutliers) and result.outliers.risen:
        told = Text("Outliers: ", style="bold")
        parts += [Text(), told.append(outliers_sentence(result.outliers, calendar), "not bold")]
    if result.not_enough_data:
        parts += [Text(), _not_enough(result.not_enough_data)]
    if next_steps:
        parts += [Text(), _next_steps(result)]
    return Group(*parts)


def _verdict(result: BacktestResult, calendar: Calendar) -> Text:
    said = verdict(result)
    something_open = any(incident.is_open for incident in result.incidents)
    text = Text(said.headline, style="bold")
    if said.standing:
        text.append(f" {said.standing}", style="bold yellow" if something_open else "bold green")
    if said.allowance:
        text.append(f"\n{said.allowance}", style="dim")
    if result.incidents and calendar.start(0) is not None:
        text.append(f"\nTimes are in {calendar.zone}.", style="dim")
    return text


def _incidents(result: BacktestResult, calendar: Calendar) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    grid.add_column("", justify="right", style="dim")
    grid.add_column("Opened", no_wrap=True)
    grid.add_column("Kind", no_wrap=True)
    grid.add_column("What", ratio=2, overflow="fold")
    grid.add_column("Since", no_wrap=True)
    grid.add_column("How large", ratio=2)
    grid.add_column("Closed", no_wrap=True)
    for place, incident in enumerate(result.incidents[:_MOST_INCIDENTS], start=1):
        grid.add_row(
            str(place),
            calendar.bucket(incident.opened_bucket, year=False),
            _kind(incident),
            _what(incident),
            calendar.bucket(max(0, incident.since_bucket), year=False),
            Text(magnitude.phrase(incident.streams[0]) if incident.streams else NOTHING),
            Text("open", style="bold yellow")
            if incident.is_open
            else calendar.bucket(incident.closed_bucket, year=False),
        )
    return grid


def _kind(incident: Incident) -> str:
    if incident.cause == "concept":
        return f"{incident.kind}, concept"
    return "rule" if incident.cause == "rule" else incident.kind


def _what(incident: Incident) -> Text:
    columns = list(dict.fromkeys(stream.column for stream in incident.streams))
    shown = ", ".join(name(column, longest=30) for column in columns[:_COLUMNS_EACH])
    rest = len(columns) - _COLUMNS_EACH
    return Text(shown + (f" and {rest} more" if rest > 0 else ""))


def _messages(result: BacktestResult) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for place, incident in enumerate(result.incidents[:_MOST_INCIDENTS], start=1):
        grid.add_row(str(place), Text(name(incident.message, longest=400)))
    rest = len(result.incidents) - _MOST_INCIDENTS
    if rest > 0:
        grid.add_row("", Text(f"and {rest} more; --format json has them all", style="dim"))
    return grid


def _not_enough(missing: tuple[NotEnough, ...]) -> Group:
    lines = [
        Text(
            f"{name(item.subject)}: {name(item.have, longest=200)};"
            f" needs {name(item.need, longest=200)}"
        )
        for item in missing
    ]
    return Group(
        Text("Not enough data to say", style="bold"),
        *(Padding(line, (0, 0, 0, 2)) for line in lines),
    )


def _next_steps(result: BacktestResult) -> Group:
    steps = ["--format html --out report.html draws all this; --format json is for scripts"]
    if len(result.incidents) > 2 * result.buckets / result.false_alarm_budget_buckets > 0:
        steps.append("much changed: a later --reference-until may fit the present better")
    if result.incidents:
        steps.append("--ignore COLUMN leaves out a column that may move as it likes")
    else:
        steps.append('a tighter reference or a larger --budget, for example "1 per 7d", tells more')
    return Group(Text("Next", style="bold"), *(Padding(Text(step), (0, 0, 0, 2)) for step in steps))
