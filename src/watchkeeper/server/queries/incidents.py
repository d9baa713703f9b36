"""What happened to the models, and what people decide about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from watchkeeper.errors import DataError
from watchkeeper.pipeline import (
    AffectedRows,
    Explanation,
    IncidentDetail,
    IncidentSummary,
    affected_rows,
    decide,
    explanation_of,
    find_incident,
    incident_detail,
    list_incidents,
)
from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.parameters import Moment
from watchkeeper.server.problems import ProblemError
from watchkeeper.server.tenants import Tenant
from watchkeeper.store import DecisionKind, IncidentKey


class IncidentList(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, newest first."""

    incidents: list[IncidentSummary]


class WantedIncidents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which model, only those that have not ended, and only those of a span of time."""

    model: str | None = None
    state: Literal["open", "all"] = "all"
    from_: Moment | None = msgspec.field(name="from", default=None)
    to: Moment | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200


class WantedRows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many rows."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 50


class DecisionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision about an incident.

    Attributes
    ----------
    reason
        Why, for those who come after; needed to mute and to adopt.
    until
        End of a mute; without, it has none.
    """

    kind: DecisionKind
    reason: str = ""
    until: Moment | None = None


def list_all(tenant: Tenant, asked: Asked[WantedIncidents, None]) -> IncidentList:
    """Return what is asked for."""
    wanted = asked.query
    found = list_incidents(
        tenant.store,
        now=datetime.now(UTC),
        model=wanted.model,
        only_open=wanted.state == "open",
        start=wanted.from_,
        end=wanted.to,
        limit=wanted.limit,
    )
    return IncidentList(incidents=found)


def show(tenant: Tenant, asked: Asked[NoParameters, None]) -> IncidentDetail:
    """Return an incident in full."""
    key, now = _key(tenant, asked.path["id"]), datetime.now(UTC)
    return incident_detail(tenant.store, key, now=now)


def rows(tenant: Tenant, asked: Asked[WantedRows, None]) -> AffectedRows:
    """Return predictions of an incident to look at."""
    key = _key(tenant, asked.path["id"])
    return affected_rows(tenant.store, key, limit=asked.query.limit)


def explain(tenant: Tenant, asked: Asked[NoParameters, None]) -> Explanation:
    """Return why an incident happened."""
    key = _key(tenant, asked.path["id"])
    try:
        return explanation_of(tenant.store, key, now=datetime.now(UTC))
    except DataError as error:
        raise ProblemError(404, "no-explanation", str(error)) from error


def decide_on(tenant: Tenant, asked: Asked[NoParameters, DecisionBody]) -> IncidentSummary:
    """Keep a decision, and return how the incident stands now."""
    key, now = _key(tenant, asked.path["id"]), datetime.now(UTC)
    body = asked.body
    decide(
        tenant.store,
        key,
        body.kind,
        reason=body.reason,
        actor=asked.caller.actor,
        now=now,
        until=body.until,
    )
    return find_incident(tenant.store, str(key), now=now)


def _key(tenant: Tenant, text: str) -> IncidentKey:
    """Return the key of an existing incident."""
    try:
        find_incident(tenant.store, text, now=datetime.now(UTC))
    except DataError as error:
        raise ProblemError(404, "no-such-incident", str(error)) from error
    return IncidentKey.parse(text)


_UNKNOWN: Final = {404: "There is no such incident."}

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/incidents",
        operation="listIncidents",
        summary="What happened to the models",
        scope="read",
        answer=IncidentList,
        call=list_all,
        query=WantedIncidents,
    ),
    Endpoint(
        method="GET",
        path="/v1/incidents/{id}",
        operation="getIncident",
        summary="An incident in full",
        scope="read",
        answer=IncidentDetail,
        call=show,
        query=NoParameters,
        also=_UNKNOWN,
    ),
    Endpoint(
        method="GET",
        path="/v1/incidents/{id}/rows",
        operation="listAffectedRows",
        summary="Predictions of an incident to look at",
        scope="read",
        answer=AffectedRows,
        call=rows,
        query=WantedRows,
        also=_UNKNOWN,
    ),
    Endpoint(
        method="GET",
        path="/v1/incidents/{id}/explanation",
        operation="explainIncident",
        summary="Why an incident happened, where, and what it costs",
        scope="read",
        answer=Explanation,
        call=explain,
        query=NoParameters,
        also={404: "There is no such incident, or nothing is stored of its time any more."},
    ),
    Endpoint(
        method="POST",
        path="/v1/incidents/{id}/decisions",
        operation="decideOnIncident",
        summary="Acknowledge, mute, unmute or adopt an incident",
        scope="admin",
        answer=IncidentSummary,
        call=decide_on,
        query=NoParameters,
        body=DecisionBody,
        also=_UNKNOWN,
    ),
)
