"""A check of how good predictions are, as it is declared."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from watchkeeper.checks.row_checks import Declared


class Metric(Declared, frozen=True, kw_only=True, tag="metric"):
    """A metric of the predictions lies between limits, both allowed themselves.

    Attributes
    ----------
    metric
        Which one, such as log_loss.
    minimum, maximum
        The limits.
    worse_by
        Most by which it may be worse than in the reference, 0 or more; of a metric without a better
        direction, most by which it may differ.
    """

    metric: Annotated[str, Meta(extra_json_schema={"examples": ["accuracy", "log_loss"]})]
    minimum: float | None = None
    maximum: float | None = None
    worse_by: float | None = None
