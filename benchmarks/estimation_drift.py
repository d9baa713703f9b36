"""Estimates under concept drift: what they say, and how many labels it takes to contradict them.

    python benchmarks/estimation_drift.py [--tasks FOLDER]

The tasks of ``estimation.py``, eight buckets of each of three splits, 1,000 rows of them. Two in
three labels of a bucket are turned over (65 %), so that the score means nearly the reverse; inputs
stay as they were, so no estimate without labels can tell. Then labels are revealed in random order:
at 10, 20, 30, 50, 100 and 200 of them ``correct`` is asked whether they contradict the estimate.
The same with the labels as they are.

Limits: half of the drifted buckets contradicted by 50 labels or fewer; at most 2 % of the buckets
without drift at any one number of labels (the level is 1 %).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from estimation import read, tasks
from watchkeeper.estimation import (
    ClassEstimator,
    ClassPredictions,
    correct,
    fit_class_estimator,
    one_hot,
)

LOOKS = (10, 20, 30, 50, 100, 200)
SPLITS, BUCKETS, ROWS, TURNED = 3, 8, 1_000, 0.65
METRICS = ("roc_auc", "accuracy")
MOST_LABELS, MOST_FALSE = 50, 0.02


def looked(
    estimator: ClassEstimator, rows: ClassPredictions, labels: np.ndarray, order: np.ndarray
) -> dict[str, list[bool]]:
    """Return of each metric whether the estimate was contradicted at each look."""
    found: dict[str, list[bool]] = {}
    for name in METRICS:
        for look in LOOKS:
            known = order[:look]
            one = correct(estimator, name, rows, known, labels[known])
            found.setdefault(name, []).append(one is not None and one.is_contradicted)
    return found


Found = dict[str, list[list[bool]]]
"""Of each metric, whether each bucket was contradicted at each look."""


def of_split(path: Path) -> tuple[Found, Found, list[tuple[float, float, float]]]:
    """Return what was contradicted without drift and with it, and the ROC AUC of the latter.

    That is what the peer and Watchkeeper say of it, and what it is.
    """
    clean: Found = {name: [] for name in METRICS}
    drifted: Found = {name: [] for name in METRICS}
    said: list[tuple[float, float, float]] = []
    rows, labels, bucket = read(path)
    peer = json.loads(path.with_suffix(".json").read_text())["roc_auc"]["value"]
    reference = np.flatnonzero(bucket < 0)
    estimator = fit_class_estimator(rows.take(reference), labels[reference], ("no", "yes"))
    rng = np.random.default_rng(0)
    for number in range(BUCKETS):
        places = rng.permutation(np.flatnonzero(bucket == number))[:ROWS]
        part, true = rows.take(places), labels[places]
        turned = np.where(rng.random(len(places)) < TURNED, 1 - true, true)
        order = rng.permutation(len(places))
        estimated = estimator.estimate(part).metrics[0].value
        real = estimator.value("roc_auc", one_hot(turned, 2), part).value
        if estimated is not None:
            said.append((peer[number], estimated, real))
        for kept, known in ((clean, true), (drifted, turned)):
            for name, found in looked(estimator, part, known, order).items():
                kept[name].append(found)
    return clean, drifted, said


def main() -> None:
    """Measure every task and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=Path, help="folder of tasks that were built before")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    clean: Found = {name: [] for name in METRICS}
    drifted: Found = {name: [] for name in METRICS}
    said: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory() as made:
        files = sorted(given.tasks.glob("*.parquet")) if given.tasks else tasks(Path(made), "")
        files = [one for one in files if int(one.stem.rpartition("-")[2]) < SPLITS]
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            for path, found in zip(files, pool.map(of_split, files), strict=True):
                for name in METRICS:
                    clean[name] += found[0][name]
                    drifted[name] += found[1][name]
                said += found[2]
                print(path.stem, file=sys.stderr, flush=True)
    sys.exit(0 if summary(clean, drifted, np.array(said)) else 1)


def summary(clean: Found, drifted: Found, said: np.ndarray) -> bool:
    """Print what was found; return whether all limits are met."""
    theirs, ours, real = said.mean(axis=0)
    print(
        f"ROC AUC of {len(said)} drifted buckets: {real:.3f} on average; without labels the peer"
        f" says {theirs:.3f}, Watchkeeper {ours:.3f}"
    )
    met = True
    print(f"{'contradicted by so many labels':34}" + "".join(f"{look:>8}" for look in LOOKS))
    for name in METRICS:
        for what, found in (("drift", drifted[name]), ("none", clean[name])):
            share = np.mean(found, axis=0)
            print(f"{name + ', ' + what:34}" + "".join(f"{one:8.1%}" for one in share))
        first = [LOOKS[one.index(True)] if any(one) else np.inf for one in drifted[name]]
        print(f"{name}: half of the drifted buckets were contradicted by {np.median(first):.0f}")
        met &= bool(np.median(first) <= MOST_LABELS)
        met &= bool(np.mean(clean[name], axis=0).max() <= MOST_FALSE)
    return met


if __name__ == "__main__":
    main()
