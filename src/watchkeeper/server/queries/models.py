"""The models there are, at a glance and in detail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from watchkeeper.pipeline import ModelDetail, ModelState, model_detail, model_states
from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.known_model import known_model
from watchkeeper.server.tenants import Tenant


class ModelList(msgspec.Struct, frozen=True, kw_only=True):
    """The models of a project, by name."""

    models: list[ModelState]


def list_models(tenant: Tenant, _asked: Asked[NoParameters, None]) -> ModelList:
    """Return the models."""
    return ModelList(models=model_states(tenant.store, now=datetime.now(UTC)))


def get_model(tenant: Tenant, asked: Asked[NoParameters, None]) -> ModelDetail:
    """Return one of them."""
    return model_detail(tenant.store, known_model(tenant.store, asked.path), now=datetime.now(UTC))


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models",
        operation="listModels",
        summary="The models there are, and how they are",
        scope="read",
        answer=ModelList,
        call=list_models,
        query=NoParameters,
    ),
    Endpoint(
        method="GET",
        path="/v1/models/{model}",
        operation="getModel",
        summary="One model: its baseline, columns and extent",
        scope="read",
        answer=ModelDetail,
        call=get_model,
        query=NoParameters,
        also={404: "no such model"},
    ),
)
