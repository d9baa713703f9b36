"""Predictions whose truth is known, as arrays: what every metric of quality is computed from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import DataError

Task: TypeAlias = Literal["binary", "multiclass", "multilabel", "regression", "ranking"]
Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRows:
    """``n`` predictions of one group and time, each with its label.

    Parameters
    ----------
    task
        What is predicted. Ranked lists have their own rows, :class:`RankedRows`.
    labels
        binary: 0 or 1, shape (n,); multiclass: index into ``classes``, shape (n,); multilabel:
        0 or 1, shape (n, k); regression: the true value, shape (n,).
    scores
        binary: probability of the positive class, shape (n,); multiclass: of each class, shape
        (n, k), rows summing to 1; multilabel: of each label, shape (n, k); regression: the
        predicted value, shape (n,). ``None`` where only classes were predicted.
    predicted
        Predicted class as it was served, in the shape of ``labels``. ``None``: it follows from
        the scores, by the threshold or as the likeliest class.
    classes
        Names of the classes (multiclass) or labels (multilabel), in the order of the indices.
    entities
        Code of the user, device or customer of each row, from 0, shape (n,). Rows of one entity
        are not independent, and intervals allow for it. ``None``: all rows are independent.
    horizons
        Steps ahead of each forecast, shape (n,). Regression only.

    Raises
    ------
    DataError
        If shapes disagree, or a label or score is not a finite number; the message names the
        first such row. Leave out predictions without a label before.
    """

    task: Task
    labels: NDArray[Any]
    scores: NDArray[Any] | None = None
    predicted: NDArray[Any] | None = None
    classes: tuple[str, ...] = ()
    entities: Integers | None = None
    horizons: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        if self.task == "ranking":
            raise DataError("Ranked lists are measured as RankedRows, not as ScoredRows.")
        if self.scores is None and self.predicted is None:
            raise DataError("Rows need scores or predicted classes; both are missing.")
        for name in ("scores", "predicted", "entities", "horizons"):
            _require_rows(name, getattr(self, name), len(self.labels))
        for name in ("labels", "scores"):
            _require_finite(name, getattr(self, name))

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, places: NDArray[Any]) -> ScoredRows:
        """Return the rows at some places, or where a flag is true, shape (n,).

        Examples
        --------
        >>> rows = ScoredRows(
        ...     task="binary", labels=np.array([0, 1, 1]), scores=np.array([0.2, 0.3, 0.4])
        ... )
        >>> rows.at(rows.labels > 0).scores.tolist()
        [0.3, 0.4]
        """
        return replace(
            self,
            labels=self.labels[places],
            scores=None if self.scores is None else self.scores[places],
            predicted=None if self.predicted is None else self.predicted[places],
            entities=None if self.entities is None else self.entities[places],
            horizons=None if self.horizons is None else self.horizons[places],
        )


def _require_rows(name: str, values: NDArray[Any] | None, rows: int) -> None:
    if values is not None and len(values) != rows:
        raise DataError(f"Expected {rows} {name}, one for each label; got {len(values)}.")


def _require_finite(name: str, values: NDArray[Any] | None) -> None:
    if values is None or values.dtype.kind not in "fc":
        return
    # One sum tells of all: a number that is not finite makes it not finite.
    if np.isfinite(values.sum()):
        return
    wrong = ~np.isfinite(values).reshape(len(values), -1).all(axis=1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"{name}[{row}] is {values[row]}; every one of the {name} must be a finite number. "
            "Leave out rows whose label or score is missing."
        )
