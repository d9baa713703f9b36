"""How far the demo has come."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from watchkeeper.demo import Stage


class DemoProgress(Protocol):
    """Takes what the demo tells; from any thread."""

    def __call__(self, stage: Stage, /) -> None:
        """Show it."""


@contextmanager
def demo_progress() -> Iterator[DemoProgress]:
    """Show bars on stderr if that is a terminal, and otherwise a line for each stage when done."""
    if not sys.stderr.isatty():
        yield _in_lines
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def show(stage: Stage) -> None:
            bar = bars.get(stage.doing)
            if bar is None:
                bar = bars[stage.doing] = progress.add_task(stage.doing)
            progress.update(bar, completed=stage.done, total=stage.total)
            if stage.is_last:
                progress.stop()

        yield show


def _in_lines(stage: Stage) -> None:
    if stage.done == stage.total:
        typer.echo(f"{stage.doing}: done", err=True)
