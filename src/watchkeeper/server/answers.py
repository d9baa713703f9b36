"""What is answered to those who ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from watchkeeper.errors import nearest
from watchkeeper.pipeline import stored_incidents
from watchkeeper.server.problems import ProblemError
from watchkeeper.store import ModelSummary, Scope, Store
from watchkeeper.watch import Incident

_PARAMETERS = ("model", "state")


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller may do, and where; `key` is empty without one."""

    project: str
    key: str
    scopes: tuple[Scope, ...]


class ModelList(msgspec.Struct, frozen=True, kw_only=True):
    """The models of a project, by name."""

    models: list[ModelSummary]


class ModelIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident of a model, as last told, by the model's newest baseline."""

    model: str
    is_open: bool
    incident: Incident


class IncidentList(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, by model and age."""

    incidents: list[ModelIncident]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedIncidents:
    """Of which model, ``None`` for all, and whether only those that have not ended."""

    model: str | None
    only_open: bool


def wanted_incidents(asked: Mapping[str, str]) -> WantedIncidents:
    """Return what the parameters of a request ask for.

    Raises
    ------
    ProblemError
        422, if one is unknown or has a wrong value.
    """
    for name in asked:
        if name not in _PARAMETERS:
            message = f"{name}: there is no such parameter.{nearest(name, _PARAMETERS)}"
            raise ProblemError(422, "parameter", message)
    state = asked.get("state", "all")
    if state not in {"open", "all"}:
        raise ProblemError(422, "parameter", f"state: expected 'open' or 'all', got {state!r}")
    return WantedIncidents(model=asked.get("model"), only_open=state == "open")


def incidents_of(store: Store, wanted: WantedIncidents) -> IncidentList:
    """Return what is asked for."""
    found = [
        ModelIncident(model=name, is_open=incident.is_open, incident=incident)
        for name, version in store.watch_log.watched().items()
        if wanted.model in (None, name)
        for incident in stored_incidents(store, name, version)
        if incident.is_open or not wanted.only_open
    ]
    return IncidentList(incidents=found)
