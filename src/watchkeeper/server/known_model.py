"""The model that a path names."""

from __future__ import annotations

from collections.abc import Mapping

from watchkeeper.errors import nearest
from watchkeeper.server.problems import ProblemError
from watchkeeper.store import Store


def known_model(store: Store, path: Mapping[str, str]) -> str:
    """Return the name of the model, if there is such a one.

    Raises
    ------
    ProblemError
        404 that names the nearest.
    """
    model = path["model"]
    if model in store.service_cells.models():
        return model
    names = [summary.model for summary in store.models()]
    if model in names:
        return model
    known = nearest(model, names) or " Nothing was logged yet."
    raise ProblemError(404, "no-such-model", f"there is no model {model!r}.{known}")
