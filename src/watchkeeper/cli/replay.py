"""``watchkeeper replay``: a stored watch run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DIFFERS = 1


def replay(
    store: Annotated[Path, typer.Argument(help="Folder of the store.")],
    model: Annotated[str, typer.Option(help="Name of the model.")],
    version: Annotated[
        int | None, typer.Option(help="Version of the baseline [default: the newest].")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop at this time [default: at the end].")
    ] = None,
) -> None:
    """Judge the stored buckets again, each with the data it had, and print the incidents as JSON.

    The lines are the stored incidents, byte for byte; a difference is told and means that code,
    baseline or events were changed since.

    Where rows were removed since, the profiles that were kept of them are judged; where there
    is none, it says so and stops.

    Exit codes: 0 all the same, 1 something differs, 2 wrong use or set-up.

    Example:

      watchkeeper replay ./store --model delays > incidents.jsonl
    """
    from watchkeeper.pipeline import aware_time
    from watchkeeper.pipeline import replay as run
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        result = run(opened, model, version=version, until=aware_time(until, "UTC", name="until"))
    for incident in result.incidents:
        typer.echo(incident.payload.decode())
    same = "the same as stored" if not result.differing else f"{len(result.differing)} differ"
    typer.echo(
        f"{result.buckets} buckets judged again, {len(result.incidents)} incidents, {same}",
        err=True,
    )
    for name in result.differing:
        typer.echo(f"  differs: {name}", err=True)
    if result.missing is not None:
        bucket = result.missing
        where = f"bucket {bucket.number}" + (f" ({bucket.start})" if bucket.start else "")
        typer.echo(
            f"from {where} on nothing can be judged again: its rows were removed, by retention or"
            " erasure, and no profile of them is kept",
            err=True,
        )
    if result.differing:
        raise typer.Exit(DIFFERS)
