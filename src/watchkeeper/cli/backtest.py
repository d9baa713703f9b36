"""``watchkeeper backtest``: how many alerts last year would have given."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from watchkeeper.pipeline import BacktestResult

INCIDENT_OPEN = 1
INCONCLUSIVE = 3


def backtest(
    data: Annotated[list[str], typer.Argument(help="Parquet, CSV or JSONL files or folders.")],
    config: Annotated[
        Path | None,
        typer.Option(help="Settings; options given here win.", dir_okay=False),
    ] = None,
    time: Annotated[str | None, typer.Option(metavar="COL", help="Column of the time.")] = None,
    reference_until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Rows before this time are the reference.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option(metavar="FILE", help="Or: a file that is the reference.")
    ] = None,
    bucket: Annotated[
        str | None,
        typer.Option(help="1h, 1d, 1000rows [default: 1d, or 1000rows without a time]."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(help="Accepted false alarms, '1 per 30d' or '1 per 720 buckets'."),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(metavar="A,B", help="Columns to watch [default: all useful].")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="C", help="Columns to leave out; repeatable.")
    ] = None,
    segment_by: Annotated[
        str | None, typer.Option(metavar="COL", help="Watch each value of this column too.")
    ] = None,
    season: Annotated[
        Literal["auto", "none"] | None,
        typer.Option(help="Find cycles in the reference, or expect none [default: auto]."),
    ] = None,
    holidays: Annotated[
        str | None, typer.Option(metavar="US", help="Country whose holidays are no news.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="AREA/CITY", help="Zone of the local clock.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the model's answer.")
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the truth: measures performance.")
    ] = None,
    label_time: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of when the label became known.")
    ] = None,
    entity: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of who it is about.")
    ] = None,
    estimates: Annotated[
        bool,
        typer.Option(
            "--estimates/--no-estimates", help="Whether performance is also estimated from inputs."
        ),
    ] = True,
    explain: Annotated[
        bool,
        typer.Option("--explain/--no-explain", help="Whether to say why incidents happened."),
    ] = True,
    output_format: Annotated[
        Literal["table", "json", "html"], typer.Option("--format", help="How to show the result.")
    ] = "table",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write there, not to the screen.")
    ] = None,
) -> None:
    r"""Watch stored data as if it came in live, and show what would have been told.

    Exit codes: 0 no incident open at the end, 1 one is, 2 wrong use, 3 not enough data to say.

    Examples:

        watchkeeper backtest flights.parquet --time time_hour \
          --reference-until 2013-04-01

        watchkeeper backtest new.csv --reference old.csv \
          --bucket 1000rows --budget "1 per 720 buckets"

        watchkeeper backtest loans.parquet --time decided_at \
          --reference-until 2025-01-01 --output score --label defaulted

        watchkeeper backtest 'logs/*.jsonl' --config watchkeeper.yaml \
          --format html --out report.html
    """
    from watchkeeper.cli.backtest_settings import Given, merged
    from watchkeeper.cli.column_names import split_names
    from watchkeeper.cli.progress import watching_progress
    from watchkeeper.pipeline import backtest as run

    given = Given(
        time=time,
        reference_until=reference_until,
        reference=reference,
        bucket=bucket,
        budget=budget,
        columns=split_names(columns),
        ignore=split_names(",".join(ignore or [])),
        segment_by=segment_by,
        season=season,
        holidays=holidays,
        timezone=timezone,
        output=output,
        label=label,
        label_time=label_time,
        entity=entity,
    )
    arguments = merged(given, config)
    source = data[0] if len(data) == 1 else list(data)
    with watching_progress() as progress:
        result = run(
            source,
            estimates=estimates,
            explain=explain,
            on_read=progress.read,
            on_bucket=progress.bucket,
            **arguments,
        )
    _show(result, output_format, out)
    if not result.conclusive:
        raise typer.Exit(INCONCLUSIVE)
    if any(incident.is_open for incident in result.incidents):
        raise typer.Exit(INCIDENT_OPEN)


def _show(result: BacktestResult, output_format: str, out: Path | None) -> None:
    from watchkeeper.report import table, to_html, to_json

    if output_format == "table":
        from rich.console import Console

        if out is None:
            Console().print(table(result))
        else:
            with out.open("w", encoding="utf-8") as file:
                Console(file=file, width=100).print(table(result))
    else:
        page = output_format == "html"
        text = to_html(result, title=result.data).encode() if page else to_json(result)
        if out is None:
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
        else:
            out.write_bytes(text)
    if out is not None:
        typer.echo(f"written to {out}", err=True)
