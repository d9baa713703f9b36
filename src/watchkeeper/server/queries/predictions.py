"""Looking into stored predictions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from watchkeeper.errors import nearest
from watchkeeper.pipeline import (
    PredictionDetail,
    PredictionFound,
    PredictionPage,
    find_predictions,
    newest_predictions,
    prediction_detail,
)
from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.parameters import Moment
from watchkeeper.server.problems import ProblemError
from watchkeeper.server.tenants import Tenant
from watchkeeper.store import Wanted


class WantedPrediction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which id."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class WantedPredictions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which predictions: of a span of time, and with these values.

    Attributes
    ----------
    error
        Only with an error, or only without one.
    outlier
        Only outliers, or only predictions that were scored and are none.
    before
        What an earlier page gave as `next`.
    """

    from_: Moment | None = msgspec.field(name="from", default=None)
    to: Moment | None = None
    entity: str | None = None
    version: str | None = None
    variant: str | None = None
    error: bool | None = None
    outlier: bool | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 50
    before: Annotated[str, msgspec.Meta(max_length=100)] | None = None


class PredictionsFound(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions of one id, by model."""

    predictions: list[PredictionFound]


def find(tenant: Tenant, asked: Asked[WantedPrediction, None]) -> PredictionsFound:
    """Return the predictions of an id over all models."""
    return PredictionsFound(predictions=find_predictions(tenant.store, asked.query.id))


def list_newest(tenant: Tenant, asked: Asked[WantedPredictions, None]) -> PredictionPage:
    """Return the newest predictions that fit."""
    model, wanted = asked.path["model"], asked.query
    _require_model(tenant, model)
    entity = wanted.entity
    return newest_predictions(
        tenant.store,
        model,
        Wanted(
            entities=None if entity is None else tenant.store.operating.entity_forms(entity),
            version=wanted.version,
            variant=wanted.variant,
            error=wanted.error,
            outlier=wanted.outlier,
        ),
        start=wanted.from_,
        end=wanted.to,
        before=wanted.before,
        limit=wanted.limit,
    )


def show(tenant: Tenant, asked: Asked[NoParameters, None]) -> PredictionDetail:
    """Return all that is known of a prediction."""
    model, prediction_id = asked.path["model"], asked.path["id"]
    _require_model(tenant, model)
    found = prediction_detail(tenant.store, model, prediction_id, now=datetime.now(UTC))
    if found is None:
        message = f"model {model!r} has no prediction {prediction_id!r}; ids are matched exactly"
        raise ProblemError(404, "no-such-prediction", message)
    return found


def _require_model(tenant: Tenant, model: str) -> None:
    names = [summary.model for summary in tenant.store.models()]
    if model not in names:
        message = f"there is no model {model!r}.{nearest(model, names)}"
        raise ProblemError(404, "no-such-model", message)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/predictions",
        operation="findPredictions",
        summary="The predictions of an id, over all models",
        scope="read",
        answer=PredictionsFound,
        call=find,
        query=WantedPrediction,
    ),
    Endpoint(
        method="GET",
        path="/v1/models/{model}/predictions",
        operation="listPredictions",
        summary="The newest predictions of a model that fit",
        scope="read",
        answer=PredictionPage,
        call=list_newest,
        query=WantedPredictions,
        also={404: "There is no such model."},
    ),
    Endpoint(
        method="GET",
        path="/v1/models/{model}/predictions/{id:path}",
        operation="getPrediction",
        summary="A prediction, what became of it, and how it was kept",
        scope="read",
        answer=PredictionDetail,
        call=show,
        query=NoParameters,
        also={404: "There is no such model or prediction."},
    ),
)
