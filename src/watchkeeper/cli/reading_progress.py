"""How far a reading has come: a bar for a person, nothing for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchkeeper.pipeline import Progress


@contextmanager
def reading_progress(what: str) -> Iterator[Callable[[Progress], None]]:
    """Show a bar on stderr while data is read, if stderr is a terminal; else one line.

    Parameters
    ----------
    what
        A word for the work, for example ``Importing``.
    """
    if not sys.stderr.isatty():
        sys.stderr.write(f"{what} ...\n")
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None, rows=0)

        def show(progress: Progress) -> None:
            total = progress.total_bytes or progress.total_rows
            done = progress.read_bytes if progress.total_bytes else progress.rows
            bar.update(task, total=total, completed=done, rows=progress.rows)

        yield show
