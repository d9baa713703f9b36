"""How far a watch over stored data has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchkeeper.pipeline import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchingProgress:
    """What to call as the work goes on."""

    read: Callable[[Progress], None]
    bucket: Callable[[int, int | None], None]


@contextmanager
def watching_progress() -> Iterator[WatchingProgress]:
    """Show a bar on stderr if that is a terminal, and nothing otherwise."""
    if not sys.stderr.isatty():
        yield WatchingProgress(read=lambda _: None, bucket=lambda _done, _total: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        reading = bar.add_task("Reading", total=None, unit="rows")
        watching = bar.add_task("Watching", total=None, unit="buckets", visible=False)

        def read(progress: Progress) -> None:
            bar.update(reading, total=progress.total_rows, completed=progress.rows)

        def bucket(done: int, total: int | None) -> None:
            bar.update(watching, visible=True, completed=done, total=total)

        yield WatchingProgress(read=read, bucket=bucket)
