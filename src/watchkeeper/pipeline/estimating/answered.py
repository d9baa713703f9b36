"""Stored predictions as what estimators take: what the model said of rows, and what it saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.estimation import ClassPredictions, Inputs
from watchkeeper.pipeline.estimating.estimator_facts import FEATURE, EstimatorFacts
from watchkeeper.pipeline.quality.scoring import answers

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Predictions whose output fits the task, in the table's order.

    Attributes
    ----------
    places
        Their rows in the table.
    labels
        Place of the true class, NaN where no label came, shape (rows,).
    """

    places: Ints
    rows: ClassPredictions
    labels: NDArray[np.float64]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.places)

    def take(self, chosen: Ints) -> Answered:
        """Return some of the rows."""
        return Answered(
            places=self.places[chosen],
            rows=self.rows.take(chosen),
            labels=self.labels[chosen],
            classes=self.classes,
        )


def answered(table: pa.Table, facts: EstimatorFacts) -> Answered:
    """Return the predictions of a table whose output fits the task.

    Parameters
    ----------
    facts
        Without classes, those that the table has are taken.
    """
    assert facts.task is not None
    found = answers(table, facts.task, facts.classes or None)
    classes = found.classes or ("", facts.task.positive or "")
    scores, predicted = found.scores, found.predicted
    if scores is None:
        assert predicted is not None
        usable = np.asarray(np.isfinite(predicted))
        answer = np.where(usable, predicted, 0).astype(np.int64)
        scores = np.eye(len(classes))[answer]
    else:
        if scores.ndim == 1:
            scores = np.column_stack([1.0 - scores, scores])
            answer = (scores[:, 1] >= facts.plan.settings.threshold).astype(np.int64)
        else:
            answer = np.nan_to_num(scores).argmax(axis=1)
        usable = np.asarray(np.isfinite(scores).all(axis=1))
    places = np.flatnonzero(usable)
    rows = ClassPredictions(scores=scores, predicted=answer, inputs=_inputs(table, facts))
    return Answered(
        places=places, rows=rows.take(places), labels=found.labels[places], classes=classes
    )


def _inputs(table: pa.Table, facts: EstimatorFacts) -> Inputs:
    """Return what the model saw, by the names that people know."""
    names = [name for name in facts.columns if name in table.column_names]
    if not names:
        return Inputs(rows=table.num_rows)
    plain = [name.removeprefix(FEATURE) for name in names]
    return Inputs.from_table(table.select(names).rename_columns(plain))
