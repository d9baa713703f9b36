"""Shadow models beside the one that serves."""

from __future__ import annotations

from typing import Final

import msgspec

from watchkeeper.pipeline.shadowing import Shadows, shadows
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Moment
from watchkeeper.server.tenants import Tenant


class WantedShadows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which window.

    Attributes
    ----------
    start, end
        First moment of the window, and the first after it; left out: all that is stored.
    """

    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)


def list_shadows(tenant: Tenant, asked: Asked[WantedShadows, None]) -> Shadows:
    """Return every shadow of a model, held against it."""
    model = known_model(tenant.store, asked.path)
    return shadows(tenant.store, model, start=asked.query.start, end=asked.query.end)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models/{model}/shadows",
        operation="listShadows",
        summary="Shadow models beside a model, on the requests that both answered",
        scope="read",
        answer=Shadows,
        call=list_shadows,
        query=WantedShadows,
        also={404: "There is no such model."},
    ),
)
