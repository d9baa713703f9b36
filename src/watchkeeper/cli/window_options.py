"""Arguments and options of the verbs that tell of a stored model over a time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

StoreFolder: TypeAlias = Annotated[
    Path, typer.Argument(help="Folder of the store.", file_okay=False)
]
ModelName: TypeAlias = Annotated[str, typer.Argument(help="Name of the model.")]
Since: TypeAlias = Annotated[
    str | None, typer.Option(metavar="TIME", help="Predictions from then on [default: 7 days].")
]
Until: TypeAlias = Annotated[
    str | None, typer.Option(metavar="TIME", help="Predictions before then [default: all].")
]
Metrics: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAMES", help="Only these, with commas between them.")
]
TimeZone: TypeAlias = Annotated[str, typer.Option(help="Zone of times that name none.")]
OutputFormat: TypeAlias = Annotated[
    Literal["text", "json"], typer.Option("--format", help="For people or for scripts.")
]
