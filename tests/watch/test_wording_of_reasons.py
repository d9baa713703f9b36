"""An incident of contributions is told in words, and whether an input moved with them."""

from __future__ import annotations

from typing import Literal

import msgspec
import pytest

from watchkeeper.watch import CategoryChange, Effect, Incident, StreamEvidence, no_input_moved
from watchkeeper.watch.wording import message_of, what_changed

Aspect = Literal["level", "shape", "relation", "volume", "rule"]


def incident(*streams: tuple[str, Aspect]) -> Incident:
    effect = Effect(before_mean=1.0, after_mean=1.5, shift=0.5, shift_sd=0.5)
    return Incident(
        incident_id="1",
        cause="drift",
        kind="sudden",
        opened_bucket=5,
        opened_at=None,
        since_bucket=3,
        since=None,
        closed_bucket=None,
        closed_at=None,
        streams=tuple(
            StreamEvidence(
                column=column, score=2.0, share=0.5, significant=True, aspect=aspect, effect=effect
            )
            for column, aspect in streams
        ),
        resembles=None,
        message="",
    )


def test_a_contribution_is_named_in_words() -> None:
    told = incident(("explanation:air_time", "level"), ("explanation:origin", "shape"))
    assert message_of(told, timezone="UTC") == (
        "the contribution of air_time to the output rose by 0.5 (0.50 sd), from an expected 1 to"
        " 1.5; also the contribution of origin; no input moved by itself, since bucket 3"
    )


def test_a_contribution_that_grows_both_ways_is_told_by_its_distribution() -> None:
    told = incident(("explanation:air_time", "shape"))
    [stream] = told.streams
    moved = CategoryChange(value="2 to 4", before_ratio=0.05, after_ratio=0.2)
    effect = msgspec.structs.replace(stream.effect, shift_sd=0.05, most_changed=(moved,))
    assert what_changed(msgspec.structs.replace(stream, effect=effect)) == (
        "the distribution of the contribution of air_time to the output changed: 2 to 4 went from"
        " 5.0% to 20.0%"
    )


@pytest.mark.parametrize(
    ("other", "aspect", "alone"),
    [
        ("prediction", "level", True),
        ("prediction.late", "level", True),
        ("air_time", "relation", True),
        ("air_time", "level", False),
        ("origin", "shape", False),
        ("(rows)", "volume", False),
    ],
)
def test_only_what_moved_by_itself_counts_as_an_input_that_moved(
    other: str, aspect: Aspect, alone: bool
) -> None:
    assert no_input_moved(incident(("explanation:air_time", "level"), (other, aspect))) is alone


def test_without_contributions_nothing_is_said_of_inputs() -> None:
    assert not no_input_moved(incident(("prediction", "level")))
