"""Why nothing is estimated of a bucket, in words."""

from __future__ import annotations

from watchkeeper.estimation.reweighting import Weighted
from watchkeeper.estimation.support import Outside

_LEAST_EFFECTIVE_ROWS = 50.0


def refusal(outside: Outside, weighted: Weighted) -> str | None:
    """Return why the reference cannot tell how good the model is here; ``None`` if it can."""
    if outside.is_too_much:
        return f"{outside.said()}. How good the model is there cannot be known without labels."
    alike = float(weighted.weights.sum())
    if alike < _LEAST_EFFECTIVE_ROWS:
        return (
            f"only about {alike:.0f} rows of the reference are like these, too few to tell"
            " how good the model is there without labels."
        )
    return None
