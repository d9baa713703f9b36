"""What the features of a model contribute to its outputs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from watchkeeper.pipeline.importance import Importances
from watchkeeper.pipeline.importance_kept import importances_of
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Moment
from watchkeeper.server.tenants import Tenant


class WantedExplanations(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which window.

    Attributes
    ----------
    start, end
        First moment of the window, and the first after it; left out: the last 7 days of events.
    """

    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)


def get_explanations(tenant: Tenant, asked: Asked[WantedExplanations, None]) -> Importances:
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
        query=WantedExplanations,
        also={404: "There is no such model."},
    ),
)
