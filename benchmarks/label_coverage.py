"""Labels that stop coming: how soon that is told, and how often without cause.

    python benchmarks/label_coverage.py [--trials 60]

Days of 300 predictions, whose labels come after 29 hours in the mean (an exponential delay) for
95 % or 60 % of them. Coverage swings from day to day, on a logit scale; swings may last (each day
like the one before) or come with the week (half of the labels at weekends, twice as late). After
a reference of 7, 14 or 28 days follow 300 clean days; and 40 days of which 20, from the eleventh
on, have two fifths of their labels, or none.

Limit: over all kinds, at most one false alarm in the 600 days that are promised.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from watchkeeper.metrics import AGES
from watchkeeper.watch import CoverageFall, CoverageReference, LabelledDay, coverage_falls

DAY = 86_400
ROWS, MEAN_DELAY_DAYS = 300, 1.2
CLEAN_DAYS, CHANGED_DAYS, CHANGE = 300, 40, 10
MEAN_DAYS = 600.0

KINDS: dict[str, dict[str, float]] = {
    "95 %, chance alone": {"coverage": 0.95},
    "95 %, swings of 0.5": {"coverage": 0.95, "swing": 0.5},
    "95 %, swings of 0.5, correlation 0.5": {"coverage": 0.95, "swing": 0.5, "memory": 0.5},
    "95 %, swings of 0.5, weekends": {"coverage": 0.95, "swing": 0.5, "weekend": 1.0},
    "60 %, swings of 1": {"coverage": 0.6, "swing": 1.0},
    "60 %, swings of 1, correlation 0.5": {"coverage": 0.6, "swing": 1.0, "memory": 0.5},
}


def days(
    random: np.random.Generator,
    first: int,
    count: int,
    *,
    coverage: float,
    swing: float = 0.0,
    memory: float = 0.0,
    weekend: float = 0.0,
    part: float = 1.0,
) -> list[LabelledDay]:
    """Return days, of which those from the change on have a part of their labels."""
    mood = random.normal()
    found: list[LabelledDay] = []
    for number in range(count):
        mood = memory * mood + np.sqrt(1.0 - memory**2) * random.normal()
        rests = weekend if (first + number) % 7 >= 5 else 0.0
        odds = coverage / (1.0 - coverage) * np.exp(swing * mood - rests)
        left = part if CHANGE <= number < CHANGE + 20 else 1.0
        rows = int(random.poisson(ROWS))
        delays = random.exponential(MEAN_DELAY_DAYS * (2.0 if rests else 1.0) * DAY, size=rows)
        labelled = random.random(rows) < left * odds / (1.0 + odds)
        by_age = tuple(int((labelled & (delays <= age)).sum()) for age in AGES)
        found.append(LabelledDay(start=(first + number) * DAY, rows=rows, labelled=by_age))
    return found


def falls(
    seed: int, reference_days: int, count: int, kind: dict[str, float], part: float = 1.0
) -> list[CoverageFall]:
    """Return what is told of some days after a reference."""
    reference = days(np.random.default_rng([reference_days, seed]), 0, reference_days, **kind)
    usual = CoverageReference(reference)
    random = np.random.default_rng([reference_days, seed, int(10 * part)])
    seen = days(random, reference_days, count, part=part, **kind)
    return coverage_falls(usual, seen, mean_days=MEAN_DAYS, now=(reference_days + count) * DAY)


def delay(seed: int, reference_days: int, kind: dict[str, float], part: float) -> float:
    """Return the days from the start of the change until it is told, inf if it is not."""
    changed = (reference_days + CHANGE) * DAY
    told = [
        fall.opened_at
        for fall in falls(seed, reference_days, CHANGED_DAYS, kind, part)
        if fall.opened_at >= changed
    ]
    return (told[0] - changed) / DAY if told else np.inf


def main() -> int:
    """Run all of it."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--trials", type=int, default=60)
    trials = asked.parse_args().trials
    false_alarms, watched = 0, 0
    for name, kind in KINDS.items():
        for reference_days in (7, 14, 28):
            clean = sum(len(falls(s, reference_days, CLEAN_DAYS, kind)) for s in range(trials))
            false_alarms, watched = false_alarms + clean, watched + trials * CLEAN_DAYS
            fewer, none = (
                np.array([delay(s, reference_days, kind, part) for s in range(trials)])
                for part in (0.4, 0.0)
            )
            print(
                f"{name:38s} {reference_days:2d} days:"
                f" {clean / (trials * CLEAN_DAYS) * MEAN_DAYS:.2f} false alarms in 600 days;"
                f" two fifths told after {np.median(fewer):.1f} days, missed"
                f" {np.isinf(fewer).sum()}; none after {np.median(none):.1f}, missed"
                f" {np.isinf(none).sum()}",
                flush=True,
            )
    print(f"all: {false_alarms / watched * MEAN_DAYS:.2f} false alarms in 600 days (limit 1)")
    return int(false_alarms / watched * MEAN_DAYS > 1.0)


if __name__ == "__main__":
    sys.exit(main())
