"""What a model's service did and cost, and how it stands against its objectives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from watchkeeper.pipeline import (
    CostReport,
    GroupBy,
    ObjectiveList,
    ServiceHistory,
    cost_report,
    objectives_of,
    service_history,
)
from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Window
from watchkeeper.server.tenants import Tenant

Points = Annotated[int, Meta(ge=1, le=2000)]


class WantedService(Window, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which window, told apart by what, in how many steps at most."""

    by: GroupBy = "none"
    points: Points = 200


def get_service(tenant: Tenant, asked: Asked[WantedService, None]) -> ServiceHistory:
    """Return a model's service over a window."""
    store, wanted = tenant.store, asked.query
    return service_history(
        store,
        known_model(store, asked.path),
        start=wanted.start,
        end=wanted.end,
        by=wanted.by,
        points=wanted.points,
    )


class WantedCosts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Told apart by what."""

    by: GroupBy = "none"


def get_objectives(tenant: Tenant, asked: Asked[NoParameters, None]) -> ObjectiveList:
    """Return how a model stands against its objectives."""
    model = known_model(tenant.store, asked.path)
    return objectives_of(tenant.store, model, now=datetime.now(UTC))


def get_costs(tenant: Tenant, asked: Asked[WantedCosts, None]) -> CostReport:
    """Return what a model costs."""
    model = known_model(tenant.store, asked.path)
    return cost_report(tenant.store, model, now=datetime.now(UTC), by=asked.query.by)


_ALSO: Final = {404: "There is no such model."}

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models/{model}/service",
        operation="getService",
        summary="What a model's service did over time",
        scope="read",
        answer=ServiceHistory,
        call=get_service,
        query=WantedService,
        also=_ALSO,
    ),
    Endpoint(
        method="GET",
        path="/v1/models/{model}/objectives",
        operation="getObjectives",
        summary="How a model's service stands against its objectives",
        scope="read",
        answer=ObjectiveList,
        call=get_objectives,
        query=NoParameters,
        also=_ALSO,
    ),
    Endpoint(
        method="GET",
        path="/v1/models/{model}/costs",
        operation="getCosts",
        summary="What a model costs, this month and at its end",
        scope="read",
        answer=CostReport,
        call=get_costs,
        query=WantedCosts,
        also=_ALSO,
    ),
)
