"""What each labelled prediction lost, as rows for the watch."""

from __future__ import annotations

import zlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import QualitySettings
from watchkeeper.pipeline.quality.scoring import Scorable, scorable
from watchkeeper.pipeline.quality.task import TaskPlan
from watchkeeper.watch.concept import (
    RiskRows,
    WatchedLoss,
    absolute_losses,
    brier_losses,
    error_losses,
    label_losses,
    log_losses,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def risk_rows(
    table: pa.Table, task: TaskPlan, loss: WatchedLoss, settings: QualitySettings, *, begins: int
) -> RiskRows:
    """Return the predictions of a table that can be scored, in its order.

    Parameters
    ----------
    table
        With ``time``, ``known_at``, ``label`` and the outputs.
    begins
        First moment after the reference, microseconds since 1970.
    """
    kept = scorable(table, task, cost_matrix=settings.cost_matrix)
    rows = table.take(pa.array(kept.places))
    times, known = (rows.column(n).cast(pa.int64()).to_numpy() for n in ("time", "known_at"))
    losses = _losses(kept, loss, settings)
    predicted, came = _relation(kept, losses, settings)
    return RiskRows(
        losses=losses,
        predicted=predicted,
        came=came,
        times=times,
        known=np.maximum(known, times),
        is_reference=times < begins,
    )


def _losses(kept: Scorable, loss: WatchedLoss, settings: QualitySettings) -> Floats:
    if loss == "absolute_error":
        assert kept.scores is not None
        return absolute_losses(kept.labels, kept.scores)
    if loss in ("brier", "log_loss"):
        assert kept.scores is not None
        return (brier_losses if loss == "brier" else log_losses)(kept.labels, kept.scores)
    if kept.task == "multilabel":
        said = kept.classes_predicted(settings.threshold)
        if loss == "label_error":
            return label_losses(kept.labels, said)
        any_wrong: Floats = error_losses(kept.labels, said).max(axis=1)
        return any_wrong
    chosen, truth = kept.classes_predicted(settings.threshold), kept.labels.astype(np.int64)
    if loss == "error" or kept.costs is None:
        return error_losses(truth, chosen)
    costs: Floats = np.array(kept.costs, dtype=np.float64)[truth, chosen]
    return costs


def _relation(kept: Scorable, losses: Floats, settings: QualitySettings) -> tuple[Floats, Floats]:
    """Return what was predicted, and what came of it, as numbers."""
    if kept.task == "regression":
        assert kept.scores is not None
        return kept.scores, kept.labels - kept.scores
    if kept.task == "binary":
        shown = kept.predicted if kept.scores is None else kept.scores
        assert shown is not None
        return shown.astype(np.float64), kept.labels.astype(np.float64)
    if kept.task == "multilabel":
        said = kept.classes_predicted(settings.threshold)
        return said.sum(axis=1).astype(np.float64), 1.0 - losses
    if kept.scores is None:
        assert kept.predicted is not None
        # Codes are those of the classes that are there; names tell them apart for good.
        codes = _stable_codes(kept.classes)[kept.predicted]
        return codes, (kept.predicted == kept.labels).astype(np.float64)
    likeliest = kept.scores.argmax(axis=1)
    return kept.scores.max(axis=1), (likeliest == kept.labels).astype(np.float64)


def _stable_codes(classes: tuple[str, ...]) -> Floats:
    """Return a number for each class that depends on its name alone."""
    return np.array([float(zlib.crc32(name.encode())) for name in classes])
