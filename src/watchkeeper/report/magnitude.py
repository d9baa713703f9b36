"""How large a change is, in one phrase: in the units of the column wherever there are any."""

from __future__ import annotations

from watchkeeper.report.wording import NOTHING, name, number, ratio
from watchkeeper.watch import Effect, StreamEvidence

_NOTABLE_RATIO = 0.02


def before(stream: StreamEvidence) -> str:
    """Say what the baseline expected of what changed most."""
    return _sides(stream.effect)[1]


def after(stream: StreamEvidence) -> str:
    """Say what the incident's buckets showed of what changed most."""
    return _sides(stream.effect)[2]


def subject(stream: StreamEvidence) -> str:
    """Name what ``before`` and ``after`` measure: the mean, the nulls or the share of a value."""
    return _sides(stream.effect)[0]


def phrase(stream: StreamEvidence) -> str:
    """Say the change in one phrase, for example ``mean 12.1 → 34.5 (+1.2 sd)``."""
    what, old, new = _sides(stream.effect)
    if old == NOTHING:
        return f"PSI {number(stream.effect.psi)}"
    shift = stream.effect.shift_sd
    size = f" ({number(shift, signed=True)} sd)" if what == "mean" and shift is not None else ""
    return f"{what} {old} → {new}{size}"


def _sides(effect: Effect) -> tuple[str, str, str]:
    nulls = abs(effect.after_null_ratio - effect.before_null_ratio)
    shift = abs(effect.shift_sd) if effect.shift_sd is not None else 0.0
    if nulls > _NOTABLE_RATIO and nulls > shift / 4:
        return "nulls", ratio(effect.before_null_ratio), ratio(effect.after_null_ratio)
    if effect.unseen_ratio > max(_NOTABLE_RATIO, shift / 4):
        return "unseen values", ratio(0.0), ratio(effect.unseen_ratio)
    if effect.before_mean is not None and effect.after_mean is not None:
        return "mean", number(effect.before_mean), number(effect.after_mean)
    if effect.most_changed:
        change = effect.most_changed[0]
        value = f"share of {name(change.value, longest=24)}"
        return value, ratio(change.before_ratio), ratio(change.after_ratio)
    return "distribution", NOTHING, NOTHING
