"""Baselines and states as bytes, exactly."""

from __future__ import annotations

from watchkeeper.stats import packed, unpacked
from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.state import State


def baseline_to_bytes(baseline: Baseline) -> bytes:
    """Return a baseline as bytes; `baseline_from_bytes` gives the very same back."""
    return packed(baseline)


def baseline_from_bytes(data: bytes) -> Baseline:
    """Return the baseline that was made bytes.

    Raises
    ------
    StoreError
        If the bytes are damaged or of another version.
    """
    return unpacked(data, Baseline)


def state_to_bytes(state: State) -> bytes:
    """Return a state as bytes; `state_from_bytes` gives the very same back, to the last bit."""
    return packed(state)


def state_from_bytes(data: bytes) -> State:
    """Return the state that was made bytes.

    Raises
    ------
    StoreError
        If the bytes are damaged or of another version.
    """
    return unpacked(data, State)
