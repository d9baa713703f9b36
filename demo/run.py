"""A delay model's year: trained on the winter of 2013, streamed, watched, and held to account.

Run it with ``make demo``, or ``python demo/run.py``. Everything it makes lies in ``.demo``.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import msgspec
from flights import NEW_YORK, Flights, load
from model import Predicted, predict
from quality import measure, show
from rich.console import Console, Group
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from scorecard import Told, covered_ratio, known_events, score, unexplained
from scorecard import table as scorecard_table
from stream import QUEUE, archive, stream

from watchkeeper import Client, backtest
from watchkeeper.pipeline import BacktestResult
from watchkeeper.report import table, to_html
from watchkeeper.store import Store

MODEL = "arrival-delay"
WATCH_FROM = datetime(2013, 4, 1, tzinfo=NEW_YORK)
WATCHED = ("queue_minutes", "wind_speed", "precip", "visib", "prediction", "arrival_delay")
INPUTS = tuple(name for name in WATCHED if name != "arrival_delay")
BUCKET, BUDGET = "1d", "1 per 30d"
FOLDER = Path(".demo")

_COMMANDS = (
    "  cd .demo && PATH=$PWD/../.venv/bin:$PATH",
    "  watchkeeper backtest ../demo/data/flights.parquet --time scheduled --segment-by origin \\",
    "      --reference-until 2013-04-01 --timezone America/New_York --ignore flight",
    f"  watchkeeper baseline store --model {MODEL} --until 2013-04-01 \\",
    "      --ignore distance --ignore explanation:",
    f"  watchkeeper watch store --model {MODEL} --once",
    f"  watchkeeper performance store {MODEL} --since 2013-06-01 --until 2013-07-01",
    f"  watchkeeper explanations store {MODEL} --since 2013-06-24 --until 2013-07-24",
    "  watchkeeper incidents list store",
    "  watchkeeper audit verify store",
    "  watchkeeper init YOUR_DATA.parquet     writes settings for a model of your own",
)


def main() -> None:
    """Tell the whole story once."""
    began = perf_counter()
    console = Console()
    store, report = FOLDER / "store", FOLDER / "report.html"
    shutil.rmtree(store, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    with _progress(console) as progress:
        flights, predicted = _model(progress)
        _log(progress, flights, predicted, store)
        result = _watch(progress, store)
        task = progress.add_task("Measuring it by its labels", total=1)
        quality = measure(
            store,
            MODEL,
            until=WATCH_FROM,
            columns=INPUTS,
            budget=BUDGET,
            timezone="America/New_York",
        )
        progress.advance(task)
    report.write_text(to_html(result, title="Arrival delays, New York 2013"), encoding="utf-8")
    console.print(table(result, next_steps=False))
    _hold_to_account(console, result)
    show(console, *quality)
    console.print(_next_steps(report, perf_counter() - began), soft_wrap=True)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _model(progress: Progress) -> tuple[Flights, Predicted]:
    """Load the flights and predict all of them; those of the winter without having seen them."""
    task = progress.add_task("Training on January to March", total=2)
    flights = load()
    progress.advance(task)
    predicted = predict(flights, flights.arrival_delay, flights.before(WATCH_FROM))
    progress.advance(task)
    return flights, predicted


def _log(progress: Progress, flights: Flights, predicted: Predicted, store: Path) -> None:
    """Put the winter into the store, and send the rest of the year through the SDK."""
    first = flights.before(WATCH_FROM)
    total = 2 * (len(flights) - first)
    task = progress.add_task("Streaming April to December", total=total)
    with Store.open(store) as opened:
        archive(opened, MODEL, flights, predicted, first)
    with Client(
        store, model=MODEL, version="winter-2013", queue_size=QUEUE, batch_size=2_000
    ) as client:
        for logged in stream(client, flights, predicted, first=first):
            progress.update(task, completed=logged)
        stats = client.stats()
    if stats.dropped or stats.rejected:
        message = f"the stream lost records: {stats}"
        raise SystemExit(message)


def _watch(progress: Progress, store: Path) -> BacktestResult:
    """Read back what is in the store, and watch all of it that came after the winter."""
    with Store.open(store, create=False) as opened:
        rows = opened.predictions(MODEL)
    names = {"output": "prediction", "label": "arrival_delay"}
    rows = rows.rename_columns(
        [names.get(name, name.removeprefix("feature:")) for name in rows.column_names]
    )
    task = progress.add_task("Watching it day by day", total=275)
    result = backtest(
        rows.select(["time", *WATCHED]),
        time="time",
        reference_until=WATCH_FROM,
        bucket=BUCKET,
        budget=BUDGET,
        columns=WATCHED,
        timezone="America/New_York",
        on_bucket=lambda number, _: progress.update(task, completed=number),
    )
    return msgspec.structs.replace(result, data=f"{store}, model {MODEL!r}")


def _hold_to_account(console: Console, result: BacktestResult) -> None:
    """Compare the incidents with a list of events that was made without any detector."""
    zone = ZoneInfo(result.time_zone)
    days = [start.astimezone(zone).date() for start in result.starts if start is not None]
    incidents = [
        Told(
            opened=days[incident.opened_bucket],
            closed=None if incident.closed_bucket is None else days[incident.closed_bucket],
            columns=frozenset(stream.column for stream in incident.streams),
            message=incident.message,
        )
        for incident in result.incidents
    ]
    events = known_events()
    lines = score(events, incidents)
    told = sum(line.opened is not None for line in lines)
    under_way = sum(line.under_way for line in lines)
    console.rule("[bold]Held against what is known of 2013")
    console.print(scorecard_table(lines))
    console.print(
        f"Of {len(events)} known events, {told} were told and {len(events) - told} missed,"
        f" {under_way} of these while an incident about the same columns was open. Days as bad as"
        " most of them were ordinary in the winter that the reference is."
    )
    strange = unexplained(events, incidents)
    chance = covered_ratio(events, days)
    console.print(
        f"\n{len(strange)} of {len(incidents)} incidents open on no known event (the events, with"
        f" two days to tell them, cover {chance:.0%} of the days)" + (":" if strange else ".")
    )
    for incident in strange:
        what = incident.message.partition(", since")[0]
        console.print(f"  {incident.opened.day} {incident.opened:%b}: {what}", markup=False)


def _next_steps(report: Path, seconds: float) -> Group:
    return Group(
        "",
        f"[bold]The report:[/bold] {report.resolve()}",
        f"[dim]All this took {seconds:.0f} seconds.[/dim]",
        "",
        "[bold]Try next[/bold]",
        *_COMMANDS,
    )


if __name__ == "__main__":
    main()
