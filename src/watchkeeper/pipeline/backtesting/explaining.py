"""Why incidents of a backtest happened: their rows held against the reference's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from watchkeeper.diagnosis import Coincidence, Course, find_coincidences
from watchkeeper.events import EXPLANATION
from watchkeeper.pipeline.backtesting.buckets import Buckets
from watchkeeper.pipeline.backtesting.kept_rows import KeptRows
from watchkeeper.pipeline.backtesting.label_task import LabelTask
from watchkeeper.pipeline.backtesting.labelled_rows import FEATURE, TIME, LabelledRows
from watchkeeper.pipeline.backtesting.measured_buckets import cut_of, places_of
from watchkeeper.pipeline.backtesting.sources import Sources
from watchkeeper.pipeline.explaining.coding import clock_columns, coded_inputs
from watchkeeper.pipeline.explaining.coinciding import new_in
from watchkeeper.pipeline.explaining.explanation import impact_on, moved_in
from watchkeeper.pipeline.explaining.finding import Finding, answer
from watchkeeper.pipeline.explaining.loss import losses_of
from watchkeeper.pipeline.explaining.question import Question, column_question
from watchkeeper.pipeline.explaining.sides import Sides, SideTold
from watchkeeper.pipeline.explaining.wording import conclusions
from watchkeeper.pipeline.quality.scoring import entity_codes
from watchkeeper.pipeline.result import ColumnHistory
from watchkeeper.pipeline.result_performance import IncidentExplanation
from watchkeeper.watch import Incident

MOST_INCIDENTS = 5
"""Incidents that are explained at most."""
MOST_ROWS = 10_000
"""Rows of each side that are looked at, at most."""

_LEAST_NULLS = 0.01
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def explanations(
    sources: Sources,
    rows: LabelledRows,
    task: LabelTask,
    buckets: Buckets,
    incidents: Sequence[Incident],
    columns: Sequence[ColumnHistory],
    predictions: Sequence[int],
) -> tuple[IncidentExplanation, ...]:
    """Return why incidents happened, of up to five: of the loss first, then by their evidence.

    Each takes a few seconds at most, since no more than 10,000 rows of a side are looked at.

    Parameters
    ----------
    rows
        With the inputs of the model.
    columns, predictions
        What is known of every watched bucket.
    """
    chosen = sorted(incidents, key=_order)[:MOST_INCIDENTS]
    if not chosen or not buckets.starts:
        return ()
    moved = dict.fromkeys(name for one in chosen if (name := _moved(one)) is not None)
    reasons = tuple(name for name in moved if name.startswith(EXPLANATION))
    rows = replace(rows, reasons=reasons)
    before = KeptRows(MOST_ROWS)
    for table in rows.of(sources.reference(rows.columns)):
        before.add(table)
    kept = [KeptRows(MOST_ROWS) for _ in chosen]
    cut, places = cut_of(rows.plan), places_of(rows.plan, buckets.starts)
    for table in rows.of(sources.monitored(rows.columns)):
        for piece in cut(table):
            for incident, now in zip(chosen, kept, strict=True):
                if _covers(incident, places.get(piece.key), len(buckets.starts)):
                    now.add(piece.table)
    courses = [*_courses(columns, predictions)]
    return tuple(
        _explained(incident, sides, rows, task, courses)
        for incident, now in zip(chosen, kept, strict=True)
        if (sides := _sides(before, now, incident, buckets)) is not None
    )


def _order(incident: Incident) -> tuple[bool, float]:
    score = max((stream.score for stream in incident.streams), default=0.0)
    return incident.cause != "concept", -score


def _covers(incident: Incident, bucket: int | None, buckets: int) -> bool:
    if bucket is None:
        return False
    last = buckets - 1 if incident.closed_bucket is None else incident.closed_bucket
    return incident.since_bucket <= bucket <= last


def _sides(before: KeptRows, now: KeptRows, incident: Incident, buckets: Buckets) -> Sides | None:
    first, second = before.table(), now.table()
    if first is None or second is None:
        return None
    table = pa.concat_tables([first, second])
    last = len(buckets.ends) - 1 if incident.closed_bucket is None else incident.closed_bucket
    end = buckets.ends[last]
    return Sides(
        table=table,
        is_current=np.arange(table.num_rows) >= first.num_rows,
        clusters=entity_codes(table),
        reference=_told(before, first, _NO_TIME, incident.since or _NO_TIME),
        current=_told(now, second, incident.since or _NO_TIME, end or _NO_TIME),
    )


def _told(kept: KeptRows, table: pa.Table, start: datetime, end: datetime) -> SideTold:
    return SideTold(
        start=start,
        end=end,
        predictions=kept.rows,
        rows=table.num_rows,
        labelled=table.num_rows - table.column("label").null_count,
    )


def _explained(
    incident: Incident,
    sides: Sides,
    rows: LabelledRows,
    task: LabelTask,
    courses: Sequence[Course],
) -> IncidentExplanation:
    columns = coded_inputs(_inputs(sides.table))
    clocks = clock_columns(sides.table) if TIME in sides.table.column_names else set()
    losses = losses_of(sides, task.settings)
    asked = [] if isinstance(losses, str) else [losses.question]
    said = [losses] if isinstance(losses, str) else []
    findings: list[Finding] = []
    for question in (*asked, *_column_questions(incident, sides, rows)):
        found, why = answer(question, sides, columns, clocks=clocks)
        said += why
        findings += [] if found is None else [found]
    is_timed = sides.current.end > sides.current.start
    impact = None
    if is_timed and not isinstance(losses, str):
        impact = impact_on(losses, sides, task.settings)
    coincidences: list[Coincidence] = [
        *find_coincidences(courses, max(incident.since_bucket, 0)),
        *new_in(sides, columns),
    ]
    own = [one for one in findings if incident.cause == "concept" or one.kind == "column"]
    of_loss = (one.split for one in findings if one.kind == "quality")
    return IncidentExplanation(
        incident_id=incident.incident_id,
        conclusions=conclusions(findings, coincidences, impact, incident),
        split=next(of_loss, None),
        segments=own[0].segments if own else (),
        impact=impact,
        said=tuple(said),
    )


def _column_questions(incident: Incident, sides: Sides, rows: LabelledRows) -> Iterator[Question]:
    """Yield how the first column that moved did so."""
    name = _moved(incident)
    if name is None:
        return
    stored = "output" if name == rows.roles.output else FEATURE + name
    stored = name if name in rows.reasons else stored
    if stored in sides.table.column_names:
        question = column_question(name, sides.table.column(stored), sides)
        if question is not None:
            yield question


def _moved(incident: Incident) -> str | None:
    """Return the first column that moved; of an incident of the loss none did."""
    if incident.cause == "concept":
        return None
    return next((name for name, _ in moved_in(incident)), None)


def _inputs(table: pa.Table) -> pa.Table:
    return table.select([name for name in table.column_names if name.startswith(FEATURE)])


def _courses(columns: Sequence[ColumnHistory], predictions: Sequence[int]) -> Iterator[Course]:
    volume = np.array(predictions, dtype=np.float64)
    yield Course(kind="volume", subject="predictions", values=volume)
    for column in columns:
        if not column.segment and len(column.null_ratio) == len(predictions):
            nulls = np.array(column.null_ratio, dtype=np.float64)
            yield Course(
                kind="null rate", subject=column.name, values=nulls, least_change=_LEAST_NULLS
            )
