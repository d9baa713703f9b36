"""The shape is what the level leaves, whatever the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

from watch.streams import normal
from watchkeeper.pipeline.preparation import Plan, Watched, prepare, profiles_of
from watchkeeper.profiles import BucketProfile
from watchkeeper.watch import Bucketing, Settings, fit
from watchkeeper.watch.panel import Panel
from watchkeeper.watch.shape import follow_level, shape_values

ROWS = 20_000
PLAN = Plan(bucketing=Bucketing.parse(f"{ROWS}rows"))


@dataclass(frozen=True)
class Scene:
    watched: Watched
    panel: Panel

    def profile(self, columns: dict[str, np.ndarray]) -> BucketProfile:
        [profile] = profiles_of([pa.table(columns)], self.watched, PLAN, ordered=True)
        return profile


@pytest.fixture(scope="module")
def scene() -> Scene:
    reference = pa.table(normal(1, buckets=10, rows=ROWS, columns=2))
    watched = prepare(PLAN, lambda: [reference])
    settings = Settings(threshold=720.0, calendar=None, names=watched.names)
    profiles = list(profiles_of([reference], watched, PLAN, ordered=True))
    return Scene(watched=watched, panel=fit(profiles, watched.bins, settings).panel)


def test_a_pure_shift_leaves_nothing_for_the_shape(scene: Scene) -> None:
    panel = scene.panel
    before = panel.read(scene.profile(normal(2, buckets=1, rows=ROWS, columns=2)))
    moved = normal(2, buckets=1, rows=ROWS, columns=2)
    moved["c0"] += 0.4
    after = panel.read(scene.profile(moved))
    expected = (before.groups / ROWS)[None, :]
    followed = follow_level(panel, expected, after.level[None, :])[0]
    unit = panel.unit_of_group()
    left = np.abs(followed - after.groups / ROWS)[unit == 0].sum()
    unfollowed = np.abs(expected[0] - after.groups / ROWS)[unit == 0].sum()
    assert left < 0.1 * unfollowed
    # The other column stays where it was, and shares remain shares.
    assert followed[unit == 1] == pytest.approx(expected[0][unit == 1], abs=1e-3)
    assert np.bincount(unit, followed) == pytest.approx(np.ones(2))


def test_many_buckets_at_once_are_each_by_itself(scene: Scene) -> None:
    random = np.random.default_rng(3)
    share = scene.panel.read(scene.profile(normal(4, buckets=1, rows=ROWS, columns=2))).groups
    expected = np.tile(share / ROWS, (5, 1))
    level = random.normal(size=(5, 2)) * 0.3
    whole = follow_level(scene.panel, expected, level)
    for i in range(5):
        alone = follow_level(scene.panel, expected[i : i + 1], level[i : i + 1])
        assert alone[0] == pytest.approx(whole[i], abs=1e-12)


def test_the_order_of_rows_does_not_matter(scene: Scene) -> None:
    columns = normal(5, buckets=1, rows=ROWS, columns=2)
    order = np.random.default_rng(0).permutation(ROWS)
    one = scene.panel.read(scene.profile(columns))
    other = scene.panel.read(scene.profile({n: v[order] for n, v in columns.items()}))
    assert np.array_equal(one.fine, other.fine)
    assert np.array_equal(one.groups, other.groups)
    assert one.level == pytest.approx(other.level, abs=1e-9)
    assert one.sums == pytest.approx(other.sums, abs=1e-6)


def test_a_column_that_is_missing_counts_as_no_rows(scene: Scene) -> None:
    profile = scene.profile(normal(6, buckets=1, rows=ROWS, columns=2))
    without = BucketProfile(
        index=0, start=None, end=None, rows=ROWS, columns={"c0": profile.columns["c0"]}
    )
    reading = scene.panel.read(without)
    assert reading.rows.tolist() == [ROWS, 0]
    assert reading.values.tolist() == [ROWS, 0]


def test_groups_are_the_sums_of_their_bins(scene: Scene) -> None:
    reading = scene.panel.read(scene.profile(normal(7, buckets=1, rows=ROWS, columns=2)))
    summed = np.bincount(scene.panel.group_of, reading.fine, minlength=len(reading.groups))
    assert np.array_equal(summed, reading.groups)


def test_a_column_of_one_value_never_tells_how_many_rows_there_are() -> None:
    rows = np.array([[1.0], [3.0], [50.0], [1000.0], [10_000.0]])
    counts = np.zeros((5, 4))
    counts[:, [2]] = rows
    expected = np.tile([1e-6, 1e-6, 1.0, 1e-6], (5, 1))
    none = np.zeros(4)
    values, variance = shape_values(
        counts, expected, np.zeros((5, 4)), rows, none, np.array([0, 4])
    )
    assert values.max() < 0.5 * np.sqrt(variance[0, 0])
    counts[3, 1:3] = [20.0, 980.0]
    told, _ = shape_values(counts, expected, np.zeros((5, 4)), rows, none, np.array([0, 4]))
    assert told[3, 0] > 3.0
