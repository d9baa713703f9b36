"""A watch can go back far, and little is kept for it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.store import Checkpoint, ClosedBucket, Judgement, Store
from watchkeeper.store.checkpoints import worth_keeping

NOW = datetime(2024, 3, 1, tzinfo=UTC)


def judge(store: Store, number: int, *, version: int = 1) -> None:
    bucket = ClosedBucket(
        number=number, start=None, end=None, rows=1, closed_at_sequence=1, evidence=0.0
    )
    here = [Checkpoint(next_index=number, state=b"%d" % number)] if number % 24 == 0 else []
    judgement = Judgement(buckets=[bucket], checkpoints=here, state=b"s")
    log = store.watch_log
    log.record("m", version, judgement, following=log.progress("m"), now=NOW)


def test_checkpoints_become_sparse_and_stay_within_reach(tmp_path: Path) -> None:
    known: set[int] = set()
    for place in range(300):
        known = worth_keeping(known | {24 * place})
        ages = sorted(place - index // 24 for index in known)
        assert ages[0] == 0
        assert len(ages) <= 13
        assert ages[-1] < 40
        # The way back to the nearest one grows no faster than the age.
        gaps = [later - earlier for earlier, later in itertools.pairwise(ages)]
        assert all(gap <= max(1, age) for gap, age in zip(gaps, ages[1:], strict=True))
        if place >= 40:
            assert ages[-1] >= 32


def test_the_nearest_is_the_last_one_before_a_bucket(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        assert store.checkpoints.nearest("m", 1, 5) is None
        for number in range(100):
            judge(store, number)
        assert store.checkpoints.indexes("m", 1) == [0, 24, 48, 72, 96]
        for number, expected in [(0, 0), (23, 0), (24, 24), (99, 96), (-1, 0)]:
            nearest = store.checkpoints.nearest("m", 1, number)
            assert nearest == Checkpoint(next_index=expected, state=b"%d" % expected)


def test_those_of_an_earlier_baseline_go(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        for version in (1, 2):
            for number in range(30):
                judge(store, number, version=version)
        assert store.checkpoints.indexes("m", 1) == []
        assert store.checkpoints.indexes("m", 2) == [0, 24]
        assert store.checkpoints.indexes("other", 2) == []


@pytest.mark.parametrize("count", [0, 1])
def test_few_are_all_kept(count: int) -> None:
    assert worth_keeping(range(count)) == set(range(count))
