"""Segments that carry a higher loss: how often the planted one is found first, and how fast.

    python benchmarks/segment_search.py                     40 trials of 1,000,000 rows, 100 columns
    python benchmarks/segment_search.py --trials 10 --rows 200000

A table of 55 numbers (normal, skewed, heavy-tailed, some whole, some with nulls) and 45 categories
(2 to 200 values, some rare), in groups that hang together. Errors happen at 10 % on average, more
or less by four of the columns. In one segment of 1 to 3 conditions and 0.5 to 5 % of the rows they
happen 10 to 30 points more often. Every other trial has a reference: half of the rows, without the
planted segment. Found means: the first segment that is told has conditions on exactly the planted
columns, and shares at least 80 % of its rows with the planted one (of the rows in either).

Timed from raw columns to findings, with coding. Trials without any planted segment follow, and
count how often one is told all the same. Exit 1 if fewer than 90 % are found first, if the median
time is 10 s or more, or if more than 10 % of the clean ones tell of a segment: 5 % are promised.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis import (
    CodedColumn,
    Condition,
    SegmentFindings,
    code_categories,
    code_numbers,
    find_segments,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NUMBERS, CATEGORIES = 55, 45
LEAST_FOUND, MOST_SECONDS, MOST_FALSE = 0.9, 10.0, 0.1
_LEAST_OVERLAP = 0.8
_SMALLEST, _LARGEST = 0.005, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Numbers by name, and places of categories among so many values."""

    numbers: dict[str, Floats]
    categories: dict[str, tuple[NDArray[np.int64], int]]

    @property
    def names(self) -> list[str]:
        """All columns."""
        return [*self.numbers, *self.categories]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Errors of rows, the reference's first; ``planted`` is ``None`` in a clean one."""

    errors: Floats
    is_current: Flags | None
    planted: Flags | None
    columns: tuple[str, ...]


def table(rows: int, rng: np.random.Generator) -> Table:
    """Return columns in groups of five with something in common."""
    numbers, categories = {}, {}
    group = rng.normal(size=rows)
    for i in range(NUMBERS):
        if i % 5 == 0:
            group = rng.normal(size=rows)
        x = 0.5 * group + np.sqrt(0.75) * rng.normal(size=rows)
        kind = i % 5
        if kind == 1:
            x = np.exp(x)
        elif kind == 2:
            x = np.sign(x) * np.abs(x) ** 3
        elif kind == 3:
            x = np.floor(np.exp(1.0 + 0.8 * x))
        elif kind == 4:
            x[rng.random(rows) < 0.05] = np.nan
        numbers[f"n{i}"] = x
    for i in range(CATEGORIES):
        if i % 5 == 0:
            group = rng.normal(size=rows)
        size = (2, 5, 12, 40, 200)[i % 5]
        shares = 1.0 / np.arange(1, size + 1) ** 0.8
        cuts = np.quantile(group[:20_000], np.minimum(np.cumsum(shares / shares.sum()), 1.0)[:-1])
        x = 0.5 * group + np.sqrt(0.75) * rng.normal(size=rows)
        categories[f"c{i}"] = (np.searchsorted(cuts, x), size)
    return Table(numbers=numbers, categories=categories)


def trial(made: Table, seed: int, *, is_clean: bool = False) -> Trial:
    """Return errors with a planted segment, or without."""
    rng = np.random.default_rng(seed)
    rows = len(next(iter(made.numbers.values())))
    odds = np.full(rows, np.log(0.09 / 0.91))
    for name in rng.choice(list(made.numbers), 4, replace=False):
        x = np.nan_to_num(made.numbers[name])
        odds += 0.15 * np.clip((x - x.mean()) / x.std(), -2.0, 2.0)
    chance = 1.0 / (1.0 + np.exp(-odds))
    is_current = np.arange(rows) % 2 == 1 if seed % 2 else None
    planted, columns = None, ()
    if not is_clean:
        planted, columns = _planted(made, 1 + seed % 3, rng)
        raised = planted if is_current is None else planted & is_current
        chance = np.where(raised, np.minimum(chance + rng.uniform(0.1, 0.3), 1.0), chance)
    elif is_current is None:
        # What differs by the four columns would be told, rightly.
        chance = np.full(rows, 0.1)
    errors = (rng.random(rows) < chance).astype(np.float64)
    return Trial(errors=errors, is_current=is_current, planted=planted, columns=columns)


