"""How protected groups are served now, and were in the reference."""

from __future__ import annotations

from dataclasses import replace

from watchkeeper.comparison import ProtectedGap
from watchkeeper.diagnosis import Estimate
from watchkeeper.events import QualitySettings
from watchkeeper.pipeline.explaining.fairness import GroupGap, group_gaps
from watchkeeper.pipeline.explaining.loss import Losses
from watchkeeper.pipeline.explaining.sides import ComparedRows


def protected_gaps(
    losses: Losses, rows: ComparedRows, quality: QualitySettings
) -> tuple[ProtectedGap, ...]:
    """Return the gaps of the columns that the settings call protected, those told from 0 first."""
    if not quality.protected:
        return ()
    other = replace(rows, is_current=~rows.is_current)
    before = {_key(one): one for one in group_gaps(losses, other, quality)}
    return tuple(
        ProtectedGap(
            column=one.column,
            group=one.group,
            metric=one.metric,
            rows=one.rows,
            value=one.value,
            others=one.others,
            gap=_estimate(one),
            reference_gap=_estimate(before[_key(one)]) if _key(one) in before else None,
        )
        for one in group_gaps(losses, rows, quality)
    )


def _key(one: GroupGap) -> tuple[str, str, str]:
    return one.column, one.group, one.metric


def _estimate(one: GroupGap) -> Estimate:
    return Estimate(value=one.difference, low=one.low, high=one.high)
