"""How good a model's predictions will turn out to be, before their labels come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from watchkeeper.pipeline.estimating import Estimates, estimates
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Window
from watchkeeper.server.queries.performance import Points
from watchkeeper.server.tenants import Tenant


class WantedEstimates(Window, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which window, and which metrics.

    Attributes
    ----------
    metrics
        Names with commas between them; left out: all that are estimated.
    points
        Steps are hours if there are no more of them than this, else days.
    """

    metrics: str | None = None
    points: Points = 200


def get_estimates(tenant: Tenant, asked: Asked[WantedEstimates, None]) -> Estimates:
    """Return what is estimated of a model over a window."""
    wanted = asked.query
    names = [name.strip() for name in (wanted.metrics or "").split(",")]
    return estimates(
        tenant.store,
        known_model(tenant.store, asked.path),
        now=datetime.now(UTC),
        start=wanted.start,
        end=wanted.end,
        metrics=[name for name in names if name],
        points=wanted.points,
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models/{model}/estimates",
        operation="getEstimates",
        summary="How good a model's predictions will turn out to be, before their labels come",
        scope="read",
        answer=Estimates,
        call=get_estimates,
        query=WantedEstimates,
        also={404: "There is no such model."},
    ),
)
