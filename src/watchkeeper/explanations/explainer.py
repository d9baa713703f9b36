"""Explains the predictions of a fitted model, in the process where it predicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from watchkeeper.errors import DataError, UsageError, nearest
from watchkeeper.events import EXPLANATION
from watchkeeper.explanations.attributed import Matrix, Source
from watchkeeper.explanations.checked import require_sums
from watchkeeper.explanations.explained import Explanations
from watchkeeper.explanations.opening import Opened, opened
from watchkeeper.explanations.rows import Reader

_CHECKED_ROWS = 100


class Explainer:
    """SHAP values of a linear model or of trees: what each input adds to a row's margin.

    The margin is what the model adds up: the prediction of a regression (its logarithm with a log
    link), the log-odds of a binary classifier's second class, the score before the softmax of one
    class where there are more; of a forest or a single tree the probability. An input that a
    pipeline encodes as several columns gets the sum of theirs.

    Made once by ``Explainer.of``, then called for a row, beside the prediction. It holds the model
    and is never saved.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> model = LinearRegression().fit([[0, 0], [1, 0], [0, 1]], [1, 3, 0])
    >>> seen = pa.table({"distance": [0.0, 2.0], "hour": [0.0, 2.0]})
    >>> explainer = Explainer.of(model, background=seen)
    >>> explained = explainer({"distance": 3, "hour": 2})
    >>> {name: round(value, 9) for name, value in explained.items()}
    {'distance': 4.0, 'hour': -1.0}
    """

    def __init__(self, model: Opened, reader: Reader, source: Source, output: int | None) -> None:
        self._model, self._reader, self._source, self._output = model, reader, source, output
        self._places = model.origins()

    @classmethod
    def of(
        cls,
        model: Any,
        *,
        background: Any = None,
        columns: Sequence[str] | None = None,
        label: object = None,
    ) -> Explainer:
        """Return what explains a fitted model.

        Parameters
        ----------
        model
            Of scikit-learn (linear models, trees, forests, gradient boosting; also in a
            ``Pipeline`` with scalers, encoders and a ``ColumnTransformer``, and the best of a
            search), LightGBM, XGBoost or CatBoost.
        background
            Rows as in training: a data frame, an Arrow table or an array. Needed by linear models,
            whose inputs are held against their means; from trees nothing is asked, as they know how
            much of the training data went each way. Where it is given, it is checked on up to 100
            of its rows that the contributions of a model of scikit-learn add up to what it says.
        columns
            Names of the model's inputs, in its order: needed where it was fitted with a bare array
            and the background has no names.
        label
            The class of which every row is explained, where there are more than two; by default
            each row's predicted one. What is watched over time is best always of the same class.

        Raises
        ------
        UsageError
            If the model is of another kind, or something is missing to explain it.
        """
        found = opened(model)
        reader = _reader(found, background, columns)

        def prepared() -> Matrix:
            if background is None:
                raise _no_background(found.kind)
            rows: Matrix = found.transform(reader.read(background))
            return rows

        source = found.source(prepared)
        output = None if label is None else _output(found, label)
        explainer = cls(found, reader, source, output)
        if background is not None and found.library == "sklearn":
            few = _first_rows(background)
            require_sums(found, reader, few, explainer.explain(few))
        return explainer

    @property
    def columns(self) -> tuple[str, ...]:
        """The model's inputs, in its order."""
        return self._reader.columns

    def __call__(self, features: Mapping[str, object]) -> dict[str, float]:
        """Return one row's contributions by input; further features are not looked at.

        Raises
        ------
        DataError
            If an input of the model is missing, or is of another kind than the model takes.
        """
        return self.explain(features).row(0)

    def explain(self, table: Any) -> Explanations:
        """Return the contributions for one row (a mapping) or a table.

        Raises
        ------
        DataError
            If an input of the model is missing, or is of another kind than the model takes.
        """
        rows = self._model.transform(self._reader.read(table))
        found = self._source.attribute(rows, self._output)
        values = found.values
        if not np.array_equal(self._places, np.arange(len(self.columns))):
            values = np.zeros((len(found.values), len(self.columns)))
            np.add.at(values.T, self._places, found.values.T)
        return Explanations(
            columns=self.columns, values=values, base=found.base, output=found.output
        )

    def explain_table(self, table: Any) -> pa.Table:
        """Return a table with a column ``explanation:<input>`` added for each input.

        It can be imported or taken as a reference as it is.

        Parameters
        ----------
        table
            A data frame or an Arrow table.
        """
        whole = nw.from_native(table, eager_only=True).to_arrow()
        taken = [name for name in whole.column_names if name.startswith(EXPLANATION)]
        if taken:
            raise DataError(f"The table has explanations already: column {taken[0]!r}.")
        added = self.explain(table).to_table()
        for name in added.column_names:
            whole = whole.append_column(name, added.column(name))
        return whole


def _first_rows(table: Any) -> Any:
    if isinstance(table, np.ndarray):
        return table[:_CHECKED_ROWS]
    return nw.from_native(table, eager_only=True).head(_CHECKED_ROWS).to_native()


def _reader(model: Opened, background: Any, columns: Sequence[str] | None) -> Reader:
    names = list(columns) if columns is not None else model.names()
    width = model.width()
    if not names and background is not None and not isinstance(background, np.ndarray):
        names = list(nw.from_native(background, eager_only=True).columns)
    if len(names) != width:
        given = f"{len(names)} were given" if names else "it does not know their names"
        message = (
            f"This {model.kind} takes {width} columns, and {given}. Name them in the model's order:"
            " Explainer.of(model, columns=[...])."
        )
        raise UsageError(message)
    types = _types(background) if model.wants_frame else {}
    if model.has_categories and not types:
        message = (
            f"This {model.kind} was fitted with columns of categories. Give a frame of pandas with"
            " them, as in training: Explainer.of(model, background=frame)."
        )
        raise UsageError(message)
    return Reader(
        columns=tuple(map(str, names)),
        as_frame=model.wants_frame,
        as_numbers=not model.steps,
        types={name: kind for name, kind in types.items() if name in set(names)},
    )


def _types(background: Any) -> dict[str, Any]:
    """Return the types of a frame of pandas, but for plain numbers; none of anything else."""
    if not hasattr(background, "iloc"):
        return {}
    return {str(name): kind for name, kind in background.dtypes.items() if kind.kind == "O"}


def _output(model: Opened, label: object) -> int:
    classes = list(model.classes())
    if len(classes) <= 2:
        message = (
            f"label= chooses among the classes of a classifier of more than two; this {model.kind}"
            f" names {len(classes)}. Leave label= out."
        )
        raise UsageError(message)
    if label not in classes:
        valid = nearest(str(label), map(str, classes))
        message = f"The model knows no class {label!r}.{valid}"
        raise UsageError(message)
    return classes.index(label)


def _no_background(kind: str) -> UsageError:
    return UsageError(
        f"A {kind} is explained against the means of its inputs, which it does not know. Give rows"
        " as in training: Explainer.of(model, background=table)."
    )
