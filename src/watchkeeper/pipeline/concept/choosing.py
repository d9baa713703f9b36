"""Which loss of a model is watched, and between which values it lies."""

from __future__ import annotations

from watchkeeper.events import QualitySettings
from watchkeeper.pipeline.quality.task import TaskPlan, Untold
from watchkeeper.watch.concept import LARGEST_LOG_LOSS, RiskPlan, WatchedLoss

_FITTING: dict[str, tuple[WatchedLoss, ...]] = {
    "probability": ("error", "brier", "log_loss", "cost"),
    "class": ("error", "cost"),
    "labels": ("label_error", "error"),
    "number": ("absolute_error",),
}


def loss_of(task: TaskPlan, settings: QualitySettings) -> WatchedLoss | Untold:
    """Return the loss to watch, or a sentence that says why there is none."""
    if task.task not in ("binary", "multiclass", "multilabel", "regression"):
        return Untold(reason=f"A loss of single predictions is not known for {task.task} tasks.")
    kind = "number" if task.task == "regression" else "probability"
    if task.task == "multilabel":
        kind = "labels"
    elif task.source == "class":
        kind = "class"
    fitting = [one for one in _FITTING[kind] if one != "cost" or task.cost_classes]
    if settings.loss is not None:
        if settings.loss in fitting:
            return settings.loss
        known = ", ".join(fitting)
        reason = f"The loss {settings.loss} does not fit what the model answers; {known} would."
        return Untold(reason=reason)
    if "cost" in fitting:
        return "cost"
    usual: dict[str, WatchedLoss] = {
        "number": "absolute_error",
        "class": "error",
        "labels": "label_error",
    }
    return usual.get(kind, "brier")


def risk_plan(
    loss: WatchedLoss,
    settings: QualitySettings,
    *,
    false_alarm_buckets: float,
    reference_buckets: float,
    rows_a_bucket: float,
) -> RiskPlan:
    """Return by what the loss is watched."""
    low, high = _ends(loss, settings)
    return RiskPlan(
        loss=loss,
        low=low,
        high=high,
        tolerance=settings.tolerance,
        false_alarm_buckets=float(false_alarm_buckets),
        reference_buckets=float(max(reference_buckets, 1.0)),
        rows_a_bucket=float(rows_a_bucket),
    )


def _ends(loss: WatchedLoss, settings: QualitySettings) -> tuple[float, float | None]:
    if loss == "absolute_error":
        return 0.0, None  # by the reference
    if loss == "log_loss":
        return 0.0, LARGEST_LOG_LOSS
    if loss != "cost" or settings.cost_matrix is None:
        return 0.0, 1.0
    costs = [cost for row in settings.cost_matrix for cost in row]
    low, high = min(costs), max(costs)
    return low, high if high > low else low + 1.0
