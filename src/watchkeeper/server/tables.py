"""From a request's Arrow stream to what the store keeps; what is wrong is told by row and field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa

from watchkeeper.errors import RecordError
from watchkeeper.events import MODEL_NAME, Rejection
from watchkeeper.events.table_rules import check_table
from watchkeeper.server.arrow_stream import read_arrow
from watchkeeper.server.problems import ProblemError
from watchkeeper.server.settings import ServerSettings
from watchkeeper.store import Kind, Store, Submission, canonical

KINDS: Final[dict[str, Kind]] = {
    "predictions": "prediction",
    "outcomes": "outcome",
    "feedback": "feedback",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedTable:
    """Rows that may be kept, written out, and what is wrong with the others, by row from 0."""

    rows: int
    prepared: Sequence[Submission]
    rejections: list[Rejection]


def prepare_table(
    store: Store, model: str, kind: str, body: bytes, settings: ServerSettings
) -> PreparedTable:
    """Read, check and write out a table of one model's records of one kind.

    Parameters
    ----------
    kind
        As in the path: ``predictions``, ``outcomes`` or ``feedback``.

    Raises
    ------
    ProblemError
        400 for no Arrow stream, 404 for no such kind, 413 for too much, 422 for a name, a column
        or a type that cannot be taken.
    """
    own = KINDS.get(kind)
    if own is None:
        message = f"expected one of {', '.join(KINDS)} in the path, got {kind!r}"
        raise ProblemError(404, "no-such-path", message)
    if not MODEL_NAME.fullmatch(model):
        message = "model: expected 1 to 128 letters, digits, '.', '_' or '-' in the path"
        raise ProblemError(422, "wrong-records", message)
    table = read_arrow(body, most_bytes=settings.most_body_bytes, most_rows=settings.most_rows)
    try:
        table = canonical(own, table)
        checked = check_table(table, now=datetime.now(UTC))
        if not checked.good.all():
            table = table.filter(pa.array(checked.good))
        prepared = store.prepare_table(model, own, table)
    except RecordError as error:
        raise ProblemError(422, "wrong-records", str(error)) from error
    return PreparedTable(rows=table.num_rows, prepared=prepared, rejections=checked.rejections)
