"""The models there are."""

from __future__ import annotations

from typing import Final

import msgspec

from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.tenants import Tenant
from watchkeeper.store import ModelSummary


class ModelList(msgspec.Struct, frozen=True, kw_only=True):
    """The models of a project, by name."""

    models: list[ModelSummary]


def list_models(tenant: Tenant, _asked: Asked[NoParameters, None]) -> ModelList:
    """Return the models."""
    return ModelList(models=tenant.store.models())


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models",
        operation="listModels",
        summary="The models there are",
        scope="read",
        answer=ModelList,
        call=list_models,
        query=NoParameters,
    ),
)
