"""Which task a model has, told by its outputs and labels unless its owner says."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from watchkeeper.events import QualitySettings
from watchkeeper.metrics.quality import Task
from watchkeeper.pipeline.quality.seen import Seen, Values

Source: TypeAlias = Literal["output", "probabilities", "class"]
"""Where the prediction stands: a number, probabilities by class, or a class."""

_POSITIVE = ("true", "1", "yes", "y", "positive", "pos")


class TaskPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How labelled predictions become arrays.

    Attributes
    ----------
    positive
        Name of the positive class of a binary task, ``None`` for others.
    cost_classes
        The classes that the rows of the cost matrix stand for, in their order; empty without a
        matrix, or if it has not as many rows as there are classes.
    """

    task: Task
    source: Source
    positive: str | None = None
    cost_classes: tuple[str, ...] = ()


class Untold(msgspec.Struct, frozen=True, kw_only=True):
    """Why outputs and labels do not go together, as a sentence."""

    reason: str


def task_of(seen: Seen, settings: QualitySettings) -> TaskPlan | Untold:
    """Return the task of a model, from what was seen of it.

    A number is a regression; a number from 0 to 1 with labels that are true or false (or 1 or 0,
    or of two classes) is the probability of a binary task; probabilities by class are binary for
    two classes, else multiclass; a text is a class. Where labels are lists of texts, these are the
    labels that apply, and so are lists as outputs; else these are ranked items.
    """
    plan = _task_of(seen, settings)
    if isinstance(plan, Untold) or settings.cost_matrix is None:
        return plan
    names = classes_of(seen, plan)
    fits = len(names) == len(settings.cost_matrix)
    return msgspec.structs.replace(plan, cost_classes=names if fits else ())


def classes_of(seen: Seen, plan: TaskPlan) -> tuple[str, ...]:
    """Return the names of the classes in the order of a cost matrix, as far as they are known.

    A binary task has two whatever was seen, the positive one last.
    """
    if plan.task == "binary":
        return "", plan.positive or ""
    if plan.task != "multiclass":
        return ()
    flags = {"false", "true"} if "boolean" in (seen.output.kind, seen.label.kind) else set()
    return tuple(sorted({*seen.probabilities, *seen.output.classes, *seen.label.classes, *flags}))


def _task_of(seen: Seen, settings: QualitySettings) -> TaskPlan | Untold:
    output, label = seen.output, seen.label
    wanted = settings.task
    if wanted == "multilabel" or (wanted is None and label.kind == "texts"):
        return _multilabel(seen)
    if label.kind == "texts" and wanted != "ranking":
        return Untold(reason=f"Labels are lists of texts, which is no {wanted} task.")
    if output.kind == "texts":
        if wanted not in (None, "ranking"):
            return Untold(reason=f"Outputs are lists of items, which is no {wanted} task.")
        return TaskPlan(task="ranking", source="output")
    if wanted == "ranking":
        return Untold(reason="Outputs are no lists of items; for a ranking task they must be.")
    if label.kind is None:
        return Untold(reason="No prediction has a label yet.")
    if seen.probabilities:
        return _by_probabilities(seen, settings)
    if output.kind is None:
        return Untold(reason="The predictions with a label have no output.")
    if output.kind == "number" and wanted not in ("binary", "multiclass"):
        is_binary = output.is_probability and _is_binary(label)
        if not is_binary or wanted == "regression":
            return _regression(label)
    if output.kind == "number" and wanted != "multiclass":
        return _probability(output, label, settings)
    classes = _classes(output) | _classes(label)
    positive = settings.positive or _positive(classes)
    if wanted == "binary" or (wanted is None and positive and len(classes) <= 2):
        if positive is None:
            return Untold(reason="Which class is the positive one? Set quality.positive.")
        return TaskPlan(task="binary", source="class", positive=positive)
    return TaskPlan(task="multiclass", source="class")


def _multilabel(seen: Seen) -> TaskPlan | Untold:
    output, label = seen.output, seen.label
    if label.kind is None:
        return Untold(reason="No prediction has a label yet.")
    if label.kind not in ("texts", "text"):
        return Untold(
            reason=f"A multilabel task needs lists of texts as labels, and there is a {label.kind}."
        )
    if seen.probabilities:
        return TaskPlan(task="multilabel", source="probabilities")
    if output.kind in ("texts", "text"):
        return TaskPlan(task="multilabel", source="class")
    if output.kind is None:
        return Untold(reason="The predictions with a label have no output.")
    return Untold(
        reason="Labels are lists of texts, so outputs must be probabilities by label, or lists of"
        f" labels; there is a {output.kind}."
    )


def _regression(label: Values) -> TaskPlan | Untold:
    if label.kind in ("number", "boolean"):
        return TaskPlan(task="regression", source="output")
    return Untold(reason="Outputs are numbers and labels are texts; set quality.task.")


def _probability(output: Values, label: Values, settings: QualitySettings) -> TaskPlan | Untold:
    if not output.is_probability:
        return Untold(
            reason=f"A binary model's output must be a probability, 0 to 1; there are"
            f" {output.low:g} to {output.high:g}."
        )
    classes = _classes(label)
    positive = settings.positive or _positive(classes) or max(classes, default=None)
    return TaskPlan(task="binary", source="output", positive=positive)


def _by_probabilities(seen: Seen, settings: QualitySettings) -> TaskPlan:
    classes = {*seen.probabilities, *(_classes(seen.label) if seen.label.kind == "text" else ())}
    is_binary = len(seen.probabilities) == 1 or len(classes) == 2
    if settings.task == "binary" or (settings.task is None and is_binary):
        positive = settings.positive or _positive(set(seen.probabilities))
        if positive is None:
            positive = max(seen.probabilities)
        return TaskPlan(task="binary", source="probabilities", positive=positive)
    return TaskPlan(task="multiclass", source="probabilities")


def _is_binary(label: Values) -> bool:
    if label.kind == "text":
        return len(label.classes) <= 2
    return label.kind == "boolean" or (label.kind == "number" and label.is_flag)


def _classes(values: Values) -> set[str]:
    if values.kind == "boolean" or (values.kind == "number" and values.is_flag):
        return {"false", "true"} if values.kind == "boolean" else {"0", "1"}
    return set(values.classes) if values.kind == "text" else set()


def _positive(classes: set[str]) -> str | None:
    """Return the class whose name says that it is the positive one."""
    lower = {name.lower(): name for name in sorted(classes)}
    return next((lower[name] for name in _POSITIVE if name in lower), None)
