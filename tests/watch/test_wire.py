"""Baselines and states survive being kept, to the last bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

from watch.streams import ROWS, normal
from watchkeeper.errors import StoreError
from watchkeeper.pipeline.preparation import Plan, prepare, profiles_of
from watchkeeper.profiles import BucketProfile
from watchkeeper.watch import (
    Baseline,
    Bucketing,
    Incident,
    Settings,
    State,
    baseline_from_bytes,
    baseline_to_bytes,
    fit,
    start,
    state_from_bytes,
    state_to_bytes,
    step,
)


@dataclass(frozen=True)
class Scene:
    baseline: Baseline
    profiles: list[BucketProfile]


@pytest.fixture(scope="module")
def scene() -> Scene:
    plan = Plan(bucketing=Bucketing.parse(f"{ROWS}rows"))
    reference = pa.table(normal(1, buckets=30))
    data = normal(2, buckets=40)
    data["c1"][10 * ROWS : 25 * ROWS] += 1.0
    watched = prepare(plan, lambda: [reference])
    settings = Settings(threshold=720.0, calendar=None, names=watched.names)
    learned = list(profiles_of([reference], watched, plan, ordered=True))
    return Scene(
        baseline=fit(learned, watched.bins, settings),
        profiles=list(profiles_of([pa.table(data)], watched, plan, ordered=True)),
    )


def run(
    baseline: Baseline, profiles: list[BucketProfile], *, restart_every: int = 0
) -> tuple[State, list[Incident]]:
    state = start(baseline)
    told: list[Incident] = []
    for i, profile in enumerate(profiles):
        if restart_every and i % restart_every == 0:
            baseline = baseline_from_bytes(baseline_to_bytes(baseline))
            state = state_from_bytes(state_to_bytes(state))
        result = step(baseline, state, profile)
        state = result.state
        told.extend(result.changed)
    return state, told


def test_bytes_of_a_baseline_give_the_same_bytes_again(scene: Scene) -> None:
    kept = baseline_to_bytes(scene.baseline)
    again = baseline_from_bytes(kept)
    assert baseline_to_bytes(again) == kept
    assert np.array_equal(again.calibration.upper, scene.baseline.calibration.upper)


def test_a_watch_that_restarts_is_the_same_to_the_bit(scene: Scene) -> None:
    straight, told = run(scene.baseline, scene.profiles)
    assert [i.closed_bucket is None for i in told].count(False) == 1
    for every in (1, 7):
        resumed, retold = run(scene.baseline, scene.profiles, restart_every=every)
        assert retold == told
        assert state_to_bytes(resumed) == state_to_bytes(straight)


@pytest.mark.parametrize("at", [3, 5, 7, 100, -1])
def test_a_damaged_byte_is_noticed(scene: Scene, at: int) -> None:
    kept = bytearray(state_to_bytes(start(scene.baseline)))
    kept[at] ^= 0x40
    with pytest.raises(StoreError, match="damaged"):
        state_from_bytes(bytes(kept))


@pytest.mark.parametrize("data", [b"", b"WK", b"XX1" + b"0" * 30, b"WK0" + b"0" * 30])
def test_what_was_saved_by_another_version_is_told(data: bytes) -> None:
    with pytest.raises(StoreError, match="another version"):
        baseline_from_bytes(data)


def test_a_cut_state_is_noticed(scene: Scene) -> None:
    kept = state_to_bytes(start(scene.baseline))
    with pytest.raises(StoreError, match="damaged"):
        state_from_bytes(kept[: len(kept) // 2])
