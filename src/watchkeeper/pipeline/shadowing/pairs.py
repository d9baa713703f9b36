"""The requests that two models answered, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.store import Store

MOST_PAIRS = 200_000
"""Requests of a window that are all looked at; of more, a fixed share is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Answers of both to the same requests: the same row of ``live`` and ``shadow``.

    Parameters
    ----------
    predictions, shadow_predictions
        Of either model in the window.
    live, shadow
        As `AnswerRows.answers` gives them, with ``label``; a label of either model counts for both.
    """

    predictions: int
    shadow_predictions: int
    one_in: int
    live: pa.Table
    shadow: pa.Table


def read_pairs(
    store: Store, model: str, shadow: str, *, start: datetime | None, end: datetime | None
) -> Pairs:
    """Read what both models answered in a window."""
    rows = store.quality.answers
    counts = [rows.count(one, start=start, end=end) for one in (model, shadow)]
    one_in = max(-(-max(counts) // MOST_PAIRS), 1)
    live, other = (
        rows.answers(one, start=start, end=end, one_in=one_in) for one in (model, shadow)
    )
    ids = live.column("prediction_id").combine_chunks()
    places = pc.index_in(other.column("prediction_id").combine_chunks(), value_set=ids)
    other = other.filter(places.is_valid())
    live = live.take(places.drop_null())
    ids = other.column("prediction_id").combine_chunks()
    labels = _labels(store, (model, shadow), ids, start=start, end=end)
    return Pairs(
        predictions=counts[0],
        shadow_predictions=counts[1],
        one_in=one_in,
        live=_with(live, labels),
        shadow=_with(other, labels),
    )


def _labels(
    store: Store,
    models: tuple[str, str],
    ids: pa.Array,
    *,
    start: datetime | None,
    end: datetime | None,
) -> pa.ChunkedArray:
    found: pa.ChunkedArray | None = None
    for model in models:
        labels = store.quality.answers.labels(model, ids, start=start, end=end)
        places = pc.index_in(ids, value_set=labels.column("prediction_id").combine_chunks())
        own = labels.column("label").take(places)
        if found is None or pa.types.is_null(found.type) or found.null_count == len(found):
            found = own
        elif own.type == found.type:
            found = pc.coalesce(found, own)
    assert found is not None
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _with(table: pa.Table, labels: pa.ChunkedArray) -> pa.Table:
    return table.append_column("label", labels)
