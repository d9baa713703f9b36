"""``watchkeeper baseline``: say what normal is, before deployment."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from watchkeeper.store import Store


def baseline(
    store: Annotated[Path, typer.Argument(help="Folder of the store.")],
    model: Annotated[
        str | None, typer.Option(help="Name of the model [default: the settings'].")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Predictions before this time are normal.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="And from this time on [default: all].")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings; options given here win.", dir_okay=False)
    ] = None,
    bucket: Annotated[str | None, typer.Option(help="1h, 1d, 1000rows [default: 1d].")] = None,
    budget: Annotated[
        str | None, typer.Option(help="Accepted false alarms [default: 1 per 30d].")
    ] = None,
    columns: Annotated[
        str | None, typer.Option(metavar="A,B", help="Columns to watch [default: all useful].")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="C", help="Columns to leave out; repeatable.")
    ] = None,
    segment_by: Annotated[
        str | None, typer.Option(metavar="COL", help="Watch each value of this column or tag too.")
    ] = None,
    season: Annotated[
        Literal["auto", "none"] | None, typer.Option(help="Find cycles, or expect none.")
    ] = None,
    holidays: Annotated[
        str | None, typer.Option(metavar="US", help="Country whose holidays are no news.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="AREA/CITY", help="Zone of the local clock.")
    ] = None,
    lateness: Annotated[
        str | None, typer.Option(help="How long a bucket waits for late rows, such as 10m.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why; kept in the audit log.")] = "",
) -> None:
    """Learn what is normal from stored predictions, and keep it as a new version.

    Watching begins at the bucket that holds the end of the baseline.

    Exit codes: 0 done, 2 wrong use, 3 not enough data.

    Examples:

      watchkeeper baseline ./store --model delays --until 2013-04-01 --bucket 1d

      watchkeeper baseline ./store --config watchkeeper.yaml
    """
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.cli.backtest_settings import Given, merged
    from watchkeeper.errors import SettingsError
    from watchkeeper.pipeline import Plan, aware_time, set_baseline
    from watchkeeper.store import Store
    from watchkeeper.watch import Bucketing

    given = Given(
        time=None,
        reference_until=until,
        reference=None,
        bucket=bucket,
        budget=budget,
        columns=columns.split(",") if columns else None,
        ignore=ignore,
        segment_by=segment_by,
        season=season,
        holidays=holidays,
        timezone=timezone,
    )
    settings = merged(given, config)
    name = _model(model, config)
    zone = settings.get("timezone") or "UTC"
    end = aware_time(settings.get("reference_until"), zone, name="until")
    if end is None:
        raise SettingsError("name the end of the baseline with --until TIME")
    plan = Plan(
        bucketing=Bucketing.parse(settings.get("bucket") or "1d"),
        columns=None if settings.get("columns") is None else tuple(settings["columns"]),
        ignore=tuple(settings.get("ignore") or ()),
        segment_by=settings.get("segment_by"),
        season=settings.get("season") != "none",
        holidays=settings.get("holidays"),
        timezone=zone,
        events=tuple(settings.get("events") or ()),
        schema=settings.get("schema"),
        weights=settings.get("weights") or {},
    )
    with Store.open(store, create=False) as opened:
        done = set_baseline(
            opened,
            name,
            plan,
            until=end,
            since=aware_time(since, zone, name="since"),
            budget=settings.get("budget") or "1 per 30d",
            lateness=_lateness(lateness, config),
            note=note,
            actor=actor_name(),
            now=datetime.now(tz=UTC),
        )
        waiting = _not_in_force(opened, name, config)
    typer.echo(
        f"baseline version {done.version} of {name}: {done.rows:,} predictions in"
        f" {done.buckets:,} buckets of {plan.bucketing}"
    )
    for missing in done.not_enough:
        typer.echo(f"  not enough for {missing.subject}: {missing.have}; needs {missing.need}")
    for column, why in done.ignored.items():
        if column != "sequence":
            typer.echo(f"  not watched: {column} ({why})")
    if done.is_priced:
        typer.echo(
            "  cost_usd: by the prices in force now, as long as this baseline is in use;"
            " after a change of prices, set a new baseline"
        )
    if waiting:
        typer.echo(f"settings of {config} that are not in force: {'; '.join(waiting)}")
        typer.echo(f"next: watchkeeper apply {store} --config {config}")
    typer.echo(f"next: watchkeeper watch {store} --model {name}")


def _model(given: str | None, config: Path | None) -> str:
    """Return the model's name: as given, else as the file says."""
    from watchkeeper.config import load
    from watchkeeper.errors import SettingsError

    named = given or (load(config, os.environ).model if config is not None else None)
    if not named:
        raise SettingsError("name the model with --model, or in the file given with --config")
    return named


def _not_in_force(store: Store, model: str, config: Path | None) -> list[str]:
    """Return how the operating settings of the file differ from what is in force."""
    from watchkeeper.config import load

    if config is None:
        return []
    return load(config, os.environ).operating.changes_from(store.operating.in_force(model))


def _lateness(given: str | None, config: Path | None) -> timedelta:
    """Return how long a bucket waits: as given, else as the file says, else not at all."""
    from watchkeeper.config import load
    from watchkeeper.watch import parse_duration

    if given:
        return parse_duration(given)
    if config is not None:
        return load(config, os.environ).lateness or timedelta(0)
    return timedelta(0)
