"""Contributions are held against what the model itself says, before they are trusted."""

from __future__ import annotations

from typing import Any

import numpy as np

from watchkeeper.errors import UsageError
from watchkeeper.explanations.attributed import Matrix
from watchkeeper.explanations.explained import Explanations
from watchkeeper.explanations.opening import Opened
from watchkeeper.explanations.rows import Reader


def require_sums(model: Opened, reader: Reader, table: Any, explained: Explanations) -> None:
    """Raise unless the contributions add up to the margin that scikit-learn gives.

    Parameters
    ----------
    model
        Of scikit-learn.
    reader
        Of the model.
    table
        The rows that were explained.
    explained
        Their contributions.
    """
    rows = reader.frame(table) if model.names() else reader.read(table)
    said = _margin(model, rows, explained)
    if not np.allclose(said, explained.margin, rtol=1e-6, atol=1e-6 * (1 + np.abs(said).max())):
        worst = float(np.abs(said - explained.margin).max())
        message = (
            f"The contributions to this {model.kind} miss what it says by up to {worst:.3g}, so it"
            " does more than is known of its kind. Give the SHAP values of another tool as they"
            " are: explanation={column: value}."
        )
        raise UsageError(message)


def _margin(model: Opened, rows: Any, explained: Explanations) -> Matrix:
    core = model.whole
    at = np.arange(len(explained.output))
    if hasattr(core, "decision_function"):
        scores = np.asarray(core.decision_function(rows), float)
        return scores if scores.ndim == 1 else scores[at, explained.output]
    if hasattr(core, "predict_proba"):
        shares = np.asarray(core.predict_proba(rows), float)
        return shares[:, 1] if shares.shape[1] == 2 else shares[at, explained.output]
    said = np.asarray(core.predict(rows), float).ravel()
    return np.log(said) if model.has_log_link else said
