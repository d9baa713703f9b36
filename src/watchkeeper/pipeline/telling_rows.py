"""Predictions to look at in an incident: those that show best what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import EXPLANATION
from watchkeeper.pipeline.baselining import WatchSetup, load_setup
from watchkeeper.pipeline.incident_list import find_tracked, told
from watchkeeper.pipeline.outliers import OUTLIERS
from watchkeeper.pipeline.predictions import cell, newest_predictions
from watchkeeper.pipeline.pricing import priced_columns
from watchkeeper.pipeline.stored import TIME, watched_columns
from watchkeeper.pipeline.watched_prices import with_costs
from watchkeeper.profiles import place_rows, rows_by_segment, source_of
from watchkeeper.store import IncidentKey, ServiceIncident, Store, TrackedIncident, Wanted
from watchkeeper.watch import Incident, expected_shares

Floats = NDArray[np.float64]

MOST_READ: Final = 200_000
_MOST_COLUMNS = 20
_SMOOTH_ROWS = 5.0
_LEAST = 1e-4
_HIDDEN = ("sequence", "row")
_ALWAYS = ("prediction_id", "time", "version", "entity", "output", "error")


class AffectedRows(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions to look at.

    Attributes
    ----------
    columns, rows
        Names as in stored tables, the moved ones first among the features, and the values.
    picked
        How they were chosen, for people.
    read
        Predictions among which they were.
    """

    columns: list[str]
    rows: list[list[Any]]
    picked: str
    read: int


def affected_rows(store: Store, key: IncidentKey, *, limit: int) -> AffectedRows:
    """Return predictions of an incident's buckets that show best what moved.

    A row counts by the logarithm of how much likelier its values are in the incident's buckets
    than by the baseline's expectation for them, summed over the columns that moved. Of many rows
    the first 200,000 since the onset are looked at. Of outliers, the newest ones.

    Raises
    ------
    DataError
        If there is no such incident.
    """
    _, kept = find_tracked(store, key, now=datetime.now(UTC))
    if isinstance(kept, ServiceIncident) and kept.objective == OUTLIERS:
        return _newest_outliers(store, kept, limit=limit)
    if not isinstance(kept, TrackedIncident):
        return _nothing("an incident of the service has no columns that moved")
    incident = told(kept)
    _, setup = load_setup(store, key.model, key.version)
    moved = _moved(incident)
    if not moved:
        return _nothing("no column moved, only the number of rows")
    buckets = _buckets(store, key, incident)
    if not buckets:
        return _nothing("its buckets have no rows, or no times to look them up by")
    table = store.explorer.oldest_columns(
        key.model,
        _stored_names(setup, moved),
        start=buckets[0].start,
        end=buckets[-1].end,
        limit=MOST_READ,
    )
    table = with_costs(table, setup.prices)
    if table.num_rows == 0:
        return _nothing("no rows are stored of its buckets any more")
    scores = _scores(setup, moved, table, buckets)
    best = np.argsort(-scores, kind="stable")[:limit]
    return _shown(table, best[scores[best] > 0.0])


