"""How many of a model's predictions are outliers."""

from __future__ import annotations

from typing import Final

import msgspec

from watchkeeper.pipeline.outliers import OutlierCourse, outlier_course
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Moment
from watchkeeper.server.tenants import Tenant


class WantedOutliers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which window.

    Attributes
    ----------
    start, end
        First moment of the window, and the first after it; left out: the last 7 days of events.
    """

    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)


def get_outliers(tenant: Tenant, asked: Asked[WantedOutliers, None]) -> OutlierCourse:
    """Return how many of a model's predictions were outliers over a window."""
    store, wanted = tenant.store, asked.query
    model = known_model(store, asked.path)
    return outlier_course(store, model, start=wanted.start, end=wanted.end)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models/{model}/outliers",
        operation="getOutliers",
        summary="How many of a model's predictions are outliers, over time",
        scope="read",
        answer=OutlierCourse,
        call=get_outliers,
        query=WantedOutliers,
        also={404: "There is no such model."},
    ),
)
