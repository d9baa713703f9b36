"""What makes up the change of the mean loss between two sides."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from watchkeeper.comparison import LossChange
from watchkeeper.diagnosis import Estimate, mean_change
from watchkeeper.events import QualitySettings
from watchkeeper.pipeline.explaining.coding import coded_inputs
from watchkeeper.pipeline.explaining.finding import answer
from watchkeeper.pipeline.explaining.loss import Losses
from watchkeeper.pipeline.explaining.sides import ComparedRows
from watchkeeper.pipeline.explaining.wording import conclusions

_THOUSAND = 1_000.0


def loss_change(
    losses: Losses, rows: ComparedRows, quality: QualitySettings, clocks: Collection[str]
) -> tuple[LossChange | None, tuple[str, ...]]:
    """Return how the mean loss changed and where, and what cannot be said of it.

    Parameters
    ----------
    clocks
        Columns that only repeat a time.
    """
    columns = coded_inputs(rows.table)
    if not columns:
        return None, ("There are no inputs by which a change could be told.",)
    found, said = answer(losses.question, rows, columns, clocks=clocks)
    if found is None:
        return None, tuple(said)
    costs = None if losses.costs is None else _change(losses.costs, losses, rows)
    return LossChange(
        quantity=found.quantity,
        is_ratio=found.is_ratio,
        mean=found.mean,
        reference_mean=found.reference_mean,
        change=found.change,
        rows=found.rows,
        reference_rows=found.reference_rows,
        split=found.split,
        segments=found.segments,
        per_thousand=found.change.times(_THOUSAND),
        cost_per_thousand=None if costs is None else costs.times(_THOUSAND),
        cost_unit=None if costs is None else quality.cost_unit,
        conclusions=(*conclusions([found], (), None), *_costs(costs, quality)),
    ), tuple(said)


def _change(values: NDArray[np.float64], losses: Losses, rows: ComparedRows) -> Estimate:
    places = losses.places
    groups = None if rows.clusters is None else rows.clusters[places]
    return mean_change(values[places], rows.is_current[places], groups)


def _costs(change: Estimate | None, quality: QualitySettings) -> tuple[str, ...]:
    if change is None or not change.is_told:
        return ()
    found = change.times(_THOUSAND)
    unit = f" {quality.cost_unit}" if quality.cost_unit else ""
    more = "more" if found.value > 0.0 else "less"
    low, high = sorted((abs(found.low or 0.0), abs(found.high or 0.0)))
    return (
        f"A thousand predictions cost {abs(found.value):,.3g}{unit} {more} ({low:,.3g} to"
        f" {high:,.3g}).",
    )
