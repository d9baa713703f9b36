"""Changes split into inputs and relationship."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from watchkeeper.diagnosis import ChangeSplit, code_categories, code_numbers, split_change

Floats = NDArray[np.float64]


def split(*, shift: float, relation: float, rows: int = 6_000, seed: int = 0) -> ChangeSplit:
    """Split a loss of ``0.2 + 0.1 x`` whose input shifts and whose relation gets worse."""
    rng = np.random.default_rng(seed)
    is_current = np.arange(rows) % 2 == 1
    x = rng.normal(size=rows) + shift * is_current
    z = rng.normal(size=rows)
    chance = np.clip(0.2 + 0.1 * x + relation * is_current, 0.0, 1.0)
    loss = (rng.random(rows) < chance).astype(float)
    found = split_change([code_numbers("x", x), code_numbers("z", z)], loss, is_current, seed=seed)
    assert found is not None
    return found


def test_a_shift_of_inputs_is_told_from_a_change_of_the_relation() -> None:
    inputs = split(shift=1.0, relation=0.0)
    assert inputs.inputs is not None and inputs.relationship is not None
    assert inputs.inputs.is_told
    assert not inputs.relationship.is_told
    assert inputs.columns[0].column == "x"
    assert inputs.columns[0].inputs == pytest.approx(0.1, abs=0.03)
    relation = split(shift=0.0, relation=0.1)
    assert relation.inputs is not None and relation.relationship is not None
    assert relation.relationship.value == pytest.approx(0.1, abs=0.03)
    assert not relation.inputs.is_told


def test_the_parts_add_up() -> None:
    found = split(shift=0.5, relation=0.05)
    assert found.inputs is not None and found.relationship is not None
    assert found.inputs.value + found.relationship.value == pytest.approx(found.change.value)


def test_inputs_that_were_never_seen_are_named_and_not_judged() -> None:
    rng = np.random.default_rng(3)
    rows = 8_000
    is_current = np.arange(rows) % 2 == 1
    places = np.where(is_current & (rng.random(rows) < 0.3), 3, rng.integers(0, 3, rows))
    carrier = code_categories("carrier", places, [*"ABCN"])
    noise = code_numbers("noise", rng.normal(size=rows))
    found = split_change([carrier, noise], rng.random(rows), is_current)
    assert found is not None
    assert found.outside_ratio == pytest.approx(0.3, abs=0.03)
    assert found.outside is not None
    assert found.outside.text == "carrier = N"


def test_sides_that_share_nothing_cannot_be_split() -> None:
    found = split(shift=9.0, relation=0.0)
    assert found.relationship is None
    assert found.inputs is None
    assert found.overlap_ratio < 0.05


def test_too_few_rows_say_nothing() -> None:
    x = code_numbers("x", np.arange(300.0))
    assert split_change([x], np.zeros(300), np.arange(300) < 150) is None


def test_the_column_along_which_the_relation_changed_is_named() -> None:
    rng = np.random.default_rng(4)
    rows = 12_000
    is_current = np.arange(rows) % 2 == 1
    x, z = rng.normal(size=rows), rng.normal(size=rows)
    chance = 0.2 + 0.3 * is_current * (z > 0.5)
    loss = (rng.random(rows) < chance).astype(float)
    found = split_change([code_numbers("x", x), code_numbers("z", z)], loss, is_current)
    assert found is not None
    assert found.columns[0].column == "z"
    assert found.columns[0].relationship > 0.08
    assert "x" not in {one.column for one in found.columns if one.relationship}


@pytest.mark.slow
def test_intervals_of_both_parts_cover() -> None:
    covered, trials = np.zeros(2), 40
    # Over density p q / (p + q), a relation that changed evenly changed by just that.
    for seed in range(trials):
        found = split(shift=0.5, relation=0.06, rows=3_000, seed=seed)
        for i, (one, truth) in enumerate(((found.relationship, 0.06), (found.inputs, 0.05))):
            assert one is not None and one.low is not None and one.high is not None
            covered[i] += one.low <= truth <= one.high
    assert (covered / trials >= 0.88).all()
