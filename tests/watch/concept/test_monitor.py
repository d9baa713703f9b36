"""A monitor whose reference stays: a rise is open until the risk is back, as an incident is."""

import numpy as np

from watchkeeper.watch.concept import Reference, RiskMonitor, RiskSettings, Turn


def _turns(monitor: RiskMonitor, losses: np.ndarray) -> list[tuple[int, Turn]]:
    found, at = [], 0
    while at < len(losses):
        taken, turn = monitor.add_many(losses[at:])
        at += taken
        if turn is not None:
            found.append((at, turn))
            monitor.follow(turn)
    return found


def _errors(rng: np.random.Generator, rows: int, rate: float) -> np.ndarray:
    return (rng.random(rows) < rate).astype(float)


def test_a_rise_that_ends_has_returned_and_what_was_normal_is_in_force_again() -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        known = Reference.of(_errors(rng, 10_000, 0.1))
        normal = known.mean
        monitor = RiskMonitor.start(RiskSettings(follows_falls=False), known)
        parts = [_errors(rng, 5_000, rate) for rate in (0.1, 0.2, 0.1)]
        # On the way back it falls below what it had risen to, too.
        turns = [t for t in _turns(monitor, np.concatenate(parts)) if t[1] != "fell"]
        assert [turn for _, turn in turns] == ["rose", "returned"]
        assert 5_000 < turns[0][0] < 6_500
        assert 10_000 < turns[1][0] < 12_500
        assert abs(monitor.reference.mean - normal) < 0.01


def test_a_rise_that_lasts_does_not_return() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        known = Reference.of(_errors(rng, 10_000, 0.2))
        monitor = RiskMonitor.start(RiskSettings(follows_falls=False), known)
        turns = _turns(monitor, _errors(rng, 30_000, 0.3))
        assert [turn for _, turn in turns] == ["rose"]
