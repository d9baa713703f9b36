"""Stored predictions as what estimators take: what the model said of rows, and what it saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.estimation import ClassPredictions, Inputs, RegressionPredictions
from watchkeeper.pipeline.estimating.estimator_facts import FEATURE, EstimatorFacts
from watchkeeper.pipeline.quality.scoring import Answers, answers

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Predictions whose output fits the task, in the table's order.

    Attributes
    ----------
    places
        Their rows in the table.
    labels
        Place of the true class, or the true value; NaN where no label came, shape (rows,).
    """

    places: Ints
    rows: ClassPredictions | RegressionPredictions
    labels: Floats
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
    inputs = _inputs(table, facts)
    rows: ClassPredictions | RegressionPredictions
    if facts.task.task == "regression":
        assert found.scores is not None
        classes: tuple[str, ...] = ()
        usable = np.asarray(np.isfinite(found.scores))
        rows = RegressionPredictions(predicted=found.scores, inputs=inputs)
    else:
        classes = found.classes or ("", facts.task.positive or "")
        usable, scores, predicted = _classified(found, facts, len(classes))
        rows = ClassPredictions(scores=scores, predicted=predicted, inputs=inputs)
    places = np.flatnonzero(usable)
    return Answered(
        places=places, rows=rows.take(places), labels=found.labels[places], classes=classes
    )


def _classified(found: Answers, facts: EstimatorFacts, classes: int) -> tuple[Bools, Floats, Ints]:
    """Return which rows can be used, their chance of each class, and the class answered."""
    if found.scores is None:
        assert found.predicted is not None
        usable = np.asarray(np.isfinite(found.predicted))
        answer = np.where(usable, found.predicted, 0).astype(np.int64)
        return usable, np.eye(classes)[answer], answer
    if found.scores.ndim > 1:
        usable = np.asarray(np.isfinite(found.scores).all(axis=1))
        return usable, found.scores, np.nan_to_num(found.scores).argmax(axis=1)
    both = np.column_stack([1.0 - found.scores, found.scores])
    answer = (found.scores >= facts.plan.settings.threshold).astype(np.int64)
    return np.isfinite(found.scores), both, answer


def _inputs(table: pa.Table, facts: EstimatorFacts) -> Inputs:
    """Return what the model saw, by the names that people know."""
    names = [name for name in facts.columns if name in table.column_names]
    if not names:
        return Inputs(rows=table.num_rows)
    plain = [name.removeprefix(FEATURE) for name in names]
    return Inputs.from_table(table.select(names).rename_columns(plain))
