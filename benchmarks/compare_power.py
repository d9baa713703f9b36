"""How often single changes are seen, at an equal rate of false calls, beside other tools.

    python benchmarks/compare_power.py                       200 trials of 1,000 and 10,000 rows
    python benchmarks/compare_power.py --trials 50 --rows 1000 --peers evidently

One column of 25 changes (`changes.py`). Each tool scores every column as its defaults do; its score
of the data set is that of the most extreme column. So that none gains by calling more, a tool's
threshold is the score that 5 % of its own trials without a change exceed. The scores of the others
are first put on one scale, column by column, by their mean and deviation without a change: more
than their defaults do. ``plain tests`` are Kolmogorov-Smirnov and chi-square per column.
``as shipped`` is Watchkeeper's verdict with its own threshold, and its least effect of 2 % of rows.

The peers run in environments of their own, made in a cache folder. Exit 1 if any other sees more
than Watchkeeper on the mean over all changes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, ks_2samp

from changes import CHANGES, Column, Table, Trial, trial
from peers import CACHE, environment_variables, python_of
from watchkeeper.comparison import Comparison
from watchkeeper.pipeline import compare

Floats = NDArray[np.float64]

FALSE_CALL_RATE = 0.05
PEERS = ("evidently", "whylogs", "nannyml")
# Smallest p-value that a score tells from zero.
_LEAST_P_VALUE = 1e-300
# A score beyond any threshold at 5 %.
_CLEAR = 4.0


def ours(trials: Sequence[Trial]) -> tuple[Floats, Floats]:
    """Return scores, shape (trials, 1 + changes), and verdicts as shipped, of the same shape."""
    scores, verdicts = [], []
    for made in trials:
        tables = [made.current]
        for change, values in zip(CHANGES, made.changed, strict=True):
            tables.append({**made.current, change.column: values})
        found = [_compared(_arrow(made.reference), _arrow(table)) for table in tables]
        scores.append([_score(one) for one in found])
        verdicts.append([float(one.dataset.drifted) for one in found])
    return np.array(scores), np.array(verdicts)


def _compared(reference: pa.Table, current: pa.Table) -> Comparison:
    """Compare; without the joint test, which takes longest, where it could not change a thing."""
    found = compare(reference, current, joint=False)
    if found.dataset.drifted and _score(found) > _CLEAR:
        return found
    return compare(reference, current)


def _score(found: Comparison) -> float:
    p = [column.adjusted_p_value for column in found.columns.values()]
    if found.dataset.joint is not None:
        p.append(found.dataset.joint.adjusted_p_value)
    return -float(np.log10(max(min(one for one in p if one is not None), _LEAST_P_VALUE)))


def _arrow(table: Table) -> pa.Table:
    return pa.table({name: pa.array(column, from_pandas=True) for name, column in table.items()})


def plain_tests(trials: Sequence[Trial]) -> Floats:
    """Return a score per column, shape (trials, columns + changes): minus the log of p."""
    found = []
    for made in trials:
        pairs = [(made.reference[name], made.current[name]) for name in made.reference]
        for change, values in zip(CHANGES, made.changed, strict=True):
            pairs.append((made.reference[change.column], values))
        found.append([-np.log10(max(_p_value(*pair), _LEAST_P_VALUE)) for pair in pairs])
    return np.array(found)


def _p_value(before: Column, now: Column) -> float:
    if before.dtype.kind == "f":
        before, now = before[~np.isnan(before)], now[~np.isnan(now)]
        return float(ks_2samp(before, now, method="asymp").pvalue)
    names, codes = np.unique(np.concatenate([before, now]), return_inverse=True)
    sides = (codes[: len(before)], codes[len(before) :])
    counts = np.stack([np.bincount(side, minlength=len(names)) for side in sides])
    return float(chi2_contingency(counts).pvalue)


def peer_scores(peer: str, python: Path, rows: int, trials: int) -> Floats | None:
    """Return a peer's scores, as of `plain_tests`, or ``None`` if it fails."""
    script = Path(__file__).with_name("peer_scores.py")
    ran = subprocess.run(
        [str(python), str(script), peer, "--rows", str(rows), "--trials", str(trials)],
        env=environment_variables(),
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        reason = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"{peer} failed, so it is left out: {reason}", flush=True)
        return None
    return np.array(json.loads(ran.stdout.splitlines()[-1]))


def most_extreme(scores: Floats) -> Floats:
    """Return the data set's score, shape (trials, 1 + changes), from those of its columns."""
    names = list(trial(0, 10).reference)
    columns = scores[:, : len(names)]
    mean, deviation = columns.mean(axis=0), columns.std(axis=0)
    deviation[deviation == 0] = 1.0
    usual = (columns - mean) / deviation
    found = [usual.max(axis=1)]
    for i, change in enumerate(CHANGES):
        place = names.index(change.column)
        changed = usual.copy()
        changed[:, place] = (scores[:, len(names) + i] - mean[place]) / deviation[place]
        found.append(changed.max(axis=1))
    return np.stack(found, axis=1)


def power(scores: Floats) -> Floats:
    """Return how often each change exceeds what 5 % of the trials without one exceed."""
    threshold = np.quantile(scores[:, 0], 1 - FALSE_CALL_RATE, method="higher")
    return np.asarray((scores[:, 1:] > threshold).mean(axis=0))


def measure(rows: int, trials: int, pythons: dict[str, Path]) -> bool:
    """Print the table of one size; return whether Watchkeeper keeps up."""
    begun = time.perf_counter()
    made = [trial(seed, rows) for seed in range(trials)]
    scores, verdicts = ours(made)
    found = {"Watchkeeper": power(scores), "plain tests": power(most_extreme(plain_tests(made)))}
    for peer, python in pythons.items():
        of_peer = peer_scores(peer, python, rows, trials)
        if of_peer is not None:
            found[peer] = power(most_extreme(of_peer))
    print(f"\n{rows:,} rows against {rows:,}, {trials} trials: part in which the change is seen\n")
    print(f"| change | {' | '.join(found)} | as shipped |")
    print(f"| --- |{' --: |' * (len(found) + 1)}")
    for i, change in enumerate(CHANGES):
        cells = " | ".join(f"{seen[i]:.2f}" for seen in found.values())
        print(f"| {change.name} | {cells} | {verdicts[:, 1 + i].mean():.2f} |")
    cells = " | ".join(f"{seen.mean():.2f}" for seen in found.values())
    print(f"| mean of the changes | {cells} | {verdicts[:, 1:].mean():.2f} |")
    print(f"| nothing |{f' {FALSE_CALL_RATE:.2f} |' * len(found)} {verdicts[:, 0].mean():.2f} |")
    print(f"({time.perf_counter() - begun:.0f} s)", file=sys.stderr, flush=True)
    means = {name: float(seen.mean()) for name, seen in found.items()}
    return max(means.values()) == means["Watchkeeper"]


def main() -> int:
    """Measure and print; fail if another tool sees clearly more."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--rows", default="1000,10000", help="sizes, with commas between")
    parser.add_argument("--peers", default=",".join(PEERS), help="or '' for none")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of the environments")
    given = parser.parse_args()
    pythons = {}
    for peer in filter(None, given.peers.split(",")):
        python = python_of(peer, given.cache)
        if python is not None:
            pythons[peer] = python
    met = [measure(int(rows), given.trials, pythons) for rows in given.rows.split(",")]
    print(f"\nas much as any other tool: {'yes' if all(met) else 'NO'}")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
