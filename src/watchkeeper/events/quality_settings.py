"""How the quality of a model's predictions is measured, as people set it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from watchkeeper.errors import nearest
from watchkeeper.events.setting_fault import SettingFault

_Path = tuple[str | int, ...]


class QualitySettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What a model predicts, and by what its predictions are measured once their labels come.

    Attributes
    ----------
    task
        What is predicted: binary, multiclass, multilabel, regression or ranking. Left out: told by
        the outputs and labels.
    positive
        The class that a binary model looks for, as labels name it. Left out: true, 1 or yes if
        there is one, else the later of the two in order of the alphabet.
    threshold
        A probability at or above it counts as the positive class, from 0 to 1. Left out: 0.5.
    beta
        How many times as important recall is as precision in F-beta. Left out: 1.
    metrics
        Names of the metrics to show. Left out: the usual ones of the task.
    cost_matrix
        What a prediction costs: a row for each true class with a cost for each predicted class, in
        order of the classes' names, negative where it is a gain; binary models have the positive
        class last.
    cost_unit
        Unit of the cost matrix, such as EUR.
    quantile
        Which quantile a regression predicts, above 0 and below 1; for the pinball loss.
    horizon
        Feature or tag that tells how many steps ahead a forecast looks.
    protected
        Features or tags whose groups are compared for fairness.
    loss
        What is watched for concept drift: error, label_error, brier, log_loss, absolute_error or
        cost. Left out: the cost if there is a cost matrix, the Brier score for probabilities,
        errors for classes, wrong labels for several labels, the absolute error for numbers.
    tolerance
        A rise of the watched loss by less than this, in its own unit, is no drift. Left out: 0.
    gains
        How relevant each kind of feedback makes an item of a ranked list, other kinds not at all.
        Left out: every kind 1, apart from impression, skip, dislike and hide.
    top_k
        How many places of a ranked list are looked at. Left out: 10.
    catalogue
        How many items could be in a ranked list, for the share that was.
    outliers
        Whether each prediction that arrives is scored for how odd it is. Left out: true.
    """

    task: Literal["binary", "multiclass", "multilabel", "regression", "ranking"] | None = None
    positive: Annotated[str, Meta(extra_json_schema={"examples": ["fraud"]})] | None = None
    threshold: float = 0.5
    beta: float = 1.0
    metrics: tuple[str, ...] = ()
    cost_matrix: tuple[tuple[float, ...], ...] | None = None
    cost_unit: Annotated[str, Meta(extra_json_schema={"examples": ["EUR"]})] | None = None
    quantile: float | None = None
    horizon: Annotated[str, Meta(extra_json_schema={"examples": ["days_ahead"]})] | None = None
    protected: tuple[str, ...] = ()
    loss: Literal["error", "label_error", "brier", "log_loss", "absolute_error", "cost"] | None = (
        None
    )
    tolerance: float = 0.0
    gains: Annotated[
        dict[str, float], Meta(extra_json_schema={"examples": [{"click": 1, "purchase": 3}]})
    ] = {}
    top_k: int = 10
    catalogue: int | None = None
    outliers: bool = True


def quality_faults(quality: QualitySettings, known: Collection[str]) -> list[SettingFault]:
    """Return what cannot be put in force.

    Parameters
    ----------
    known
        Names of all metrics.
    """
    return [
        SettingFault(where=("quality", *path), reason=reason)
        for path, reason in (*_number_faults(quality), *_name_faults(quality, known))
    ]


def _number_faults(quality: QualitySettings) -> Iterator[tuple[_Path, str]]:
    if not 0 <= quality.threshold <= 1:
        yield ("threshold",), f"is {quality.threshold:g}; write a probability, 0 to 1"
    if not 0 < quality.beta < math.inf:
        yield ("beta",), f"is {quality.beta:g}; write a number above 0"
    if quality.quantile is not None and not 0 < quality.quantile < 1:
        yield ("quantile",), f"is {quality.quantile:g}; write a share above 0 and below 1"
    if not 0 <= quality.tolerance < math.inf:
        yield ("tolerance",), f"is {quality.tolerance:g}; write a number, 0 or more"
    if quality.loss == "cost" and quality.cost_matrix is None:
        yield ("loss",), "is 'cost', and there is no cost_matrix; write one, or another loss"
    if quality.top_k < 1:
        yield ("top_k",), f"is {quality.top_k}; write 1 or more places"
    if quality.catalogue is not None and quality.catalogue < 1:
        yield ("catalogue",), f"is {quality.catalogue}; write 1 or more items"
    for kind, gain in quality.gains.items():
        if not 0 <= gain < math.inf:
            yield ("gains", kind), f"is {gain:g}; write a number, 0 or more"
    for at, row in enumerate(quality.cost_matrix or ()):
        if len(row) != len(quality.cost_matrix or ()):
            size = len(quality.cost_matrix or ())
            yield ("cost_matrix", at), f"has {len(row)} costs; write {size}, one for each class"
        elif not all(map(math.isfinite, row)):
            yield ("cost_matrix", at), "has a cost that is no finite number"
    if quality.cost_matrix is not None and len(quality.cost_matrix) < 2:
        yield ("cost_matrix",), "has fewer than 2 rows; write one for each true class"


def _name_faults(quality: QualitySettings, known: Collection[str]) -> Iterator[tuple[_Path, str]]:
    for at, name in enumerate(quality.metrics):
        if name not in known:
            yield ("metrics", at), f"is {name!r}, which is no metric.{nearest(name, known)}"
