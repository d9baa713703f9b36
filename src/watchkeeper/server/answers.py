"""What is answered to those who ask."""

from __future__ import annotations

import msgspec

from watchkeeper.store import ModelSummary, Scope
from watchkeeper.watch import Incident


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
