"""A model's estimator, fitted on the labelled rows of its reference, or why it cannot be."""

from __future__ import annotations

import hashlib

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.errors import DataError, NotEnoughDataError
from watchkeeper.pipeline.estimating.answered import answered
from watchkeeper.pipeline.estimating.estimator_facts import EstimatorFacts, input_columns
from watchkeeper.pipeline.estimating.model_estimator import fit_model_estimator
from watchkeeper.pipeline.quality.plan import KeptPlan
from watchkeeper.store import KeptEstimator, Store

MOST_REFERENCE_ROWS = 20_000
"""Labelled rows of the reference that an estimator is fitted on, at most."""

_TASKS = ("binary", "multiclass", "regression")
_MOST_VERSIONS = 100


def reference_facts(store: Store, model: str, kept: KeptPlan) -> EstimatorFacts:
    """Return by what an estimator would be fitted, before any row is read."""
    facts = EstimatorFacts(plan=kept.plan, task=kept.task)
    why_not = _why_not(kept)
    if why_not is not None or kept.plan.reference is None:
        return msgspec.structs.replace(facts, why_not=why_not)
    columns = input_columns(store, model, kept.plan.reference[0])
    return msgspec.structs.replace(facts, columns=columns)


def reference_rows(
    store: Store, model: str, facts: EstimatorFacts, *, up_to: int
) -> tuple[EstimatorFacts, pa.Table]:
    """Return labelled rows of the reference, and the facts with what these are."""
    assert facts.plan.reference is not None
    _, start, end = facts.plan.reference
    cell = store.quality.reference(model)
    labelled = 0 if cell is None else cell.labelled
    table = store.quality.rows.labelled(
        model,
        facts.read_columns,
        start=start,
        end=end,
        up_to=up_to,
        one_in=max(1, -(-labelled // MOST_REFERENCE_ROWS)),
    )
    versions = sorted(name or "" for name in table.column("version").unique().to_pylist())
    facts = msgspec.structs.replace(
        facts,
        versions=tuple(versions[:_MOST_VERSIONS]),
        labelled=table.num_rows,
        digest=_digest(table),
    )
    return facts, table


def fitted(facts: EstimatorFacts, table: pa.Table) -> KeptEstimator:
    """Fit an estimator on labelled rows of a reference."""
    found = answered(table, facts)
    known = found.take(np.flatnonzero(np.isfinite(found.labels)))
    facts = msgspec.structs.replace(facts, classes=found.classes, labelled=len(known))
    try:
        payload = fit_model_estimator(known, facts).to_bytes()
    except (NotEnoughDataError, DataError) as error:
        facts = msgspec.structs.replace(facts, why_not=_sentence(str(error)))
        return KeptEstimator(facts=facts.to_bytes(), payload=b"")
    return KeptEstimator(facts=facts.to_bytes(), payload=payload)


def _why_not(kept: KeptPlan) -> str | None:
    if kept.plan.reference is None:
        return (
            "Nothing is estimated before labels come: set a baseline whose predictions have labels."
        )
    if kept.task is None:
        return kept.why_not or "Nothing is estimated: no prediction of the reference has a label."
    if kept.task.task not in _TASKS:
        return f"Nothing is estimated before labels come for a {kept.task.task} task."
    return None


def _digest(table: pa.Table) -> str:
    told = hashlib.sha256()
    for name in ("prediction_id", "label"):
        column = pc.fill_null(table.column(name).cast(pa.string()), "")
        told.update("\n".join(column.to_pylist()).encode())
    return told.hexdigest()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
