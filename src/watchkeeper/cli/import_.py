"""``watchkeeper import``: files into the store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchkeeper.errors import UsageError

if TYPE_CHECKING:
    from watchkeeper.config import Config
    from watchkeeper.pipeline import ImportMapping, ImportReport
    from watchkeeper.store import Store

SOME_SET_ASIDE = 1


def import_files(
    files: Annotated[
        list[str], typer.Argument(help="Parquet, CSV or JSONL files, folders or patterns.")
    ],
    store: Annotated[
        Path | None, typer.Option(help="Folder of the store; made if missing.", file_okay=False)
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of the model.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings of the model; options given here win.", dir_okay=False),
    ] = None,
    kind: Annotated[
        Literal["prediction", "outcome", "feedback"] | None, typer.Option(help="What a row is.")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option("--id", metavar="COL", help="Column of the id.")
    ] = None,
    time: Annotated[str | None, typer.Option(metavar="COL", help="Column of the time.")] = None,
    entity: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of who it is about.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the model's answer.")
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the truth; gives outcomes too.")
    ] = None,
    label_time: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of when the label became known.")
    ] = None,
    latency: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the latency in seconds.")
    ] = None,
    cost: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the cost in US dollars.")
    ] = None,
    error: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the error's text.")
    ] = None,
    version: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the model's version.")
    ] = None,
    version_value: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The same version for all rows.")
    ] = None,
    feedback_kind: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the kind of feedback.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="COL", help="Column of a tag; repeat for more.")
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(metavar="COL,COL", help="Columns of features; all the rest if left out."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="COL", help="Column to leave out; repeatable.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="AREA/CITY", help="Zone of times that name none.")
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="Where rows go that are set aside [default: FILE.rejects.jsonl here].",
            dir_okay=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check everything, store nothing.")
    ] = False,
) -> None:
    r"""Import predictions, outcomes or feedback from files.

    Columns named like the fields of a record (prediction_id, time, output, label, ...) are found
    by themselves; the options name the others. Rows that cannot be used are set aside in a JSONL
    file with the reason, and the rest is imported. Importing a file again, also after a crash
    half-way, adds nothing twice.

    Exit codes: 0 every row is in the store, 1 some rows were set aside, 2 wrong use or set-up.

    Examples:

        watchkeeper import flights.parquet --store ./store --model delays \
          --time scheduled --label arr_delay --output predicted

        watchkeeper import 'logs/*.csv' --store ./store --model churn --dry-run \
          --id request --time at --tag country --timezone Europe/Zurich

        watchkeeper import labels.jsonl --store ./store --model churn \
          --kind outcome
    """
    given = {
        "kind": kind,
        "id": id_column,
        "time": time,
        "entity": entity,
        "output": output,
        "label": label,
        "label_time": label_time,
        "latency": latency,
        "cost": cost,
        "error": error,
        "version": version,
        "version_value": version_value,
        "feedback_kind": feedback_kind,
        "tags": tuple(tag) if tag else None,
        "features": tuple(filter(None, features.split(","))) if features is not None else None,
        "ignore": tuple(ignore) if ignore else None,
        "timezone": timezone,
    }
    settings = _settings(config)
    mapping = _merged(settings.import_mapping, given)
    model = model or settings.model
    if model is None:
        raise UsageError("Which model are the records of? Name it with --model NAME.")
    store = store or (settings.store if config is not None else None)
    if store is None and not dry_run:
        raise UsageError("Where shall the records go? Name a folder with --store STORE.")
    target = rejects or Path(f"{_stem(files[0])}.rejects.jsonl")
    privacy = settings.operating.privacy
    is_discreet = privacy is not None and privacy.columns != ()
    report = _run(files, None if dry_run else store, model, mapping, target, is_discreet)
    if report.set_aside:
        raise typer.Exit(SOME_SET_ASIDE)


def _settings(path: Path | None) -> Config:
    import os

    from watchkeeper.config import Config, load

    return load(path, os.environ) if path is not None else Config()


def _merged(mapping: ImportMapping, given: Mapping[str, object]) -> ImportMapping:
    """Options win over the settings."""
    import msgspec

    return msgspec.structs.replace(
        mapping, **{name: value for name, value in given.items() if value is not None}
    )


def _run(
    files: list[str],
    store: Path | None,
    model: str,
    mapping: ImportMapping,
    rejects: Path,
    is_discreet: bool,
) -> ImportReport:
    from contextlib import ExitStack
    from datetime import UTC, datetime

    from watchkeeper.cli.reading_progress import reading_progress
    from watchkeeper.pipeline import RejectsFile, import_data

    with ExitStack() as stack:
        opened = stack.enter_context(_open_store(store)) if store is not None else None
        aside = stack.enter_context(RejectsFile(rejects, inputs=files))
        progress = stack.enter_context(reading_progress("Importing"))
        report = import_data(
            files,
            store=opened,
            model=model,
            mapping=mapping,
            now=datetime.now(UTC),
            on_progress=progress,
            on_rejection=aside.write,
            is_discreet=is_discreet,
        )
    for line in _summary(report, store, model, mapping, rejects):
        typer.echo(line)
    return report


def _open_store(path: Path) -> Store:
    from watchkeeper.store import Store

    return Store.open(path)


def _summary(
    report: ImportReport,
    store: Path | None,
    model: str,
    mapping: ImportMapping,
    rejects: Path,
) -> list[str]:
    record = "feedback record" if mapping.kind == "feedback" else mapping.kind
    verb = "Imported" if store is not None else "Dry run: would import"
    lines = [f"{verb} {_count(report.imported, record)} of model {model!r}."]
    if report.outcomes:
        lines.append(f"With {_count(report.outcomes, 'outcome')} from their labels.")
    known = report.duplicates + report.outcome_duplicates
    if known:
        lines.append(f"Already in the store and left as it is: {_count(known, 'record')}.")
    if report.set_aside:
        lines.append(
            f"Set aside in {rejects}, each with its reason: {_count(report.set_aside, 'row')}."
        )
    if store is None:
        lines += ["", *_columns(report)]
    return lines


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _columns(report: ImportReport) -> list[str]:
    """Which column becomes what, for a dry run."""
    roles = report.roles
    pairs = [(column, field) for field, column in roles.fields.items()]
    pairs += [(column, f"probability of {name}") for name, column in roles.outputs.items()]
    pairs += [(column, f"tag {name}") for name, column in roles.tags.items()]
    pairs += [(column, f"feature {name}") for name, column in roles.features.items()]
    pairs += [(column, f"contribution of {name}") for name, column in roles.explanation.items()]
    width = max(len(column) for column, _ in pairs)
    return [f"  {column:<{width}}  {what}" for column, what in pairs]


def _stem(source: str) -> str:
    """Name of a file without folder and endings; a pattern's special characters go."""
    name = Path(source).name.split(".")[0]
    return "".join(c for c in name if c.isalnum() or c in "-_ ") or "import"
