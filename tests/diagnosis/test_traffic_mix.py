"""Changes split into changes within groups and changes of their mix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.diagnosis import GroupSums, MixSplit, split_by_mix
from watchkeeper.errors import UsageError


def split(before: list[tuple[int, float]], after: list[tuple[int, float]]) -> MixSplit:
    """Split between groups given by rows and mean, of quantities that are 0 or 1."""
    sides = []
    for side in (before, after):
        rows = np.array([n for n, _ in side], dtype=float)
        sums = rows * np.array([mean for _, mean in side])
        sides.append(GroupSums(rows=rows, sums=sums, squares=sums))
    return split_by_mix([f"g{i}" for i in range(len(before))], *sides)


def test_kitagawas_parts_of_a_known_example() -> None:
    # Rates 0.1 and 0.3 become 0.2 and 0.3 while halves become 40 and 60 %.
    found = split([(500, 0.1), (500, 0.3)], [(400, 0.2), (600, 0.3)])
    assert found.change.value == pytest.approx(0.06)
    assert found.within.value == pytest.approx(0.45 * 0.1)
    assert found.mix.value == pytest.approx(0.1 * 0.3 - 0.1 * 0.15)
    assert not found.is_paradox


def test_simpsons_paradox_is_named() -> None:
    # Both groups get better, all rows get worse, for the hard group grew.
    found = split([(90_000, 0.10), (10_000, 0.50)], [(50_000, 0.08), (50_000, 0.45)])
    assert found.change.value > 0
    assert found.within.value < 0
    assert found.is_paradox


def test_a_new_group_is_mix() -> None:
    found = split([(1000, 0.1), (0, 0.0)], [(1000, 0.1), (1000, 0.5)])
    assert found.within.value == 0.0
    assert found.mix.value == pytest.approx(0.2)
    assert next(g for g in found.groups if g.name == "g1").before_mean is None


def test_groups_that_only_one_side_has_are_no_paradox() -> None:
    # A release: every row of before is of one version, every row of after of another.
    found = split([(1000, 0.1), (0, 0.0)], [(0, 0.0), (1000, 0.5)])
    assert found.change.is_told and not found.within.is_told
    assert not found.is_paradox


groups = st.lists(
    st.tuples(st.integers(0, 500), st.floats(0, 1), st.integers(0, 500), st.floats(0, 1)),
    min_size=1,
    max_size=8,
).filter(lambda g: sum(x[0] for x in g) > 0 and sum(x[2] for x in g) > 0)


@given(groups)
def test_parts_add_up_to_the_change(made: list[tuple[int, float, int, float]]) -> None:
    found = split([(n, m) for n, m, _, _ in made], [(n, m) for _, _, n, m in made])
    before = sum(n * m for n, m, _, _ in made) / sum(n for n, _, _, _ in made)
    after = sum(n * m for _, _, n, m in made) / sum(n for _, _, n, _ in made)
    assert found.change.value == pytest.approx(after - before, abs=1e-9)
    assert found.within.value + found.mix.value == pytest.approx(after - before, abs=1e-9)
    assert sum(g.within for g in found.groups) == pytest.approx(found.within.value, abs=1e-9)
    assert sum(g.mix for g in found.groups) == pytest.approx(found.mix.value, abs=1e-9)


def test_intervals_cover() -> None:
    rng, covered, trials = np.random.default_rng(0), np.zeros(3), 400
    shares, rates = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2]]), np.array([0.1, 0.2, 0.4])
    rates_after = rates + np.array([0.03, 0.0, 0.0])
    ratio = shares.mean(axis=0)
    within = float(ratio @ (rates_after - rates))
    change = float(shares[1] @ rates_after - shares[0] @ rates)
    truth = (change, within, change - within)
    for _ in range(trials):
        sides = []
        for share, rate in zip(shares, (rates, rates_after), strict=True):
            group = rng.choice(3, 2000, p=share)
            sides.append(GroupSums.of(group, (rng.random(2000) < rate[group]).astype(float), 3))
        found = split_by_mix("abc", *sides)
        for i, (one, value) in enumerate(
            zip((found.change, found.within, found.mix), truth, strict=True)
        ):
            assert one.low is not None and one.high is not None
            covered[i] += one.low <= value <= one.high
    assert (covered / trials > 0.92).all()
    assert (covered / trials < 0.99).all()


def test_a_side_without_rows_is_refused() -> None:
    with pytest.raises(UsageError, match="both sides"):
        split([(0, 0.0)], [(1, 0.0)])
