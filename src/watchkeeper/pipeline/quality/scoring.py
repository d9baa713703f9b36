"""Labelled predictions as the arrays that metrics are computed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.metrics.quality import (
    CostMatrix,
    Measured,
    QualityChoice,
    ScoredRows,
    Task,
    measure,
)
from watchkeeper.pipeline.quality.label_lists import indicators, labels_in
from watchkeeper.pipeline.quality.seen import PROBABILITY
from watchkeeper.pipeline.quality.task import TaskPlan

Mask = NDArray[np.bool_]

_NO_LABEL = ("",)  # where none was ever named: one that applies to no row


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorable:
    """Labelled predictions of which any part can be measured.

    Parameters
    ----------
    places
        Rows of the table that could be used, those with a label and an output that fit the task.
    costs
        By true and predicted class, of the classes that are there.
    """

    task: Task
    places: NDArray[np.int64]
    labels: NDArray[Any]
    scores: NDArray[Any] | None
    predicted: NDArray[Any] | None
    classes: tuple[str, ...]
    entities: NDArray[np.int64] | None
    horizons: NDArray[np.float64] | None
    costs: CostMatrix | None

    def __len__(self) -> int:
        return len(self.places)

    def rows(self, chosen: Mask | None = None) -> ScoredRows:
        """Return all rows, or those of a mask, as what `measure` takes."""

        def part(values: NDArray[Any] | None) -> Any:
            return values if values is None or chosen is None else values[chosen]

        return ScoredRows(
            task=self.task,
            labels=part(self.labels),
            scores=part(self.scores),
            predicted=part(self.predicted),
            classes=self.classes,
            entities=part(self.entities),
            horizons=part(self.horizons),
        )

    def classes_predicted(self, threshold: float) -> NDArray[np.int64]:
        """Return the class of each row: as served, by the threshold if binary, or the likeliest.

        Of several labels, 1 or 0 for each, shape (n, labels).
        """
        if self.predicted is not None:
            return self.predicted.astype(np.int64)
        assert self.scores is not None
        if self.task in ("binary", "multilabel"):
            return (self.scores >= threshold).astype(np.int64)
        likeliest: NDArray[np.int64] = self.scores.argmax(axis=1).astype(np.int64)
        return likeliest

    def measured(self, chosen: Mask | None, choice: QualityChoice) -> tuple[Measured, ...]:
        """Return the metrics of all rows, or of those of a mask.

        Costs are left out where it is not known what each class costs.
        """
        names = tuple(name for name in choice.metrics if self.costs or name != "cost")
        if choice.metrics and not names:
            return ()
        costed = replace(choice, cost_matrix=self.costs, metrics=names)
        return measure(self.rows(chosen), costed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What predictions said and what came, row by row; NaN where there is nothing that fits.

    Parameters
    ----------
    labels, predicted
        Of several classes, places in ``classes``; of several labels, 1 or 0 for each of
        ``classes``.
    """

    labels: NDArray[np.float64]
    scores: NDArray[np.float64] | None
    predicted: NDArray[np.float64] | None
    classes: tuple[str, ...] = ()


def answers(table: pa.Table, plan: TaskPlan, classes: tuple[str, ...] | None = None) -> Answers:
    """Return all rows of a table of predictions as arrays.

    Parameters
    ----------
    table
        With ``label``, and ``output`` or ``output:<class>``.
    classes
        Of a task of several classes or labels; left out: those that are there.
    """
    if plan.task == "regression":
        return _regression(table)
    if plan.task == "binary":
        return _binary(table, plan)
    if plan.task == "multilabel":
        return _multilabel(table, plan, classes)
    return _multiclass(table, plan, classes)


