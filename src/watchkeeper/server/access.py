"""What is answered about the caller and the project that they see."""

from __future__ import annotations

import msgspec

from watchkeeper.store import ModelSummary, Scope


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller may do, and where; `key` is empty without one."""

    project: str
    key: str
    scopes: tuple[Scope, ...]


class ModelList(msgspec.Struct, frozen=True, kw_only=True):
    """The models of a project, by name."""

    models: list[ModelSummary]
