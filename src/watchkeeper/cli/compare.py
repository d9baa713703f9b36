"""``watchkeeper compare``: what changed between a reference and now."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.checks import Check
    from watchkeeper.comparison import Comparison

DRIFTED = 1
INCONCLUSIVE = 3


def compare(
    reference: Annotated[
        str, typer.Argument(help="File, folder or pattern, or a saved profile.", metavar="REF")
    ],
    current: Annotated[str, typer.Argument(help="File, folder or pattern.", metavar="CUR")],
    columns: Annotated[
        str | None, typer.Option(metavar="A,B", help="Columns to compare [default: all useful].")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="C", help="Columns to leave out; repeatable.")
    ] = None,
    segment_by: Annotated[
        str | None, typer.Option(metavar="COL", help="Compare each value of this column too.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the prediction.")
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of what came true.")
    ] = None,
    entity: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of whom a row is about.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings: how quality is measured; names of columns.", dir_okay=False),
    ] = None,
    checks: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What must hold now: YAML, a suite or a schema."),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(metavar="'psi > 0.2'", help="A threshold that decides, not the tests."),
    ] = None,
    false_call_rate: Annotated[
        float, typer.Option(metavar="RATE", help="Accepted chance of a false call of drift.")
    ] = 0.05,
    least_effect: Annotated[
        float, typer.Option(metavar="RATIO", help="Part of the rows that must have moved.")
    ] = 0.02,
    joint: Annotated[
        bool, typer.Option(help="Look at all columns together too.", show_default=True)
    ] = True,
    timezone: Annotated[
        str | None, typer.Option(metavar="AREA/CITY", help="Zone of times that name none.")
    ] = None,
    output_format: Annotated[
        Literal["table", "json", "html", "markdown", "junit"],
        typer.Option("--format", help="How to show the result."),
    ] = "table",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write there, not to the screen.")
    ] = None,
) -> None:
    r"""Compare current data with a reference: what changed, and whether it matters.

    Exit codes: 0 fine, 1 drift, worse predictions or a failed check, 2 wrong use, 3 not enough
    data to say.

    Examples:

        watchkeeper compare january.parquet today.parquet

        watchkeeper compare reference.wkprofile 'today/*.parquet' \
          --format html --out report.html

        watchkeeper compare old.csv new.csv --segment-by country --rule 'psi>0.2'

        watchkeeper compare old.csv new.csv --checks checks.yaml --format junit

        watchkeeper compare old.csv new.csv --output score --label defaulted
    """
    from watchkeeper.cli.column_names import split_names
    from watchkeeper.cli.column_progress import column_progress
    from watchkeeper.pipeline import compare as run

    declared = _declared(checks)
    with column_progress() as on_columns:
        found = run(
            reference,
            current,
            columns=split_names(columns),
            ignore=split_names(",".join(ignore or [])) or (),
            segment_by=segment_by,
            **_labels(config, output, label, entity),
            checks=declared,
            rule=rule,
            false_call_rate=false_call_rate,
            least_effect=least_effect,
            joint=joint,
            timezone=timezone,
            on_columns=on_columns,
        )
    _show(found, output_format, out)
    if found.dataset.verdict in {"drifted", "worse", "failed"}:
        raise typer.Exit(DRIFTED)
    if found.dataset.verdict == "inconclusive":
        raise typer.Exit(INCONCLUSIVE)


def _labels(
    path: Path | None, output: str | None, label: str | None, entity: str | None
) -> dict[str, Any]:
    """Return what is said of predictions and labels; options win over the file."""
    if path is None:
        return {"output": output, "label": label, "entity": entity}
    from watchkeeper.config import load

    config = load(path, os.environ)
    named = config.import_mapping
    label = label or named.label
    return {
        "output": output or (named.output if label else None),
        "label": label,
        "entity": entity or (named.entity if label else None),
        "quality": config.operating.quality,
    }


def _declared(path: Path | None) -> Sequence[Check]:
    if path is None:
        return ()
    from watchkeeper.config import load_checks

    imported = load_checks(path)
    for note in imported.notes:
        typer.echo(f"{path}: {note}", err=True)
    return imported.checks


def _show(found: Comparison, output_format: str, out: Path | None) -> None:
    from watchkeeper.report import comparison as form

    if output_format == "table":
        from rich.console import Console

        if out is None:
            Console().print(form.comparison_table(found))
        else:
            with out.open("w", encoding="utf-8") as file:
                Console(file=file, width=100).print(form.comparison_table(found))
    else:
        text = _text(found, output_format)
        if out is None:
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
        else:
            out.write_bytes(text)
    if out is not None:
        typer.echo(f"written to {out}", err=True)


def _text(found: Comparison, output_format: str) -> bytes:
    from watchkeeper.report import comparison as form

    if output_format == "json":
        return form.comparison_json(found)
    if output_format == "html":
        return form.comparison_html(found).encode()
    if output_format == "markdown":
        return form.comparison_markdown(found).encode()
    return form.comparison_junit(found).encode()
