"""The model that a path names."""

from __future__ import annotations

from typing import Any

from watchkeeper.errors import nearest
from watchkeeper.server.endpoint import Asked
from watchkeeper.server.problems import ProblemError
from watchkeeper.server.tenants import Tenant


def known_model(tenant: Tenant, asked: Asked[Any, Any]) -> str:
    """Return the model in the path.

    Raises
    ------
    ProblemError
        404, if the project has none of that name.
    """
    model = asked.path["model"]
    names = [summary.model for summary in tenant.store.models()]
    if model not in names:
        message = f"model: the project has no model {model!r}.{nearest(model, names)}"
        raise ProblemError(404, "no-such-model", message)
    return model
