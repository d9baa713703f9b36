"""How many of a model's predictions are outliers."""

from __future__ import annotations

from typing import Final

from watchkeeper.pipeline.outliers import OutlierCourse, outlier_course
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Window
from watchkeeper.server.tenants import Tenant


def get_outliers(tenant: Tenant, asked: Asked[Window, None]) -> OutlierCourse:
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
        query=Window,
        also={404: "There is no such model."},
    ),
)
