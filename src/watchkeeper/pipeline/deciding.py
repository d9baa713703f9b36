"""Decisions about incidents: what may be decided of which, and why not."""

from __future__ import annotations

from datetime import datetime

from watchkeeper.errors import SettingsError
from watchkeeper.pipeline.concept.telling import OBJECTIVE
from watchkeeper.pipeline.incident_list import IncidentSummary, find_tracked
from watchkeeper.pipeline.outliers import OUTLIERS
from watchkeeper.store import Decision, DecisionKind, IncidentKey, Store

_LONGEST_REASON = 2_000
_NEEDS_REASON: tuple[DecisionKind, ...] = ("mute", "adopt")
_LONGEST_MUTE_DAYS = 3_660


def find_incident(store: Store, text: str, *, now: datetime) -> IncidentSummary:
    """Return the incident of an id.

    Raises
    ------
    DataError
        If it is no id, or there is no such incident; the nearest is named.
    """
    summary, _ = find_tracked(store, IncidentKey.parse(text), now=now)
    return summary


def decide(
    store: Store,
    key: IncidentKey,
    kind: DecisionKind,
    *,
    reason: str,
    actor: str,
    now: datetime,
    until: datetime | None = None,
) -> Decision:
    """Keep a decision about an incident, durable and audited when this returns.

    Parameters
    ----------
    until
        End of a mute; without, it has none.

    Raises
    ------
    DataError
        If there is no such incident.
    SettingsError
        If the decision cannot be made about it; the message says what can.
    """
    incident = find_incident(store, str(key), now=now)
    _check_reason(kind, reason)
    if until is not None:
        _check_until(kind, until, now)
    if kind == "unmute" and incident.muted is None:
        raise SettingsError(f"incident {incident.id} is not muted; there is nothing to unmute")
    if kind == "adopt" and incident.adopted is None:
        _check_adoptable(store, key, incident)
    return store.decisions.record(
        key, kind, reason=reason.strip(), actor=actor, now=now, until=until
    )


def _check_reason(kind: DecisionKind, reason: str) -> None:
    if kind in _NEEDS_REASON and not reason.strip():
        raise SettingsError(
            f"reason: expected why, for those who come after; to {kind} an incident needs one"
        )
    if len(reason) > _LONGEST_REASON:
        raise SettingsError(
            f"reason: expected at most {_LONGEST_REASON:,} characters, got {len(reason):,}"
        )


def _check_until(kind: DecisionKind, until: datetime, now: datetime) -> None:
    if kind != "mute":
        raise SettingsError(f"until: only a mute has an end; leave it out to {kind} an incident")
    if until <= now:
        raise SettingsError(f"until: expected a time to come, got {until.isoformat()}")
    if (until - now).days > _LONGEST_MUTE_DAYS:
        raise SettingsError(
            f"until: expected a time within ten years, got {until.isoformat()}; leave it out to"
            " mute without an end"
        )


def _check_adoptable(store: Store, key: IncidentKey, incident: IncidentSummary) -> None:
    name = f"incident {incident.id}"
    if incident.source in {"objective", "cost"}:
        raise SettingsError(
            f"{name} is about the objective {incident.what[0]!r}, which does not follow what"
            " happens; change it in watchkeeper.yaml and put it in force with: watchkeeper apply"
            f" {store.folder} --config watchkeeper.yaml"
        )
    if incident.source == "quality":
        _check_quality_adoptable(name, incident)
        return
    anew = f"watchkeeper baseline {store.folder} --model {incident.model} --until TIME"
    if incident.source == "rule":
        raise SettingsError(
            f"{name} tells of a broken rule: types, limits and whether rows come at all belong to"
            f" the baseline. If it is to stay so, set a new one with: {anew}"
        )
    if not incident.is_open:
        raise SettingsError(f"{name} has ended; only an open one can be adopted")
    newest = store.watch_log.watched().get(key.model)
    if newest != key.version:
        raise SettingsError(
            f"{name} belongs to baseline version {key.version}, and version {newest} is in place"
        )


def _check_quality_adoptable(name: str, incident: IncidentSummary) -> None:
    if incident.what not in ((OBJECTIVE,), (OUTLIERS,)):
        raise SettingsError(
            f"{name} is about {incident.what[0]!r}, which cannot be taken for normal; it closes"
            " when it is over"
        )
    if not incident.is_open:
        raise SettingsError(f"{name} has ended; only an open one can be adopted")
