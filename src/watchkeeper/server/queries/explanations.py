"""What the features of a model contribute to its outputs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from watchkeeper.pipeline.importance import Importances
from watchkeeper.pipeline.importance_kept import importances_of
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Window
from watchkeeper.server.tenants import Tenant


def get_explanations(tenant: Tenant, asked: Asked[Window, None]) -> Importances:
    """Return what features contributed over a window, beside the reference."""
    store, wanted = tenant.store, asked.query
    model = known_model(store, asked.path)
    now = datetime.now(UTC)
    return importances_of(store, model, start=wanted.start, end=wanted.end, now=now)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models/{model}/explanations",
        operation="getExplanations",
        summary="How much each feature contributes to outputs, now and in the reference",
        scope="read",
        answer=Importances,
        call=get_explanations,
        query=Window,
        also={404: "There is no such model."},
    ),
)
