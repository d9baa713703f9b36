"""No rows at all: told when it lasts longer than it ever did in the reference."""

from __future__ import annotations

import numpy as np

from watchkeeper.watch.alarm import Alarm
from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.incidents import Effect
from watchkeeper.watch.state import State


def is_silent(baseline: Baseline, state: State) -> bool:
    """Return whether the buckets without rows, up to this one, are more than could be usual.

    More than half as many again as the longest silence of the reference; one, if it had none.
    """
    longest = baseline.longest_silence
    return longest is not None and state.silent > longest + (longest + 1) // 2


def silence_alarm(baseline: Baseline) -> Alarm:
    """Return the alarm of a model from which nothing comes."""
    unit = len(baseline.panel.units)
    stream = int(np.flatnonzero(baseline.streams.unit == unit)[0])
    return Alarm(
        cause="rule",
        units=(unit,),
        tracked=(stream,),
        share=(1.0,),
        score=(1.0,),
        significant=(True,),
        note=f"there are no rows, where {usual_rows(baseline):.4g} a bucket are usual",
    )


def usual_rows(baseline: Baseline) -> float:
    """Return the mean number of rows of the reference's buckets that had any."""
    return baseline.rows / max(baseline.buckets, 1)


def silence_effect(baseline: Baseline) -> Effect:
    """Return how large a silence is: from the usual number of rows to none."""
    usual = float(f"{usual_rows(baseline):.6g}")
    return Effect(before_mean=usual, after_mean=0.0, shift=-usual)
