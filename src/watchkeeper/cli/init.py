"""``watchkeeper init``: look at a data set and write settings to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from watchkeeper.config import DataSeen, Suggestions

_SHOWN_NAMES = 8


def init(
    data: Annotated[
        list[str] | None, typer.Argument(help="Parquet, CSV or JSONL files or folders.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the settings go.", dir_okay=False)
    ] = Path("watchkeeper.yaml"),
    model: Annotated[
        str | None, typer.Option(help="Name of the model [default: the name of the data].")
    ] = None,
    time: Annotated[
        str | None, typer.Option(metavar="COL", help="Column of the time [default: found].")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over settings that are there.")
    ] = False,
    print_schema: Annotated[
        bool, typer.Option("--print-schema", help="Print the JSON Schema of the settings, no more.")
    ] = False,
) -> None:
    """Look at a data set and write settings to begin with.

    The file has comments: what was seen of each column, which ones look like the time, the id, the
    prediction and the label, and why the others are not watched. A JSON Schema is written beside
    it, so that editors complete it. Edit it, then ask for a backtest.

    Examples:

        watchkeeper init flights.parquet

        watchkeeper init 'logs/*.csv' --time at --model churn --out churn.yaml
    """
    import json

    from watchkeeper.config import SCHEMA_FILE, draft, json_schema, look, model_name, suggest
    from watchkeeper.errors import UsageError

    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if print_schema:
        typer.echo(schema, nl=False)
        return
    if not data:
        raise UsageError("Which data? Name a file: watchkeeper init DATA.")
    if out.exists() and not force:
        raise UsageError(f"{out} is there already; write over it with --force, or name --out FILE.")
    name = _checked(model) if model is not None else model_name(Path(data[0]).name.split(".")[0])

    from watchkeeper.cli.reading_progress import reading_progress

    with reading_progress("Looking") as progress:
        seen = look(data, time_column=time, on_progress=progress)
    suggestions = suggest(seen)
    out.parent.mkdir(parents=True, exist_ok=True)
    (out.parent / SCHEMA_FILE).write_text(schema, encoding="utf-8")
    out.write_text(draft(seen, suggestions, model=name), encoding="utf-8")
    _show(seen, suggestions, data, out)


def _checked(model: str) -> str:
    from watchkeeper.errors import UsageError
    from watchkeeper.events import MODEL_NAME

    if not MODEL_NAME.fullmatch(model):
        raise UsageError(f"--model is {model!r}; a name is letters, digits, '.', '_' and '-'.")
    return model


def _show(seen: DataSeen, suggestions: Suggestions, data: list[str], out: Path) -> None:
    import shlex

    from rich.console import Console

    console = Console(highlight=False)
    console.print(_facts(seen, suggestions))
    typer.echo(f"\nWritten to {out}. Look it over, then:\n")
    command = f"watchkeeper backtest {shlex.join(data)} --config {shlex.quote(str(out))}"
    if suggestions.baseline_until is None:
        command += " --reference REFERENCE_DATA"
    typer.echo(f"  {command}")


def _facts(seen: DataSeen, suggestions: Suggestions) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column()
    roles: dict[str, list[str]] = {}
    for name, one in seen.columns.items():
        roles.setdefault(one.column.role, []).append(name)
    left = [name for role in ("calendar", "entity", "ignored") for name in roles.get(role, [])]
    until = suggestions.baseline_until
    facts = {
        "data": f"{seen.name}: {seen.rows:,} rows, {len(seen.columns):,} columns",
        "bad values": f"{seen.bad_cells:,}, taken for nulls" if seen.bad_cells else "",
        "time": seen.time or "none found: name it with --time, or count rows",
        "id": _listed(roles.get("id", [])),
        "prediction": _listed(roles.get("prediction", [])),
        "label": _listed(roles.get("label", [])),
        "features": _listed(roles.get("feature", [])),
        "contributions": _listed(roles.get("explanation", [])),
        "not watched": _listed(left),
        "baseline": f"until {until.value} ({until.why})" if until else "a file of its own",
        "bucket": f"{suggestions.bucket.value} ({suggestions.bucket.why})",
        "budget": f"{suggestions.budget.value} ({suggestions.budget.why})",
    }
    for name, fact in facts.items():
        if fact:
            table.add_row(name, Text(fact))
    return table


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _SHOWN_NAMES:,} more" if len(names) > _SHOWN_NAMES else ""
    return ", ".join(names[:_SHOWN_NAMES]) + more
