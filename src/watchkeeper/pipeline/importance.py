"""How much each feature contributes to outputs on average, now and in the reference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.diagnosis import Estimate, mean_change
from watchkeeper.errors import DataError
from watchkeeper.events import EXPLANATION
from watchkeeper.pipeline.baselining import load_setup
from watchkeeper.pipeline.quality.scoring import entity_codes
from watchkeeper.pipeline.stored import check_model
from watchkeeper.store import Store

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_ROWS = 50_000
"""Of each side; of more, a sample by the ids."""
_USUAL = timedelta(days=7)
_MOMENT = timedelta(microseconds=1)
_NOTHING_YET = datetime(2000, 1, 1, tzinfo=UTC)


class ExplainedSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions with ``start <= time < end``: those looked at, and those explained of them."""

    start: datetime
    end: datetime
    rows: int
    explained: int


class Importance(msgspec.Struct, frozen=True, kw_only=True):
    """What one feature contributes.

    Attributes
    ----------
    now, reference
        Mean absolute contribution, in the unit of the contributions; ``None`` where none is known.
    now_ratio, reference_ratio
        As a part of what all features contribute, 0 to 1.
    change
        From reference to now, with its interval at 95 %; rows of one entity count as dependent.
    """

    feature: str
    now: float | None
    reference: float | None
    now_ratio: float | None
    reference_ratio: float | None
    change: Estimate | None


class Importances(msgspec.Struct, frozen=True, kw_only=True):
    """What the features of a model contribute to its outputs, most important now first.

    Attributes
    ----------
    reference
        That of the newest baseline; ``None`` without one.
    said
        What cannot be said, and why.
    """

    model: str
    reference: ExplainedSpan | None
    current: ExplainedSpan
    features: list[Importance]
    said: list[str]


def importances(
    store: Store, model: str, *, start: datetime | None = None, end: datetime | None = None
) -> Importances:
    """Return the mean absolute contributions of a time beside those of the reference.

    The mean of absolute SHAP values is the usual global measure of importance (Lundberg et al.,
    2020, From local explanations to global understanding with explainable AI for trees). Infinite
    contributions count as not known.

    Parameters
    ----------
    start, end
        ``start <= time < end``; left out: the last 7 days of predictions.

    Raises
    ------
    DataError
        If the model is unknown.
    """
    check_model(store, model)
    if end is None:
        end = (store.newest_time(model) or start or _NOTHING_YET) + _MOMENT
    start = start or end - _USUAL
    span = _reference(store, model)
    now = store.sampler.contributions(model, start=start, end=end, most=MOST_ROWS)
    before = (
        now.slice(0, 0)
        if span is None
        else store.sampler.contributions(model, start=span[0], end=span[1], most=MOST_ROWS)
    )
    both = pa.concat_tables([before, now], promote_options="permissive")
    is_current = np.arange(both.num_rows) >= before.num_rows
    current = _told(start, end, now)
    reference = None if span is None else _told(*span, before)
    return Importances(
        model=model,
        reference=reference,
        current=current,
        features=_features(both, is_current),
        said=_said(reference, current),
    )


def _reference(store: Store, model: str) -> tuple[datetime, datetime] | None:
    try:
        _, setup = load_setup(store, model)
    except DataError:
        return None
    fitted = setup.fitted()
    end = fitted.end or setup.begins
    return fitted.start or end - _USUAL, end


def _told(start: datetime, end: datetime, table: pa.Table) -> ExplainedSpan:
    known = np.zeros(table.num_rows, dtype=np.bool_)
    for name in _names(table):
        known |= table.column(name).is_valid().to_numpy()
    return ExplainedSpan(start=start, end=end, rows=table.num_rows, explained=int(known.sum()))


def _names(table: pa.Table) -> list[str]:
    return [name for name in table.column_names if name.startswith(EXPLANATION)]


def _features(table: pa.Table, is_current: Flags) -> list[Importance]:
    clusters = entity_codes(table)
    amounts = {n.removeprefix(EXPLANATION): _amounts(table.column(n)) for n in _names(table)}
    now = {name: _mean(values[is_current]) for name, values in amounts.items()}
    before = {name: _mean(values[~is_current]) for name, values in amounts.items()}
    totals = [sum(one or 0.0 for one in means.values()) for means in (now, before)]
    found = []
    for name, values in amounts.items():
        known = np.isfinite(values)
        own = None if clusters is None else clusters[known]
        is_both = now[name] is not None and before[name] is not None
        change = mean_change(values[known], is_current[known], own) if is_both else None
        found.append(
            Importance(
                feature=name,
                now=now[name],
                reference=before[name],
                now_ratio=_part(now[name], totals[0]),
                reference_ratio=_part(before[name], totals[1]),
                change=change,
            )
        )
    return sorted(found, key=lambda one: (-(one.now or 0.0), -(one.reference or 0.0), one.feature))


def _amounts(column: pa.ChunkedArray) -> Floats:
    values = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy()
    amounts: Floats = np.abs(np.where(np.isfinite(values), values, np.nan))
    return amounts


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _part(value: float | None, total: float) -> float | None:
    return None if value is None or total == 0.0 else value / total


def _said(reference: ExplainedSpan | None, current: ExplainedSpan) -> list[str]:
    said = []
    if not current.explained:
        said.append("No prediction of this time says what its features contributed.")
    if reference is None:
        said.append("There is no baseline to hold them against.")
    elif not reference.explained:
        said.append("No prediction of the baseline's reference says what its features contributed.")
    return said
