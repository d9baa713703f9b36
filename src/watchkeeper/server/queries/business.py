"""What people do with a model's predictions."""

from __future__ import annotations

from typing import Final

import msgspec

from watchkeeper.pipeline.business import (
    Business,
    BusinessBy,
    BusinessCourse,
    business,
    business_course,
)
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Moment
from watchkeeper.server.tenants import Tenant


class WantedBusiness(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which window, told apart by what, and which metrics.

    Attributes
    ----------
    start, end
        First moment of the window, and the first after it; left out: the last 28 days of events.
    metrics
        Names with commas between them; left out: all that are declared.
    """

    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)
    by: BusinessBy = "none"
    metrics: str | None = None


def get_business(tenant: Tenant, asked: Asked[WantedBusiness, None]) -> Business:
    """Return a model's business metrics over a window."""
    wanted = asked.query
    names = [name.strip() for name in (wanted.metrics or "").split(",")]
    return business(
        tenant.store,
        known_model(tenant.store, asked.path),
        start=wanted.start,
        end=wanted.end,
        by=wanted.by,
        metrics=[name for name in names if name],
    )


class WantedCourse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days.

    Attributes
    ----------
    start, end
        First moment of the window, and the first after it; left out: all days that are kept.
    """

    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)


def get_business_days(tenant: Tenant, asked: Asked[WantedCourse, None]) -> BusinessCourse:
    """Return the days of a model's watched business metrics, as they were judged."""
    wanted = asked.query
    model = known_model(tenant.store, asked.path)
    return business_course(tenant.store, model, start=wanted.start, end=wanted.end)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models/{model}/business",
        operation="getBusiness",
        summary="What people do with a model's predictions: declared ratios with intervals",
        scope="read",
        answer=Business,
        call=get_business,
        query=WantedBusiness,
        also={404: "There is no such model."},
    ),
    Endpoint(
        method="GET",
        path="/v1/models/{model}/business/days",
        operation="getBusinessDays",
        summary="Watched business metrics, day by day as they were judged, and what was expected",
        scope="read",
        answer=BusinessCourse,
        call=get_business_days,
        query=WantedCourse,
        also={404: "There is no such model."},
    ),
)