def scorable(
    table: pa.Table,
    plan: TaskPlan,
    *,
    horizon: pa.ChunkedArray | None = None,
    cost_matrix: CostMatrix | None = None,
) -> Scorable:
    """Return the rows of a table of labelled predictions that fit a task.

    Parameters
    ----------
    table
        With ``label``, ``output`` or ``output:<class>``, and perhaps ``entity``.
    horizon
        Steps ahead of each row, if forecasts are told apart by it.
    cost_matrix
        By true and predicted class, of the plan's ``cost_classes``.
    """
    found = answers(table, plan)
    labels, predicted = found.labels, found.predicted
    usable = _finite(labels)
    for values in (found.scores, predicted):
        if values is not None:
            usable &= _finite(values)
    places = np.flatnonzero(usable)

    def kept(values: NDArray[Any] | None) -> Any:
        return None if values is None else values[places]

    return Scorable(
        task=plan.task,
        places=places,
        labels=kept(labels).astype(np.int64) if plan.task == "multiclass" else kept(labels),
        scores=kept(found.scores),
        predicted=_as_codes(kept(predicted)) if plan.task == "multiclass" else kept(predicted),
        classes=found.classes,
        entities=kept(entity_codes(table)),
        horizons=None if horizon is None else kept(_numbers(horizon)),
        costs=_costs(plan, found.classes, cost_matrix),
    )


def _costs(
    plan: TaskPlan, classes: tuple[str, ...], matrix: CostMatrix | None
) -> CostMatrix | None:
    """Return the rows and columns of the classes that are there."""
    known = plan.cost_classes
    if matrix is None or not known or plan.task == "binary":
        return matrix if known else None
    if not set(classes) <= set(known):
        return None
    places = [known.index(name) for name in classes]
    return tuple(tuple(matrix[row][column] for column in places) for row in places)


def _regression(table: pa.Table) -> Answers:
    return Answers(
        labels=_numbers(table.column("label")),
        scores=_numbers(_column(table, "output")),
        predicted=None,
    )


def _binary(table: pa.Table, plan: TaskPlan) -> Answers:
    labels = _is(table.column("label"), plan.positive)
    if plan.source == "class":
        predicted = _is(_column(table, "output"), plan.positive)
        return Answers(labels=labels, scores=None, predicted=predicted)
    scores = np.full(len(table), np.nan)
    if plan.source == "output":
        scores = _probability(_numbers(_column(table, "output")))
    else:
        named = _probabilities(table)
        # The only one is the positive class, whatever labels call it.
        name = plan.positive if plan.positive in named or len(named) != 1 else named[0]
        if name in named:
            scores = _probability(_numbers(table.column(PROBABILITY + name)))
    return Answers(labels=labels, scores=scores, predicted=None)


def _multiclass(table: pa.Table, plan: TaskPlan, known: tuple[str, ...] | None) -> Answers:
    label = _names(table.column("label"))
    if plan.source == "probabilities":
        classes = known or _sorted({*_probabilities(table), *_distinct(label)})
        scores = np.zeros((len(table), len(classes)))
        for at, name in enumerate(classes):
            if PROBABILITY + name in table.column_names:
                scores[:, at] = np.nan_to_num(_numbers(table.column(PROBABILITY + name)))
        total = scores.sum(axis=1, keepdims=True)
        scores = np.divide(scores, total, out=np.full_like(scores, np.nan), where=total > 0)
        labels = _codes(label, classes)
        return Answers(labels=labels, scores=scores, predicted=None, classes=classes)
    output = _names(_column(table, "output"))
    classes = known or _sorted({*_distinct(label), *_distinct(output)})
    return Answers(
        labels=_codes(label, classes),
        scores=None,
        predicted=_codes(output, classes),
        classes=classes,
    )


