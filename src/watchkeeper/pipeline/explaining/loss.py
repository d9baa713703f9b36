"""How wrong each labelled prediction was, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from watchkeeper.events import QualitySettings
from watchkeeper.metrics.quality import ScoredRows
from watchkeeper.pipeline.explaining.question import Question
from watchkeeper.pipeline.explaining.sides import Sides

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

_YES = ("true", "1", "yes")
_PROBABILITY = "output:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What is known of the quality of both sides' predictions.

    Attributes
    ----------
    question
        The loss of each row, NaN without a label.
    costs
        By the owner's cost matrix, of the same shape; ``None`` without one.
    scored
        The labelled rows, for metrics.
    places
        Where they are among all rows.
    """

    question: Question
    costs: Floats | None
    scored: ScoredRows
    places: Places


def losses_of(sides: Sides, settings: QualitySettings) -> Losses | str:
    """Return the loss of each row, or a sentence that says why there is none.

    Of a class the error, 1 or 0, by the threshold for probabilities; of a number the absolute
    error. Ranked lists have no loss of one row.
    """
    table = sides.table
    if table.column("label").null_count == table.num_rows:
        return "No prediction of either time has a label yet."
    if settings.task not in {None, "binary", "multiclass", "regression"}:
        return f"A loss of single predictions is not known for the task {settings.task}."
    outputs = [name for name in table.column_names if name.startswith(_PROBABILITY)]
    if outputs:
        return _of_classes(sides, settings, _likeliest(table, outputs))
    if "output" not in table.column_names:
        return "The predictions with a label have no output."
    output, label = table.column("output"), table.column("label")
    if pt.is_floating(output.type):
        numbers = _numbers(output)
        truth = _truth(label, settings)
        is_binary = truth is not None and settings.task in {None, "binary"}
        if is_binary and np.nanmin(numbers) >= 0.0 and np.nanmax(numbers) <= 1.0:
            assert truth is not None
            return _of_probabilities(sides, settings, numbers, truth)
        if pt.is_floating(label.type):
            return _of_numbers(sides, numbers, _numbers(label))
        return "Outputs are numbers and labels are not; what an error is cannot be told."
    if pt.is_list(output.type):
        return "A loss of single predictions is not known for ranked lists."
    return _of_classes(sides, settings, _names(output))


def _of_numbers(sides: Sides, predicted: Floats, label: Floats) -> Losses | str:
    places = np.flatnonzero(np.isfinite(predicted) & np.isfinite(label))
    if not len(places):
        return "No prediction has both an output and a label."
    loss = np.abs(predicted[places] - label[places])
    scored = ScoredRows(
        task="regression",
        labels=label[places],
        scores=predicted[places],
        entities=None if sides.clusters is None else sides.clusters[places],
    )
    question = _question("absolute error", loss, places, sides, is_ratio=False)
    return Losses(question=question, costs=None, scored=scored, places=places)


def _of_probabilities(
    sides: Sides, settings: QualitySettings, predicted: Floats, truth: Floats
) -> Losses | str:
    places = np.flatnonzero(np.isfinite(predicted) & np.isfinite(truth))
    if not len(places):
        return "No prediction has both an output and a label."
    scores, labels = predicted[places], truth[places]
    chosen = (scores >= settings.threshold).astype(np.int64)
    scored = ScoredRows(
        task="binary",
        labels=labels,
        scores=scores,
        entities=None if sides.clusters is None else sides.clusters[places],
    )
    wrong = (chosen != labels).astype(np.float64)
    return Losses(
        question=_question("errors", wrong, places, sides, is_ratio=True),
        costs=_costs(settings, labels.astype(np.int64), chosen, 2, places, sides),
        scored=scored,
        places=places,
    )


def _of_classes(
    sides: Sides, settings: QualitySettings, predicted: pa.ChunkedArray
) -> Losses | str:
    label = _names(sides.table.column("label"))
    usable = pc.and_(predicted.is_valid(), label.is_valid()).to_numpy()
    places = np.flatnonzero(usable)
    if not len(places):
        return "No prediction has both an output and a label."
    both = [one.take(pa.array(places)) for one in (predicted, label)]
    known = {name for one in both for name in one.unique().to_pylist()}
    names = tuple(sorted(known, key=lambda name: (name == settings.positive, name)))
    chosen, truth = (
        pc.index_in(one, value_set=pa.array(names, pa.string())).to_numpy().astype(np.int64)
        for one in both
    )
    scored = ScoredRows(
        task="multiclass",
        labels=truth,
        predicted=chosen,
        classes=names,
        entities=None if sides.clusters is None else sides.clusters[places],
    )
    wrong = (chosen != truth).astype(np.float64)
    return Losses(
        question=_question("errors", wrong, places, sides, is_ratio=True),
        costs=_costs(settings, truth, chosen, len(names), places, sides),
        scored=scored,
        places=places,
    )


def _question(
    about: str, values: Floats, places: Places, sides: Sides, *, is_ratio: bool
) -> Question:
    return Question(
        kind="quality",
        about=about,
        quantity=about,
        values=_everywhere(values, places, sides),
        is_ratio=is_ratio,
    )


def _everywhere(values: Floats, places: Places, sides: Sides) -> Floats:
    spread = np.full(sides.table.num_rows, np.nan)
    spread[places] = values
    return spread


def _costs(
    settings: QualitySettings,
    truth: NDArray[np.int64],
    chosen: NDArray[np.int64],
    classes: int,
    places: Places,
    sides: Sides,
) -> Floats | None:
    matrix = settings.cost_matrix
    if matrix is None or len(matrix) != classes:
        return None
    return _everywhere(np.array(matrix, dtype=np.float64)[truth, chosen], places, sides)


def _truth(label: pa.ChunkedArray, settings: QualitySettings) -> Floats | None:
    """Return labels as 1 and 0, NaN where there is none; ``None`` if they are not two classes."""
    if pt.is_boolean(label.type):
        return _numbers(label.cast(pa.int8()))
    if pt.is_floating(label.type):
        numbers = _numbers(label)
        return numbers if np.isin(numbers[~np.isnan(numbers)], (0.0, 1.0)).all() else None
    if not pt.is_string(label.type):
        return None
    names = sorted(name for name in label.unique().to_pylist() if name is not None)
    if len(names) > 2:
        return None
    positive = settings.positive or next((n for n in names if n.lower() in _YES), names[-1])
    return _numbers(pc.equal(label, positive).cast(pa.int8()))


def _likeliest(table: pa.Table, outputs: list[str]) -> pa.ChunkedArray:
    scores = np.stack([_numbers(table.column(name)) for name in outputs], axis=1)
    is_known = np.isfinite(scores).any(axis=1)
    best = np.argmax(np.where(np.isfinite(scores), scores, -np.inf), axis=1)
    names = pa.array([name.removeprefix(_PROBABILITY) for name in outputs], pa.string())
    return pa.chunked_array([names.take(pa.array(best, mask=~is_known))])


def _numbers(column: pa.ChunkedArray) -> Floats:
    found: Floats = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy()
    return found


def _names(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return classes by their names; whole numbers without a point."""
    if pt.is_floating(column.type):
        encoded = column.combine_chunks().dictionary_encode()
        names = [f"{value:g}" for value in encoded.dictionary.to_pylist()]
        return pa.chunked_array([pa.array(names, pa.string()).take(encoded.indices)])
    return column.cast(pa.string())
