"""How good a model's predictions are, by the labels that have come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from msgspec import Meta

from watchkeeper.pipeline.quality import Performance, PerformanceBy, performance
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Window
from watchkeeper.server.tenants import Tenant

Points = Annotated[int, Meta(ge=1, le=2000)]


class WantedPerformance(Window, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which window, told apart by what, and which metrics.

    Attributes
    ----------
    metrics
        Names with commas between them; left out: all of the model's task.
    points
        Steps are hours if there are no more of them than this, else days.
    exact
        Totals of more than 200,000 predictions from all their rows, in some seconds per million.
    """

    by: PerformanceBy = "none"
    metrics: str | None = None
    points: Points = 200
    exact: bool = False


def get_performance(tenant: Tenant, asked: Asked[WantedPerformance, None]) -> Performance:
    """Return a model's quality over a window."""
    wanted = asked.query
    names = [name.strip() for name in (wanted.metrics or "").split(",")]
    return performance(
        tenant.store,
        known_model(tenant.store, asked.path),
        now=datetime.now(UTC),
        start=wanted.start,
        end=wanted.end,
        by=wanted.by,
        metrics=[name for name in names if name],
        points=wanted.points,
        exact=wanted.exact,
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models/{model}/performance",
        operation="getPerformance",
        summary="How good a model's predictions are, by the labels that have come",
        scope="read",
        answer=Performance,
        call=get_performance,
        query=WantedPerformance,
        also={404: "There is no such model."},
    ),
)