def _multilabel(table: pa.Table, plan: TaskPlan, known: tuple[str, ...] | None) -> Answers:
    label = table.column("label")
    if plan.source == "class":
        output = _column(table, "output")
        classes = known or _sorted(labels_in(label) | labels_in(output)) or _NO_LABEL
        predicted = indicators(output, classes)
        labels = indicators(label, classes)
        return Answers(labels=labels, scores=None, predicted=predicted, classes=classes)
    named = {name for name in _probabilities(table) if _is_told(table, name)}
    classes = known or _sorted(labels_in(label) | named) or _NO_LABEL
    scores = np.zeros((len(table), len(classes)))
    has_any = np.zeros(len(table), dtype=bool)
    for at, name in enumerate(classes):
        if name in named:
            column = table.column(PROBABILITY + name)
            given = column.is_valid().to_numpy()
            has_any |= given
            scores[given, at] = _probability(_numbers(column))[given]
    scores[~has_any] = np.nan
    return Answers(
        labels=indicators(label, classes), scores=scores, predicted=None, classes=classes
    )


def _is_told(table: pa.Table, name: str) -> bool:
    return bool(table.column(PROBABILITY + name).null_count < len(table))


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name in table.column_names:
        return table.column(name)
    return pa.chunked_array([pa.nulls(len(table), pa.float64())])


def _probabilities(table: pa.Table) -> list[str]:
    return sorted(
        name.removeprefix(PROBABILITY)
        for name in table.column_names
        if name.startswith(PROBABILITY)
    )


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return numbers, NaN for what is none."""
    try:
        numbers = column.cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return np.full(len(column), np.nan)
    found: NDArray[np.float64] = pc.fill_null(numbers, float("nan")).to_numpy()
    return found


def _probability(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where((values >= 0) & (values <= 1), values, np.nan)


def _names(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values as the names of classes: texts, true and false, numbers as short as can be."""
    if pa.types.is_floating(column.type):
        encoded = column.combine_chunks().dictionary_encode()
        names = [f"{value:g}" for value in encoded.dictionary.to_pylist()]
        plain = pa.array(names, type=pa.string()).take(encoded.indices)
        return pa.chunked_array([plain])
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])


def _is(column: pa.ChunkedArray, positive: str | None) -> NDArray[np.float64]:
    """Return 1 for the positive class, 0 for others, NaN for nothing."""
    names = _names(column)
    if not pa.types.is_string(column.type):
        # true, 1 and 1.0 are the same class, whichever of them the settings name.
        wanted = {"true": "1", "false": "0"}.get((positive or "1").lower(), positive or "1")
        plain = pc.replace_substring_regex(names, "^true$", "1")
        names, positive = pc.replace_substring_regex(plain, "^false$", "0"), wanted
    found = pc.equal(names, pa.scalar(positive, pa.string())).cast(pa.float64())
    numbers: NDArray[np.float64] = pc.fill_null(found, float("nan")).to_numpy()
    return numbers


def _distinct(names: pa.ChunkedArray) -> list[str]:
    return [name for name in names.unique().to_pylist() if name is not None]


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _codes(names: pa.ChunkedArray, classes: tuple[str, ...]) -> NDArray[np.float64]:
    found = pc.index_in(names, value_set=pa.array(classes, type=pa.string()))
    numbers: NDArray[np.float64] = pc.fill_null(found.cast(pa.float64()), np.nan).to_numpy()
    return numbers


def _as_codes(values: NDArray[Any] | None) -> NDArray[np.int64] | None:
    return None if values is None else values.astype(np.int64)


def _finite(values: NDArray[Any]) -> Mask:
    finite: Mask = np.isfinite(values)
    return finite if finite.ndim == 1 else np.asarray(finite.all(axis=1))


def entity_codes(table: pa.Table) -> NDArray[np.int64] | None:
    """Return a code for each entity, and one of its own for each row that names none."""
    if "entity" not in table.column_names:
        return None
    column = table.column("entity").combine_chunks()
    if column.null_count == len(column):
        return None
    encoded = column.dictionary_encode()
    codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    own = np.arange(len(codes)) + len(encoded.dictionary)
    return np.where(codes < 0, own, codes)
