"""False calls of drift between two samples of one distribution, by default settings; limit 5 %.

    python benchmarks/compare_calls.py                                 2,000 trials (hours)
    python benchmarks/compare_calls.py --trials 200 --rows 100,1000 --only normal,categories-50

Two samples of as many rows, 20 columns (5 of 100,000 rows) of one kind: numbers with and without
ties, or categories, of which every other column has Zipf's frequencies and the rest equal ones. A
call is a data set's verdict of drift. ``significant`` is the share in which some column's adjusted
p-value is at most 5 %: what would be called if the least effect of 2 % of the rows did not count.
``inconclusive`` is the share of verdicts that there are too few rows to say; that is no call.

With ``--joint`` the same through the whole of ``watchkeeper.compare``, inference of types and the
joint test included, which takes longer. Intervals are Clopper and Pearson's (1934) at 95 %. Exit 1
if an interval lies above the limit.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.stats import beta

from watchkeeper.comparison import Comparison, compare_profiles
from watchkeeper.events import Column, Schema
from watchkeeper.pipeline import compare
from watchkeeper.profiles import Profiler, fit_bins

Draw = Callable[[np.random.Generator, int, int], np.ndarray]

LIMIT = 0.05
LARGE_ROWS = 100_000


def normal(rng: np.random.Generator, rows: int, _: int) -> np.ndarray:
    """Return numbers without ties."""
    return rng.normal(size=rows)


def rounded(rng: np.random.Generator, rows: int, _: int) -> np.ndarray:
    """Return rounded exponential numbers: some dozens of values."""
    return np.round(rng.exponential(8, rows))


def many_zeros(rng: np.random.Generator, rows: int, _: int) -> np.ndarray:
    """Return lognormal numbers to one decimal, three in ten of them zero."""
    return np.where(rng.random(rows) < 0.3, 0.0, np.round(rng.lognormal(2, 1, rows), 1))


def few_integers(rng: np.random.Generator, rows: int, _: int) -> np.ndarray:
    """Return counts: a handful of values."""
    return rng.poisson(1.5, rows).astype(np.float64)


def with_nulls(rng: np.random.Generator, rows: int, column: int) -> np.ndarray:
    """Return whole numbers of which up to one in five is null."""
    part = 0.2 * (column + 1) / 20
    return np.where(rng.random(rows) < part, np.nan, np.round(rng.normal(0, 20, rows)))


def of_categories(count: int) -> Draw:
    """Return a way to draw categories."""
    names = np.array([f"v{i}" for i in range(count)])
    weights = 1 / np.arange(1, count + 1)
    ends = np.cumsum(weights / weights.sum())

    def draw(rng: np.random.Generator, rows: int, column: int) -> np.ndarray:
        if column % 2:
            return names[np.minimum(np.searchsorted(ends, rng.random(rows)), count - 1)]
        return names[rng.integers(0, count, rows)]

    return draw


KINDS: dict[str, Draw] = {
    "normal": normal,
    "rounded": rounded,
    "many-zeros": many_zeros,
    "few-integers": few_integers,
    "with-nulls": with_nulls,
    "categories-10": of_categories(10),
    "categories-50": of_categories(50),
    "categories-500": of_categories(500),
    "categories-5000": of_categories(5_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What was found in how many trials."""

    trials: int
    drifted: int
    significant: int
    inconclusive: int


def sample(draw: Draw, rng: np.random.Generator, rows: int, columns: int) -> pa.Table:
    """Return one sample."""
    drawn = {f"c{i}": draw(rng, rows, i) for i in range(columns)}
    return pa.table({name: pa.array(column, from_pandas=True) for name, column in drawn.items()})


def by_profiles(before: pa.Table, now: pa.Table) -> Comparison:
    """Compare all columns, each by itself."""
    schema = Schema(
        columns={
            field.name: Column(type="number" if pa.types.is_floating(field.type) else "category")
            for field in before.schema
        }
    )
    bins = fit_bins(schema, [before])
    profiler = Profiler(schema, bins)
    return compare_profiles(
        {name: column.type for name, column in schema.columns.items()},
        bins,
        profiler.profile(before, index=0),
        profiler.profile(now, index=1),
    )


def count(draw: Draw, rows: int, trials: int, *, joint: bool, until: float) -> Calls:
    """Run the trials, as many as fit before ``until`` (a time of the clock, seconds)."""
    drifted = significant = inconclusive = done = 0
    columns = 20 if rows < LARGE_ROWS else 5
    for seed in range(trials):
        rng = np.random.default_rng([seed, rows])
        before, now = (sample(draw, rng, rows, columns) for _ in range(2))
        found = compare(before, now) if joint else by_profiles(before, now)
        p = [column.adjusted_p_value for column in found.columns.values()]
        if found.dataset.joint is not None:
            p.append(found.dataset.joint.adjusted_p_value)
        drifted += found.dataset.drifted
        inconclusive += found.dataset.inconclusive
        significant += min((one for one in p if one is not None), default=1.0) <= LIMIT
        done += 1
        if time.monotonic() > until:
            break
    return Calls(trials=done, drifted=drifted, significant=significant, inconclusive=inconclusive)


def interval(hits: int, trials: int) -> tuple[float, float]:
    """Return the exact interval of a rate at 95 %."""
    low = float(beta.ppf(0.025, hits, trials - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, trials - hits)) if hits < trials else 1.0
    return low, high


def main() -> int:
    """Run and print a table; fail if more is called than promised."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=2_000)
    parser.add_argument("--rows", default="100,1000,100000", help="sizes, with commas between")
    parser.add_argument("--only", default=",".join(KINDS), help="kinds, with commas between")
    parser.add_argument("--joint", action="store_true", help="through the whole of compare()")
    parser.add_argument("--minutes", type=float, help="at most so long for each row of the table")
    given = parser.parse_args()
    met = True
    print("| columns | rows a side | trials | false calls | 95 % | significant | inconclusive |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for rows in map(int, given.rows.split(",")):
        for name in given.only.split(","):
            begun = time.monotonic()
            until = begun + 60 * given.minutes if given.minutes else float("inf")
            found = count(KINDS[name], rows, given.trials, joint=given.joint, until=until)
            low, high = interval(found.drifted, found.trials)
            met &= low <= LIMIT
            print(
                f"| {name} | {rows:,} | {found.trials:,} | {found.drifted / found.trials:.2%} |"
                f" {low:.2%} to {high:.2%} | {found.significant / found.trials:.2%} |"
                f" {found.inconclusive / found.trials:.0%} |",
                flush=True,
            )
            print(f"  {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print(f"limit {LIMIT:.0%}: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
