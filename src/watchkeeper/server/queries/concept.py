"""Whether a model's loss has risen since its baseline, as labels come."""

from __future__ import annotations

from typing import Final

from watchkeeper.pipeline.concept import Concept, concept
from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.known_model import known_model
from watchkeeper.server.tenants import Tenant


def get_concept(tenant: Tenant, asked: Asked[NoParameters, None]) -> Concept:
    """Return how the watch over a model's loss stands."""
    return concept(tenant.store, known_model(tenant.store, asked.path))


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models/{model}/concept",
        operation="getConcept",
        summary="Whether a model's loss has risen since its baseline, as labels come",
        scope="read",
        answer=Concept,
        call=get_concept,
        query=NoParameters,
        also={404: "There is no such model."},
    ),
)
