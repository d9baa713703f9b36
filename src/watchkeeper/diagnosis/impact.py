"""What a change costs a day, in errors and in the owner's money."""

from __future__ import annotations

import msgspec

from watchkeeper.diagnosis.estimate import Estimate

_DAY_SECONDS = 86_400.0


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """What a change costs.

    Attributes
    ----------
    predictions_per_day
        As many as there were during the change.
    quantity
        What is counted: ``errors``, or the name of the loss.
    per_day
        So much more of it a day than with the reference's mean.
    cost_per_day, cost_unit
        The same by the owner's cost matrix; ``None`` without one.
    """

    predictions_per_day: float
    quantity: str
    per_day: Estimate
    cost_per_day: Estimate | None = None
    cost_unit: str | None = None


def impact_of(
    change: Estimate,
    *,
    predictions: int,
    seconds: float,
    quantity: str,
    cost_change: Estimate | None = None,
    cost_unit: str | None = None,
) -> Impact:
    """Return what a change of a mean per prediction adds up to in a day.

    Parameters
    ----------
    change
        Of the mean of the quantity per prediction.
    predictions, seconds
        How many there were in how long.
    cost_change
        Of the mean cost per prediction, in ``cost_unit``.

    Examples
    --------
    >>> change = Estimate(value=0.02, low=0.01, high=0.03)
    >>> impact_of(change, predictions=500, seconds=3600.0, quantity="errors").per_day.value
    240.0
    """
    per_day = predictions * _DAY_SECONDS / max(seconds, 1.0)
    return Impact(
        predictions_per_day=per_day,
        quantity=quantity,
        per_day=change.times(per_day),
        cost_per_day=None if cost_change is None else cost_change.times(per_day),
        cost_unit=None if cost_change is None else cost_unit,
    )
