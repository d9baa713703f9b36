"""What happened to the models."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from watchkeeper.pipeline import stored_incidents
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.tenants import Tenant
from watchkeeper.watch import Incident


class ModelIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident of a model, as last told, by the model's newest baseline."""

    model: str
    is_open: bool
    incident: Incident


class IncidentList(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, by model and age."""

    incidents: list[ModelIncident]


class WantedIncidents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which model, left out for all, and whether only those that have not ended."""

    model: str | None = None
    state: Literal["open", "all"] = "all"


def list_incidents(tenant: Tenant, asked: Asked[WantedIncidents, None]) -> IncidentList:
    """Return what is asked for."""
    wanted, store = asked.query, tenant.store
    found = [
        ModelIncident(model=name, is_open=incident.is_open, incident=incident)
        for name, version in store.watch_log.watched().items()
        if wanted.model in (None, name)
        for incident in stored_incidents(store, name, version)
        if incident.is_open or wanted.state == "all"
    ]
    return IncidentList(incidents=found)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/incidents",
        operation="listIncidents",
        summary="What happened to the models",
        scope="read",
        answer=IncidentList,
        call=list_incidents,
        query=WantedIncidents,
    ),
)
