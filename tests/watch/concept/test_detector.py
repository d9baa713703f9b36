"""The detector for streams: what it finds, when, and that bulk equals row by row."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper import ConceptDriftDetector
from watchkeeper.errors import DataError, SettingsError


def _errors(seed: int, *parts: tuple[int, float]) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.random(rows) < rate for rows, rate in parts]).astype(float)


def test_a_rise_of_ten_points_is_found_within_700_rows_and_nothing_before() -> None:
    for seed in range(5):
        drifts = ConceptDriftDetector().update_many(_errors(seed, (10_000, 0.2), (2_000, 0.3)))
        assert len(drifts) == 1
        assert 10_000 <= drifts[0] < 10_700


def test_a_fall_is_an_improvement_and_no_drift() -> None:
    detector, fell = ConceptDriftDetector(), []
    for row, error in enumerate(_errors(3, (3_000, 0.4), (3_000, 0.2))):
        detector.update(error)
        assert not detector.drift_detected
        if detector.improvement_detected:
            fell.append(row)
    assert len(fell) == 1
    assert 3_000 <= fell[0] < 3_500
    assert detector.estimation == pytest.approx(0.2, abs=0.03)


def test_a_rise_within_the_tolerance_is_no_drift() -> None:
    errors = _errors(4, (10_000, 0.2), (10_000, 0.24))
    assert ConceptDriftDetector().update_many(errors)
    assert not ConceptDriftDetector(tolerance=0.05).update_many(errors)


def test_after_a_drift_the_new_level_is_normal_and_a_further_rise_is_found() -> None:
    errors = _errors(5, (5_000, 0.1), (5_000, 0.3), (3_000, 0.6))
    drifts = ConceptDriftDetector().update_many(errors)
    assert [row // 1_000 for row in drifts] == [5, 10]


def test_a_return_to_what_was_normal_is_no_drift_and_the_next_rise_is() -> None:
    errors = _errors(6, (5_000, 0.1), (2_000, 0.3), (3_000, 0.1), (1_000, 0.3))
    drifts = ConceptDriftDetector().update_many(errors)
    assert [row // 1_000 for row in drifts] == [5, 10]


def test_errors_in_bursts_are_no_drift_where_the_reference_has_them_too() -> None:
    rng = np.random.default_rng(7)
    for _ in range(3):
        states = np.repeat(rng.random(3_000) < 0.2, 10).astype(float)
        known, seen = states[:10_000], states[10_000:]
        assert not ConceptDriftDetector(reference=known).update_many(seen)


def test_a_first_error_after_many_right_rows_is_no_drift_and_a_row_of_them_is() -> None:
    detector = ConceptDriftDetector()
    assert not detector.update_many([0.0] * 20_000 + [1.0] + [0.0] * 100)
    assert detector.update_many([1.0] * 5)


def test_losses_that_are_numbers_are_cut_off_at_the_largest() -> None:
    losses = np.random.default_rng(8).exponential(0.3, 12_000)
    losses[10_000:] *= 1.5
    one = ConceptDriftDetector(largest_loss=2.0)
    two = ConceptDriftDetector()
    assert one.update_many(losses) == two.update_many(np.minimum(losses, 2.0) / 2.0)
    assert one.n_detections == 1


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.002, 0.1, 0.5]),
    st.lists(st.integers(0, 400), min_size=1, max_size=8),
    st.booleans(),
)
def test_many_rows_at_once_equal_row_by_row_exactly(
    seed: int, risk: float, sizes: list[int], numbers: bool
) -> None:
    rng = np.random.default_rng(seed)
    parts = [rng.random(size) * (1 if numbers else 0) for size in sizes]
    rows = [
        part if numbers else (rng.random(size) < min(1.0, risk * (1 + 3 * (at % 2)))).astype(float)
        for at, (part, size) in enumerate(zip(parts, sizes, strict=True))
    ]
    many, single = (
        ConceptDriftDetector(mean_rows=200, reference=rng.random(300) * risk) for _ in range(2)
    )
    single = many.clone()
    found, expected, at = [], [], 0
    for part in rows:
        found += [at + row for row in many.update_many(part)]
        for loss in part:
            single.update(loss)
            if single.drift_detected:
                expected.append(at)
            at += 1
    assert found == expected
    assert many.evidence_ratio == single.evidence_ratio
    assert msgspec.msgpack.encode(many._monitor) == msgspec.msgpack.encode(single._monitor)


def test_memory_grows_with_the_logarithm_of_the_rows() -> None:
    detector = ConceptDriftDetector()
    errors = _errors(9, (200_000, 0.2))
    detector.update_many(errors[:20_000])
    early = len(msgspec.msgpack.encode(detector._monitor))
    detector.update_many(errors[20_000:])
    assert len(msgspec.msgpack.encode(detector._monitor)) < early + 3_000


def test_a_loss_that_is_none_is_told_with_its_place_and_nothing_is_taken_in() -> None:
    detector = ConceptDriftDetector()
    with pytest.raises(DataError, match=r"got -1\.0 at place 2"):
        detector.update_many([0.0, 1.0, -1.0])
    with pytest.raises(DataError, match="at least 0, got nan"):
        detector.update(float("nan"))
    assert detector.estimation == 0.5


@pytest.mark.parametrize(
    ("name", "value"),
    [("mean_rows", 1), ("largest_loss", 0), ("tolerance", -0.1), ("tolerance", 1)],
)
def test_settings_that_make_no_sense_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(SettingsError, match=name):
        ConceptDriftDetector(**{name: value})


def test_one_rise_is_told_once_however_long_it_lasts() -> None:
    told = [
        len(ConceptDriftDetector().update_many(_errors(seed, (10_000, 0.2), (30_000, 0.3))))
        for seed in range(12)
    ]
    assert sum(told) <= 13
    assert min(told) == 1