def _planted(
    made: Table, conditions: int, rng: np.random.Generator
) -> tuple[Flags, tuple[str, ...]]:
    while True:
        wanted = np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST)))
        names = tuple(sorted(map(str, rng.choice(made.names, conditions, replace=False))))
        planted = np.ones(len(next(iter(made.numbers.values()))), dtype=np.bool_)
        shares = []
        for name in names:
            one = _condition(made, name, wanted ** (1.0 / conditions), rng)
            shares.append(one.mean())
            planted &= one
        # Every condition cuts something off, or nobody could tell that it is one.
        if _SMALLEST <= planted.mean() <= _LARGEST and max(shares) < 0.7:
            return planted, names


def _condition(made: Table, name: str, share: float, rng: np.random.Generator) -> Flags:
    if name in made.categories:
        places, size = made.categories[name]
        counts = np.bincount(places, minlength=size) / len(places)
        near = np.argsort(np.abs(np.log(np.maximum(counts, 1e-9) / share)))[: min(3, size)]
        return places == rng.choice(near)
    x = made.numbers[name]
    start = rng.uniform(0.0, 1.0 - share)
    low, high = np.nanquantile(x, [start, start + share])
    return (x >= low) & (x < high)


def code(made: Table) -> list[CodedColumn]:
    """Return the columns coded."""
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(code_numbers, made.numbers, made.numbers.values()))
    for name, (places, size) in made.categories.items():
        found.append(code_categories(name, places, [f"v{i}" for i in range(size)]))
    return found


def is_found(made: Table, told: Trial, found: SegmentFindings) -> bool:
    """Whether the first segment is the planted one."""
    if not found.segments or told.planted is None:
        return False
    first = found.segments[0]
    if tuple(sorted(one.column for one in first.conditions)) != told.columns:
        return False
    rows = np.ones(len(told.errors), dtype=np.bool_)
    for condition in first.conditions:
        rows &= _holds(made, condition)
    return bool((rows & told.planted).sum() >= _LEAST_OVERLAP * (rows | told.planted).sum())


def _holds(made: Table, condition: Condition) -> Flags:
    if condition.column in made.categories:
        places = made.categories[condition.column][0]
        return places == int((condition.value or "v-1")[1:])
    x = made.numbers[condition.column]
    if condition.kind == "null":
        return np.isnan(x)
    if condition.kind == "value":
        return x == float(condition.value or "nan")
    low = -np.inf if condition.low is None else condition.low
    high = np.inf if condition.high is None else condition.high
    return (x >= low) & (x < high)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--clean", type=int, default=20)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true")
    chosen = parser.parse_args()
    made = table(chosen.rows, np.random.default_rng(chosen.seed))
    seconds, found_by, false = [], {}, 0
    for seed in range(chosen.seed, chosen.seed + chosen.trials):
        told = trial(made, seed)
        began = time.perf_counter()
        found = find_segments(code(made), told.errors, told.is_current)
        seconds.append(time.perf_counter() - began)
        key = (len(told.columns), "reference" if told.is_current is not None else "no reference")
        found_by.setdefault(key, []).append(is_found(made, told, found))
        if chosen.verbose or not found_by[key][-1]:
            assert told.planted is not None
            first = found.segments[0].text if found.segments else "nothing"
            print(
                f"  seed {seed}: {'found' if found_by[key][-1] else 'MISSED'} {told.columns}"
                f" {told.planted.mean():.2%}, first told: {first}, {seconds[-1]:.1f} s",
                flush=True,
            )
    for seed in range(1000, 1000 + chosen.clean):
        told = trial(made, seed, is_clean=True)
        found = find_segments(code(made), told.errors, told.is_current)
        false += bool(found.segments)
        if found.segments:
            print(f"  clean, seed {seed}: told {found.segments[0].text}", flush=True)
    for (conditions, side), flags in sorted(found_by.items()):
        print(f"{conditions} conditions, {side}: {sum(flags)} of {len(flags)} found first")
    ratio = float(np.mean([one for flags in found_by.values() for one in flags]))
    middle = float(np.median(seconds))
    print(f"found first: {ratio:.0%} (at least {LEAST_FOUND:.0%})")
    print(
        f"seconds, coding included: median {middle:.1f}, longest {max(seconds):.1f}"
        f" (median below {MOST_SECONDS:.0f})"
    )
    print(f"clean trials with a segment: {false} of {chosen.clean} (at most {MOST_FALSE:.0%})")
    is_good = ratio >= LEAST_FOUND and middle < MOST_SECONDS and false <= MOST_FALSE * chosen.clean
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
