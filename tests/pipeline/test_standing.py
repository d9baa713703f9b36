"""What holds of an incident follows from the decisions about it, in their order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchkeeper.pipeline.standing import standing_of
from watchkeeper.store import Decision, DecisionKind

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def decided(*kinds: DecisionKind, until: datetime | None = None) -> list[Decision]:
    return [
        Decision(
            number=n,
            model="m",
            baseline_version=1,
            incident_id="drift-000001-0000",
            kind=kind,
            reason=f"{kind} {n}",
            actor="ann",
            time=NOW.isoformat(),
            until=None if until is None or kind != "mute" else until.isoformat(),
            at_bucket=0,
        )
        for n, kind in enumerate(kinds)
    ]


def test_nothing_holds_of_an_incident_that_nobody_decided_about() -> None:
    standing = standing_of([], now=NOW)
    assert (standing.acknowledged, standing.muted, standing.adopted) == (None, None, None)


def test_the_newest_of_a_kind_counts() -> None:
    standing = standing_of(decided("acknowledge", "mute", "acknowledge", "adopt"), now=NOW)
    assert standing.acknowledged is not None and standing.acknowledged.reason == "acknowledge 2"
    assert standing.muted is not None and standing.muted.reason == "mute 1"
    assert standing.adopted is not None


def test_unmuting_ends_a_mute_and_muting_again_begins_one() -> None:
    assert standing_of(decided("mute", "unmute"), now=NOW).muted is None
    assert standing_of(decided("mute", "unmute", "mute"), now=NOW).muted is not None


def test_a_mute_holds_until_its_end_and_not_at_it() -> None:
    until = NOW + timedelta(hours=1)
    muted = decided("mute", until=until)
    assert standing_of(muted, now=until - timedelta(microseconds=1)).muted is not None
    assert standing_of(muted, now=until).muted is None
