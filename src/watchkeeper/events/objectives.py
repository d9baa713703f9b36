"""Service objectives, as people set them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from watchkeeper.errors import SettingsError
from watchkeeper.events.durations import parse_duration
from watchkeeper.events.setting_fault import SettingFault

_SHORTEST, _LONGEST = timedelta(days=1), timedelta(days=90)


class ObjectiveSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A share of predictions that must be good over a window.

    Attributes
    ----------
    kind
        What makes a prediction good: availability, that it has no error; latency, that it took no
        longer than `threshold_seconds`.
    target
        Share of the predictions that must be good, above 0 and below 1.
    threshold_seconds
        The longest that a good prediction takes; for a latency only.
    window
        Time over which the target holds, from 1d to 90d. Left out: 30d.
    name
        What people call it, unlike the others'. Left out: the kind.
    """

    kind: Literal["availability", "latency"]
    target: Annotated[float, Meta(extra_json_schema={"examples": [0.999]})]
    threshold_seconds: Annotated[float, Meta(extra_json_schema={"examples": [0.25]})] | None = None
    window: Annotated[str, Meta(extra_json_schema={"examples": ["30d"]})] = "30d"
    name: Annotated[str, Meta(extra_json_schema={"examples": ["fast enough"]})] | None = None

    @property
    def label(self) -> str:
        """Its name, or its kind if it has none."""
        return self.name or self.kind


def objective_faults(objectives: Sequence[ObjectiveSettings]) -> list[SettingFault]:
    """Return what cannot be put in force."""
    names = Counter(objective.label for objective in objectives)
    found: list[SettingFault] = []
    for at, objective in enumerate(objectives):
        for field, reason in _faults(objective):
            found.append(SettingFault(where=("objectives", at, field), reason=reason))
        if names[objective.label] > 1:
            reason = f"is {objective.label!r}, as another one's; give each a name of its own"
            found.append(SettingFault(where=("objectives", at, "name"), reason=reason))
    return found


def _faults(objective: ObjectiveSettings) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if not 0 < objective.target < 1:
        reason = f"is {objective.target:g}; write a share above 0 and below 1, such as 0.999"
        found.append(("target", reason))
    threshold = objective.threshold_seconds
    if objective.kind == "latency" and threshold is None:
        found.append(("threshold_seconds", "is missing; a latency needs it"))
    if objective.kind == "availability" and threshold is not None:
        found.append(("threshold_seconds", "is of no use for an availability; leave it out"))
    if threshold is not None and not 0 < threshold < math.inf:
        found.append(("threshold_seconds", f"is {threshold:g}; write seconds above 0"))
    if objective.name is not None and not objective.name.strip():
        found.append(("name", "is empty; write one, or leave it out"))
    try:
        is_in_range = _SHORTEST <= parse_duration(objective.window) <= _LONGEST
    except (SettingsError, OverflowError):
        is_in_range = False
    if not is_in_range:
        found.append(("window", f"is {objective.window!r}; write 1d to 90d"))
    return found
