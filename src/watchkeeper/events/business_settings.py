"""Business metrics, as people declare them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from watchkeeper.events.setting_fault import SettingFault

ReadyMade: TypeAlias = Literal[
    "click_through", "conversion", "listen_through", "retention", "revenue", "viewing_hours"
]


class BusinessMetric(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One business metric: a ready-made one, or a query that gives numerators and denominators.

    Attributes
    ----------
    name
        What it is called.
    ready
        Which ready-made one it is: click_through, conversion, listen_through, retention, revenue
        or viewing_hours.
    sql
        A query over predictions, outcomes and feedback that gives the columns time, entity,
        numerator and denominator; version and variant too, where it is told apart by them.
    unit
        Unit of the ratio, such as EUR. Left out: the ready-made metric's own, or none.
    counts
        What the numerator counts, such as clicks or EUR. Left out: the ready-made metric's own,
        or none.
    better
        Whether higher or lower is better. Left out: higher.
    tolerance
        A fall (or a rise, where lower is better) by less than this part of the usual value is no
        incident. Left out: 0.03.
    watched
        Whether a fall beyond the tolerance opens an incident. Left out: true.
    """

    name: Annotated[str, Meta(min_length=1, extra_json_schema={"examples": ["finished_plays"]})]
    ready: ReadyMade | None = None
    sql: str | None = None
    unit: Annotated[str, Meta(extra_json_schema={"examples": ["EUR"]})] | None = None
    counts: Annotated[str, Meta(extra_json_schema={"examples": ["clicks"]})] | None = None
    better: Literal["higher", "lower"] = "higher"
    tolerance: float = 0.03
    watched: bool = True


def business_faults(metrics: Sequence[BusinessMetric]) -> list[SettingFault]:
    """Return what cannot be put in force: two of one name, no way to compute it, or two."""
    faults, names = [], set[str]()
    for at, metric in enumerate(metrics):
        if metric.name in names:
            reason = f"is {metric.name!r}, as another is; give each metric a name of its own"
            faults.append(SettingFault(where=("business", at, "name"), reason=reason))
        names.add(metric.name)
        if (metric.ready is None) == (metric.sql is None):
            reason = f"{metric.name!r} must have either ready or sql"
            faults.append(SettingFault(where=("business", at), reason=reason))
        if not 0 <= metric.tolerance < 1:
            reason = f"is {metric.tolerance:g}; write a part of the usual value, from 0 to below 1"
            faults.append(SettingFault(where=("business", at, "tolerance"), reason=reason))
    return faults
