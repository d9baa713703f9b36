"""How an incident stands by what people decided about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from watchkeeper.store import Decision, IncidentKey, Store


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Who decided it, when and why."""

    actor: str
    time: datetime
    reason: str


class Muted(msgspec.Struct, frozen=True, kw_only=True):
    """Who muted it, when and why, and until when; ``None`` for no end."""

    actor: str
    time: datetime
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds of an incident at one moment; ``None`` for what was not decided.

    Attributes
    ----------
    adopted
        Its adoption was decided; it takes effect at the next bucket.
    """

    acknowledged: Said | None = None
    muted: Muted | None = None
    adopted: Said | None = None


def standing_of(decisions: Sequence[Decision], *, now: datetime) -> Standing:
    """Return what holds after the decisions about an incident, oldest first.

    The newest of a kind counts. A mute holds until its end, not included.
    """
    acknowledged = adopted = None
    muted: Muted | None = None
    for one in decisions:
        if one.kind == "acknowledge":
            acknowledged = said(one)
        elif one.kind == "adopt":
            adopted = said(one)
        elif one.kind == "unmute":
            muted = None
        else:
            until = None if one.until is None else datetime.fromisoformat(one.until)
            muted = Muted(
                actor=one.actor,
                time=datetime.fromisoformat(one.time),
                reason=one.reason,
                until=until,
            )
    if muted is not None and muted.until is not None and muted.until <= now:
        muted = None
    return Standing(acknowledged=acknowledged, muted=muted, adopted=adopted)


def is_muted(store: Store, key: IncidentKey, *, now: datetime) -> bool:
    """Return whether nothing is to be sent about an incident at this moment."""
    return standing_of(store.decisions.of(key), now=now).muted is not None


def said(decision: Decision) -> Said:
    """Return who decided something, when and why."""
    return Said(
        actor=decision.actor,
        time=datetime.fromisoformat(decision.time),
        reason=decision.reason,
    )
