from __future__ import annotations

from typing import Any

import pytest

from watchkeeper.report import magnitude
from watchkeeper.watch import CategoryChange, Effect, StreamEvidence

CHANGE = CategoryChange(value="UA", before_ratio=0.2, after_ratio=0.35)


def stream(aspect: Any, **effect: Any) -> StreamEvidence:
    return StreamEvidence(
        column="x", score=1.0, share=1.0, significant=True, aspect=aspect, effect=Effect(**effect)
    )


@pytest.mark.parametrize(
    ("given", "phrase"),
    [
        (
            stream("level", before_mean=10.0, after_mean=15.0, shift_sd=0.5),
            "mean 10 → 15 (+0.5 sd)",
        ),
        (stream("level", after_null_ratio=0.4, shift_sd=0.1), "nulls 0 % → 40 %"),
        (stream("shape", unseen_ratio=0.2, most_changed=(CHANGE,)), "unseen values 0 % → 20 %"),
        (stream("shape", most_changed=(CHANGE,)), "share of UA 20 % → 35 %"),
        (
            stream("shape", before_mean=1.0, after_mean=1.0, shift_sd=0.0, most_changed=(CHANGE,)),
            "share of UA 20 % → 35 %",
        ),
        (stream("relation", before_mean=1.0, after_mean=1.1), "no longer follows other columns"),
        (stream("volume", before_mean=900.0, after_mean=450.0), "rows 900 → 450"),
        (stream("shape", psi=0.31), "PSI 0.31"),
    ],
)
def test_a_change_is_told_in_what_changed_most(given: StreamEvidence, phrase: str) -> None:
    assert magnitude.phrase(given) == phrase


def test_the_table_tells_the_two_sides_apart() -> None:
    given = stream("shape", most_changed=(CHANGE,))
    sides = magnitude.subject(given), magnitude.before(given), magnitude.after(given)
    assert sides == ("share of UA", "20 %", "35 %")
