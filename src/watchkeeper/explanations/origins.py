"""From which input column each column comes that a pipeline's transformers made."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import UsageError

Places = NDArray[np.intp]

_ONE_TO_ONE = frozenset(
    {
        "Binarizer",
        "MaxAbsScaler",
        "MinMaxScaler",
        "OrdinalEncoder",
        "PowerTransformer",
        "QuantileTransformer",
        "RobustScaler",
        "StandardScaler",
        "TargetEncoder",
    }
)


def origins(transformer: Any, inputs: Places, *, made: int | None = None) -> Places:
    """Return the input column of each column that a fitted transformer gives.

    Parameters
    ----------
    transformer
        Of scikit-learn; ``"passthrough"`` and ``None`` change nothing.
    inputs
        The input column of each column that it takes.
    made
        How many columns it gives, where that is known; else it is asked.

    Raises
    ------
    UsageError
        If it mixes columns, or is of a kind whose columns are not known.
    """
    if transformer is None or isinstance(transformer, str):
        return inputs[:0] if transformer == "drop" else inputs
    kind = type(transformer).__name__
    if kind == "Pipeline":
        for _, step in transformer.steps:
            inputs = origins(step, inputs)
        return inputs
    if kind == "ColumnTransformer":
        return _side_by_side(transformer, inputs)
    if len(set(inputs.tolist())) == 1:  # whatever it does, it does it to one column
        count = len(transformer.get_feature_names_out()) if made is None else made
        return np.repeat(inputs[:1], count)
    if hasattr(transformer, "get_support"):
        kept: Places = inputs[transformer.get_support(indices=True)]
        return kept
    if kind == "SimpleImputer":
        return _imputed(transformer, inputs)
    return np.repeat(inputs, _counts(transformer, kind, len(inputs)))


def _side_by_side(transformer: Any, inputs: Places) -> Places:
    names = list(getattr(transformer, "feature_names_in_", []))
    widths = [at.stop for at in transformer.output_indices_.values()]
    found = np.zeros(max(widths, default=0), np.intp)
    for name, step, columns in transformer.transformers_:
        at = transformer.output_indices_[name]
        if at.stop > at.start:
            chosen = inputs[_chosen(columns, names, len(inputs))]
            found[at] = origins(step, chosen, made=at.stop - at.start)
    return found


def _chosen(columns: Any, names: list[str], width: int) -> Places:
    """Return the places of columns given as scikit-learn takes them: names, places, a mask."""
    if isinstance(columns, slice) and isinstance(columns.start or columns.stop, str):
        first = 0 if columns.start is None else names.index(columns.start)
        last = width if columns.stop is None else names.index(columns.stop) + 1
        return np.arange(width)[first : last : columns.step]
    if isinstance(columns, str):
        return np.array([names.index(columns)], np.intp)
    if isinstance(columns, slice | int):
        return np.atleast_1d(np.arange(width)[columns])
    listed = list(columns)
    if listed and isinstance(listed[0], str):
        return np.array([names.index(name) for name in listed], np.intp)
    chosen: Places = np.arange(width)[np.array(listed, bool if _is_mask(listed) else np.intp)]
    return chosen


def _is_mask(listed: list[Any]) -> bool:
    return bool(listed) and isinstance(listed[0], bool | np.bool_)


def _imputed(transformer: Any, inputs: Places) -> Places:
    statistics = np.asarray(transformer.statistics_, object)
    empty = np.array([value != value for value in statistics], bool)  # NaN: nothing was known
    kept = inputs if transformer.keep_empty_features else inputs[~empty]
    if transformer.indicator_ is None:
        return kept
    return np.concatenate([kept, inputs[transformer.indicator_.features_]])


def _counts(transformer: Any, kind: str, width: int) -> Places:
    """Return how many columns a transformer makes of each."""
    if kind in _ONE_TO_ONE:
        counts = np.ones(width, np.intp)
    elif kind == "FunctionTransformer" and _keeps_columns(transformer):
        return np.ones(width, np.intp)
    elif kind == "OneHotEncoder":
        counts = _encoded(transformer)
    elif kind == "KBinsDiscretizer":
        is_ordinal = transformer.encode == "ordinal"
        counts = np.ones(width, np.intp) if is_ordinal else np.asarray(transformer.n_bins_, np.intp)
    elif kind == "SplineTransformer":
        counts = np.full(width, transformer.n_features_out_ // width)
    else:
        raise _unknown(kind)
    if int(counts.sum()) != len(transformer.get_feature_names_out()):
        raise _unknown(kind)
    return counts


def _keeps_columns(transformer: Any) -> bool:
    """Return whether a function is said to make one column of each, or is a mere check."""
    checked = getattr(transformer.func, "func", None)  # of a partial
    return (
        transformer.func is None
        or transformer.feature_names_out == "one-to-one"
        or getattr(checked, "__module__", "") == "sklearn.utils.validation"
    )


def _encoded(encoder: Any) -> Places:
    counts = np.array([len(categories) for categories in encoder.categories_], np.intp)
    rare = getattr(encoder, "infrequent_categories_", None) or [None] * len(counts)
    counts -= [0 if names is None else len(names) - 1 for names in rare]
    if encoder.drop_idx_ is not None:
        counts -= [0 if place is None else 1 for place in encoder.drop_idx_]
    return counts


def _unknown(kind: str) -> UsageError:
    return UsageError(
        f"The pipeline's {kind} may mix columns, so contributions cannot be given back to single"
        " inputs. Known are scalers, encoders, SimpleImputer, selections of columns, and any"
        " transformer of one column, in Pipeline and ColumnTransformer. Explain the model behind"
        f" the {kind}, on its columns, or give the SHAP values of another tool."
    )
