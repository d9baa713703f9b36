"""What a model's service did: throughput, errors, latency and cost."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from watchkeeper.pipeline import GroupBy, ServiceHistory, service_history
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Moment
from watchkeeper.server.tenants import Tenant

Points = Annotated[int, Meta(ge=1, le=2000)]


class WantedService(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which window, told apart by what, in how many steps at most.

    Attributes
    ----------
    start, end
        First moment of the window, and the first after it; left out: the last 7 days of events.
    """

    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)
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
        also={404: "There is no such model."},
    ),
)
