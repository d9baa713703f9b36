"""Rows in the shape in which a model takes them."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import numpy as np

from watchkeeper.errors import DataError, MissingExtraError, nearest
from watchkeeper.explanations.attributed import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads the columns that a model takes, in its order.

    Attributes
    ----------
    columns
        Their names.
    as_frame
        Whether the model takes a data frame with these names, or a matrix.
    as_numbers
        Whether all of a matrix must be numbers.
    types
        Column types of the background where it was a frame of pandas, so that categories of one
        row are told as the model knows them.
    """

    columns: tuple[str, ...]
    as_frame: bool
    as_numbers: bool
    types: Mapping[str, Any] = field(default_factory=dict)

    def read(self, table: Any) -> Any:
        """Return one row (a mapping) or a table as the model takes it."""
        return self.frame(table) if self.as_frame else self.matrix(table)

    def matrix(self, table: Any) -> Any:
        """Return rows as an array of shape ``(rows, columns)``; a number not given is NaN."""
        if isinstance(table, np.ndarray):
            return self._checked(table)
        if isinstance(table, Mapping):
            self._require(table.keys())
            columns = [np.array([table[name]], object) for name in self.columns]
        else:
            frame = nw.from_native(table, eager_only=True)
            self._require(frame.columns)
            columns = [frame[name].to_numpy() for name in self.columns]
        pairs = zip(self.columns, columns, strict=True)
        if self.as_numbers or not any(_has_text(column) for column in columns):
            return np.column_stack([_numbers(name, column) for name, column in pairs])
        return np.column_stack([column.astype(object) for column in columns])

    def frame(self, table: Any) -> Any:
        """Return rows as a frame of pandas or polars, whichever is there."""
        if isinstance(table, np.ndarray):
            checked = self._checked(table)
            table = {name: checked[:, place] for place, name in enumerate(self.columns)}
        elif isinstance(table, Mapping):
            self._require(table.keys())
            table = {name: [self._value(name, table[name])] for name in self.columns}
        else:
            whole = nw.from_native(table, eager_only=True)
            self._require(whole.columns)
            frame = whole.select(*self.columns)
            if frame.implementation.is_pandas():
                return frame.to_native().astype(dict(self.types))
            if not (self.types or frame.implementation.is_pyarrow()):
                return frame.to_native()
            table = frame.to_dict(as_series=False)
        made = frame_library().DataFrame(table)
        return made.astype(dict(self.types)) if self.types else made

    def _value(self, name: str, value: object) -> object:
        """Return what stands in a frame: a number that is not known is NaN to pandas."""
        is_number = bool(self.types) and name not in self.types
        return np.nan if value is None and is_number else value

    def _checked(self, array: Any) -> Any:
        if array.ndim != 2 or array.shape[1] != len(self.columns):
            message = (
                f"Expected an array of shape (rows, {len(self.columns)}), one column for each of"
                f" the model's, and got {array.shape}."
            )
            raise DataError(message)
        return np.asarray(array, float) if self.as_numbers else array

    def _require(self, given: Any) -> None:
        names = set(given)
        for name in self.columns:
            if name not in names:
                message = (
                    f"Column {name!r} is missing: the model was fitted with it, so it cannot be"
                    f" explained without.{nearest(name, map(str, names))}"
                )
                raise DataError(message)


def frame_library() -> Any:
    """Return pandas, or polars where there is no pandas."""
    for name in ("pandas", "polars"):
        if importlib.util.find_spec(name) is not None:
            return importlib.import_module(name)
    message = (
        "This model was fitted with a data frame and takes its columns by name. Install pandas or"
        " polars in this process, as the model's own predictions need it too."
    )
    raise MissingExtraError(message)


def _has_text(column: Any) -> bool:
    return column.dtype.kind in "OUST" and any(isinstance(value, str) for value in column)


def _numbers(name: str, column: Any) -> Matrix:
    try:
        if column.dtype.kind not in "mM" and not _has_text(column):
            return np.asarray(column, float)
    except (TypeError, ValueError):
        pass  # said below
    shown = column[0] if len(column) else column.dtype
    message = (
        f"Column {name!r} must hold numbers, as this model takes them; it holds {shown!r}. Give the"
        " columns as the model gets them, or explain the whole pipeline with its encoders."
    )
    raise DataError(message)
