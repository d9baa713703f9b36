"""How large a change is, in one phrase: in the units of the column wherever there are any."""

from __future__ import annotations

from watchkeeper.report.wording import NOTHING, name, number, ratio
from watchkeeper.watch import StreamEvidence

_NOTABLE_RATIO = 0.02
_NOTABLE_SHIFT_SD = 0.02
_TELLING_SHIFT_SD = 0.3


def before(stream: StreamEvidence) -> str:
    """Say what the baseline expected of what changed most."""
    return _sides(stream)[1]


def after(stream: StreamEvidence) -> str:
    """Say what the incident's buckets showed of what changed most."""
    return _sides(stream)[2]


def subject(stream: StreamEvidence) -> str:
    """Name what ``before`` and ``after`` measure: the mean, the nulls or the share of a value."""
    return _sides(stream)[0]


def phrase(stream: StreamEvidence) -> str:
    """Say the change in one phrase, for example ``mean 12.1 → 34.5 (+1.2 sd)``."""
    shift = stream.effect.shift_sd
    if stream.aspect == "relation" and abs(shift or 0.0) < _TELLING_SHIFT_SD:
        return "no longer follows other columns"
    what, old, new = _sides(stream)
    if old == NOTHING:
        return f"PSI {number(stream.effect.psi)}"
    size = f" ({number(shift, signed=True)} sd)" if what == "mean" and shift is not None else ""
    return f"{what} {old} → {new}{size}"


def _sides(stream: StreamEvidence) -> tuple[str, str, str]:
    effect = stream.effect
    nulls = abs(effect.after_null_ratio - effect.before_null_ratio)
    shift = abs(effect.shift_sd or 0.0)
    if nulls > _NOTABLE_RATIO and nulls > shift * _TELLING_SHIFT_SD:
        return "nulls", ratio(effect.before_null_ratio), ratio(effect.after_null_ratio)
    if effect.unseen_ratio > _NOTABLE_RATIO and effect.unseen_ratio > shift * _TELLING_SHIFT_SD:
        return "unseen values", ratio(0.0), ratio(effect.unseen_ratio)
    still = stream.aspect == "shape" and shift < _NOTABLE_SHIFT_SD
    if effect.before_mean is not None and effect.after_mean is not None and not still:
        measure = "rows" if stream.aspect == "volume" else "mean"
        return measure, number(effect.before_mean), number(effect.after_mean)
    if effect.most_changed:
        change = effect.most_changed[0]
        value = f"share of {name(change.value, longest=24)}"
        return value, ratio(change.before_ratio), ratio(change.after_ratio)
    return "distribution", NOTHING, NOTHING
