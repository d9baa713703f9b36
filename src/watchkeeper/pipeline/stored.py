"""A model's stored predictions as a table of columns to watch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa

from watchkeeper.errors import DataError, nearest
from watchkeeper.events import EXPLANATION
from watchkeeper.pipeline.watched_prices import WatchedPrices, with_costs
from watchkeeper.store import Store

TIME = "time"
_ROWS = 65_536
_SERVICE = ("latency_seconds", "cost_usd")
_PREFIXES = ("feature:", "output:", "tag:")


def stored_rows(
    store: Store,
    model: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    since_sequence: int = 0,
    up_to_sequence: int | None = None,
    prices: WatchedPrices | None = None,
) -> pa.Table:
    """Return predictions with the columns that are watched, by their plain names.

    Features and tags lose their prefix, ``output`` becomes ``prediction`` (``prediction.<class>``
    for probabilities), and ``error`` says whether there was one. Contributions stay
    ``explanation:<feature>``, and two of one name keep their prefixes. Sorted by time, then id.

    Parameters
    ----------
    prices
        What predictions cost that do not say it.
    """
    table = store.predictions(
        model,
        start=start,
        end=end,
        since_sequence=since_sequence,
        up_to_sequence=up_to_sequence,
        with_labels=False,
    )
    return watched_columns(with_costs(table, prices))


def watched_columns(table: pa.Table) -> pa.Table:
    """Return the columns of stored predictions that are watched, by their plain names."""
    names = plain_names(table.column_names)
    columns = {plain: table.column(name) for name, plain in names.items()}
    columns["error"] = table.column("error").is_valid()
    return pa.table(columns)


def plain_names(stored: Sequence[str]) -> dict[str, str]:
    """Return the plain name of each column of stored predictions that is watched."""
    names: dict[str, str] = {}
    taken: set[str] = {TIME, "sequence", "error", *_SERVICE}
    for name in stored:
        plain = _plain(name)
        if plain is None:
            continue
        if plain in taken and name not in taken:
            plain = name
        taken.add(plain)
        names[name] = plain
    return names


def in_tables(table: pa.Table) -> Iterator[pa.Table]:
    """Yield a table in parts of bounded size."""
    for at in range(0, table.num_rows, _ROWS):
        yield table.slice(at, _ROWS)


def check_model(store: Store, model: str) -> None:
    """Raise a `DataError` that names the nearest model if the store has none of that name."""
    names = [summary.model for summary in store.models()]
    if model not in names:
        known = nearest(model, names) or " It is empty: import or log predictions first."
        raise DataError(f"the store {store.folder} has no model {model!r}.{known}")


def _plain(name: str) -> str | None:
    if name in {TIME, "sequence", *_SERVICE} or name.startswith(("misfit:", EXPLANATION)):
        return name
    if name == "output":
        return "prediction"
    if name.startswith("output:"):
        return f"prediction.{name.removeprefix('output:')}"
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return None
