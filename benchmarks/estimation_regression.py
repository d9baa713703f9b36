"""Errors of regressions without labels: error and coverage of estimates beside NannyML's DLE.

    python benchmarks/estimation_regression.py                   13 tables, two models each
    python benchmarks/estimation_regression.py --only held-back  without those it was chosen on
    python benchmarks/estimation_regression.py --splits 2        the first two splits of five

Tables with a number to predict (``estimation_tables.py``), LightGBM and a linear model each, split
and shifted as in ``estimation.py``. For each task the mean error of the estimated MAE and RMSE, in
parts of the measured, over 40 buckets, eight of each split, and how often the interval holds the
measured value.

Limits: lower error than NannyML's on 80 % of the tasks for each; 95 % intervals that cover 92 % or
more; at most 2 % of the buckets refused.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from estimation import built
from watchkeeper.estimation import (
    REGRESSION_METRICS,
    Inputs,
    RegressionPredictions,
    fit_regression_estimator,
)

METRICS = ("mae", "rmse")
LEAST_WINS, LEAST_COVERED, MOST_REFUSED = 0.8, 0.92, 0.02
Split = dict[str, float]


def read(path: Path) -> tuple[RegressionPredictions, np.ndarray, np.ndarray]:
    """Return the rows of a task, their true values and their buckets, -1 for the reference."""
    table = pq.read_table(path)
    names = [name for name in table.column_names if name.startswith("input:")]
    rows = RegressionPredictions(
        predicted=table.column("predicted").to_numpy(),
        inputs=Inputs.from_table(table.select(names)),
    )
    return rows, table.column("truth").to_numpy(), table.column("bucket").to_numpy()


def of_split(path: Path) -> Split:
    """Return errors, bias, coverage and refusals of one split of a task."""
    rows, truth, bucket = read(path)
    peer = json.loads(path.with_suffix(".json").read_text())
    known = np.flatnonzero(bucket < 0)
    estimator = fit_regression_estimator(rows.take(known), truth[known], METRICS)
    found: dict[str, list[float]] = {"refused": []}
    for number in range(int(bucket.max()) + 1):
        places = np.flatnonzero(bucket == number)
        part = rows.take(places)
        estimate = estimator.estimate(part)
        found["refused"].append(float(estimate.refused is not None))
        for ours in estimate.metrics:
            if ours.value is None:
                continue
            metric = REGRESSION_METRICS[ours.name]
            real = metric.value(float(metric.of_rows(truth[places], part.predicted).mean()))
            theirs = {k: v[number] for k, v in peer[ours.name].items()}
            one = {
                "ours": abs(ours.value - real) / real,
                "peer": abs(theirs["value"] - real) / real,
                "bias": (ours.value - real) / real,
                "peer bias": (theirs["value"] - real) / real,
                "covered": ours.low <= real <= ours.high,
                "peer covered": theirs["low"] <= real <= theirs["high"],
            }
            for what, value in one.items():
                found.setdefault(f"{ours.name} {what}", []).append(float(value))
    return {what: float(np.mean(values)) for what, values in found.items()}


def by_task(files: list[Path]) -> Iterator[tuple[str, Split]]:
    """Yield what is measured of each task, the mean over its splits."""
    for name, group in groupby(files, key=lambda path: path.stem.rpartition("-")[0]):
        splits = [of_split(path) for path in group]
        yield name, {what: float(np.mean([one[what] for one in splits])) for what in splits[0]}


def main() -> None:
    """Measure every task and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["all", "held-back"], default="all")
    parser.add_argument("--splits", type=int, default=5, help="so many splits of each table")
    parser.add_argument("--tasks", type=Path, help="folder of tasks that were built before")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    tables = "NUMBERS_HELD_BACK" if given.only == "held-back" else "NUMBERS"
    found = []
    with tempfile.TemporaryDirectory() as made:
        folder = given.tasks or built(Path(made), tables, "estimation_regression_peer.py")
        files = sorted(folder.glob("*.parquet"))
        files = [path for path in files if int(path.stem.rpartition("-")[2]) < given.splits]
        print(f"{'mean error, % of the measured':30}" + "".join(f"{m:>18}" for m in METRICS))
        for name, one in by_task(files):
            found.append(one)
            shown = [
                f"{1e2 * one[f'{m} ours']:8.2f} ({1e2 * one[f'{m} peer']:6.2f})" for m in METRICS
            ]
            print(f"{name:30}" + "".join(f"{text:>18}" for text in shown), flush=True)
    sys.exit(0 if summary(found) else 1)


def summary(found: list[Split]) -> bool:
    """Print what the limits are about; return whether all are met."""
    met = True
    for name in METRICS:
        wins = np.mean([one[f"{name} ours"] < one[f"{name} peer"] for one in found])
        ratio = np.mean([one[f"{name} ours"] / one[f"{name} peer"] for one in found])
        bias, covered, theirs, theirs_covered = (
            np.mean([one[f"{name} {what}"] for one in found])
            for what in ("bias", "covered", "peer bias", "peer covered")
        )
        print(
            f"{name}: lower error on {wins:.0%} of {len(found)} tasks, {ratio:.2f} of the peer's;"
            f" bias {bias:+.1%} ({theirs:+.1%}); intervals hold {covered:.1%}"
            f" (the peer's {theirs_covered:.1%})"
        )
        met &= bool(wins >= LEAST_WINS and covered >= LEAST_COVERED)
    refused = np.mean([one["refused"] for one in found])
    print(f"refused: {refused:.1%} of buckets within support")
    return met and bool(refused <= MOST_REFUSED)


if __name__ == "__main__":
    main()