def _newest_outliers(store: Store, incident: ServiceIncident, *, limit: int) -> AffectedRows:
    """Return the newest outliers of the time that an incident tells of."""
    page = newest_predictions(
        store,
        incident.model,
        Wanted(outlier=True),
        start=incident.since,
        end=incident.closed_at,
        limit=limit,
    )
    return AffectedRows(
        columns=page.columns,
        rows=page.rows,
        picked="the newest outliers since it began",
        read=int(incident.figures.get("predictions", 0)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bucket:
    start: datetime
    end: datetime


def _nothing(why: str) -> AffectedRows:
    return AffectedRows(columns=[], rows=[], picked=why, read=0)


def _moved(incident: Incident) -> list[tuple[str, str]]:
    """Return profiled column and segment of what moved, most evidence first."""
    named = [(s.column, s.segment) for s in incident.streams if s.column != "(rows)"]
    return named[:_MOST_COLUMNS]


def _buckets(store: Store, key: IncidentKey, incident: Incident) -> list[_Bucket]:
    """Return the incident's buckets from its onset on, until they have enough rows."""
    ended = incident.closed_bucket
    last = None if ended is None else max(ended - 1, incident.opened_bucket)
    rows, found = 0, []
    for bucket in store.watch_log.buckets(
        key.model, key.version, first=incident.since_bucket, last=last
    ):
        if rows >= MOST_READ:
            break
        if bucket.start is not None and bucket.end is not None and bucket.rows:
            rows += bucket.rows
            found.append(
                _Bucket(
                    start=datetime.fromisoformat(bucket.start),
                    end=datetime.fromisoformat(bucket.end),
                )
            )
    return found


def _stored_names(setup: WatchSetup, moved: Sequence[tuple[str, str]]) -> list[str]:
    """Return the names in stored tables that watched columns may come from, and what is shown."""
    plain = [source_of(setup.schema, column) for column, _ in moved]
    if setup.segment_by is not None:
        plain.append(setup.segment_by)
    if "cost_usd" in plain and setup.prices is not None:
        plain += ["latency_seconds", *sorted(priced_columns(setup.prices.costs))]
    names = [*_ALWAYS]
    for name in plain:
        bare = name.removeprefix("feature:").removeprefix("tag:")
        if name.startswith(EXPLANATION):  # with the feature itself beside it
            names += [f"feature:{bare.removeprefix(EXPLANATION)}"]
        names += [f"feature:{bare}", f"tag:{bare}", f"misfit:{bare}", name]
        if name.startswith("prediction."):
            names.append(f"output:{name.removeprefix('prediction.')}")
    return names


def _scores(
    setup: WatchSetup,
    moved: Sequence[tuple[str, str]],
    table: pa.Table,
    buckets: Sequence[_Bucket],
) -> Floats:
    """Return how much likelier each row is in the incident than expected, (rows,), logarithms."""
    baseline = setup.fitted()
    expected = expected_shares(baseline, [(b.start, b.end) for b in buckets])
    plain = watched_columns(table)
    wanted = {column for column, _ in moved}
    places = place_rows(plain, setup.schema, baseline.bins, wanted, time_column=TIME)
    scores = np.zeros(table.num_rows)
    for column, segment in moved:
        before = expected.get((column, segment))
        if before is None or column not in places:
            continue
        rows = _rows_of(setup, plain, segment)
        place = places[column][rows]
        counts = np.bincount(place, minlength=len(before))
        after = (counts + _SMOOTH_ROWS * before) / (len(place) + _SMOOTH_ROWS)
        scores[rows] += np.log(np.maximum(after, _LEAST) / np.maximum(before, _LEAST))[place]
    return scores


def _rows_of(setup: WatchSetup, plain: pa.Table, segment: str) -> NDArray[np.int64]:
    """Return the places of a segment's rows; of all for none."""
    if not segment or setup.segment_by is None:
        return np.arange(plain.num_rows)
    wanted = segment.partition("=")[2]
    for name, rows in rows_by_segment(plain, setup.segment_by, setup.segments):
        if name == wanted:
            return rows
    return np.zeros(0, dtype=np.int64)


def _shown(table: pa.Table, rows: NDArray[np.intp]) -> AffectedRows:
    names = [n for n in table.column_names if n not in _HIDDEN and not n.startswith("misfit:")]
    chosen = table.select(names).take(pa.array(rows))
    columns = [[cell(value) for value in column.to_pylist()] for column in chosen.columns]
    return AffectedRows(
        columns=names,
        rows=[list(row) for row in zip(*columns, strict=True)],
        picked=(
            f"of {table.num_rows:,} predictions since the onset, those whose values in the moved"
            " columns are the least expected"
        ),
        read=table.num_rows,
    )
