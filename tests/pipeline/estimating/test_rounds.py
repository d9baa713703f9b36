"""Estimates follow the predictions, in whatever order and parts these and the labels come."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, roc_auc_score

from watchkeeper.pipeline import QualityWatch
from watchkeeper.pipeline.estimating import EstimatedCell
from watchkeeper.pipeline.estimating.estimator_facts import EstimatorFacts
from watchkeeper.store import DAY, HOUR, EstimateCell, Store

from .scored_store import (
    MODEL,
    NOW,
    REFERENCE_DAYS,
    baseline,
    day_rows,
    estimated,
    fill_reference,
    keep,
    outcomes,
)

TESTS = Path(__file__).parents[2]


def told(cell: EstimateCell) -> EstimatedCell:
    return EstimatedCell.from_bytes(cell.payload)


def why_not(store: Store) -> str | None:
    facts = store.estimates.facts(MODEL)
    assert facts is not None
    return EstimatorFacts.from_bytes(facts).why_not


def test_days_without_any_label_are_estimated_near_what_the_labels_say_later(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store)
        baseline(store)
        days = range(6, 12)
        rows = [day_rows(day, shift=0.5) for day in days]
        for table, _ in rows:
            keep(store, "prediction", table)
        cells = estimated(store)
        assert [cell.predictions for cell in cells[DAY]] == [240] * len(days)
        assert not cells[HOUR]  # ten predictions in an hour are too few
        held, errors = 0, []
        for cell, (table, labels) in zip(cells[DAY], rows, strict=True):
            scores = table.column("output").to_numpy()
            found = {one.name: one for one in told(cell).values}
            for name, real in (
                ("roc_auc", roc_auc_score(labels, scores)),
                ("accuracy", accuracy_score(labels, scores >= 0.5)),
            ):
                held += found[name].low <= real <= found[name].high
                errors.append(found[name].value - real)
        assert held >= 10  # of 12
        assert abs(float(np.mean(errors))) < 0.02


def test_hours_with_enough_predictions_have_estimates_of_their_own(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store)
        baseline(store)
        keep(store, "prediction", day_rows(6, rows=1_440)[0])
        cells = estimated(store)
        assert [cell.predictions for cell in cells[HOUR]] == [60] * 24
        assert [cell.predictions for cell in cells[DAY]] == [1_440]


def test_rows_outside_the_references_support_are_refused_and_the_column_named(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store)
        baseline(store)
        keep(store, "prediction", day_rows(6, shift=8.0)[0])
        [cell] = estimated(store)[DAY]
        found = told(cell)
        assert found.values == ()
        assert found.refused is not None and " x (100%)" in found.refused
        assert ("x", 1.0) in found.columns


def test_labels_of_the_reference_may_come_after_the_baseline_was_set(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store, has_labels=False)
        baseline(store)
        keep(store, "prediction", day_rows(6)[0])
        assert estimated(store)[DAY] == []
        assert store.estimates.facts(MODEL) is None
        days = [day_rows(day) for day in range(REFERENCE_DAYS)]
        keep(store, "outcome", outcomes(*days[0]))
        assert estimated(store)[DAY] == []
        assert why_not(store) == (
            "The reference has 240 predictions with a label and an output; to estimate performance"
            " without labels, 500 are needed."
        )
        for table, labels in days[1:]:
            keep(store, "outcome", outcomes(table, labels))
        assert len(estimated(store)[DAY]) == 1
        assert why_not(store) is None


def test_a_few_labels_correct_an_estimate_of_a_relation_that_turned(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store)
        baseline(store)
        table, labels = day_rows(6, turned=True)
        keep(store, "prediction", table)
        [cell] = estimated(store)[DAY]
        assert told(cell).corrected == ()
        few = np.arange(0, 240, 4)
        keep(store, "outcome", outcomes(table.take(pa.array(few)), labels[few]))
        [cell] = estimated(store)[DAY]
        guess = {one.name: one.value for one in told(cell).values}["accuracy"]
        corrected = {one.name: one for one in told(cell).corrected}["accuracy"]
        real = accuracy_score(labels, table.column("output").to_numpy() >= 0.5)
        assert guess > 0.7 > 0.5 > real
        assert corrected.labelled == 60
        assert corrected.low <= real <= corrected.high
        assert corrected.gap > 0.2
        assert corrected.p_value < 0.001


def test_a_day_whose_labels_are_all_there_is_corrected_to_what_they_say(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store)
        baseline(store)
        table, labels = day_rows(6)
        keep(store, "prediction", table)
        keep(store, "outcome", outcomes(table, labels))
        [cell] = estimated(store)[DAY]
        corrected = {one.name: one for one in told(cell).corrected}["accuracy"]
        real = accuracy_score(labels, table.column("output").to_numpy() >= 0.5)
        assert corrected.value == pytest.approx(real)


def test_a_version_that_the_reference_did_not_have_is_noted(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store)
        baseline(store)
        table, _ = day_rows(6)
        keep(store, "prediction", table.set_column(2, "version", pa.array(["v2"] * 240)))
        [cell] = estimated(store)[DAY]
        assert told(cell).new_versions == ("v2",)


def test_hours_under_way_are_left_until_they_end(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store, hours=1)
        baseline(store)
        table, _ = day_rows(6, rows=1_440)
        keep(store, "prediction", table.slice(0, 90))
        QualityWatch(store).advance(now=NOW)
        cells = store.estimates.cells(MODEL, HOUR, start=0, end=2**40)
        assert [cell.predictions for cell in cells] == [60]
        assert len(estimated(store)[HOUR]) == 2


PARTS = 12


def parts_of_two_days() -> list[tuple[str, pa.Table]]:
    found: list[tuple[str, pa.Table]] = []
    for day in (6, 7):
        table, labels = day_rows(day, shift=0.4 * (day - 6), rows=480)
        for part in range(3):
            chosen = pa.array(np.arange(part, 480, 3))
            found.append(("prediction", table.take(chosen)))
        known = np.arange(0, 480, 5)
        came = outcomes(table.take(pa.array(known)), labels[known])
        found += [("outcome", came.slice(at, 32)) for at in (0, 32, 64)]
    return found


@pytest.fixture(scope="module")
def referenced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the reference and its baseline, to be copied."""
    folder = tmp_path_factory.mktemp("referenced") / "store"
    with Store.open(folder) as store:
        fill_reference(store)
        baseline(store)
    return folder


@pytest.fixture(scope="module")
def estimated_whole(
    referenced: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, list[EstimateCell]]:
    """What is estimated of the two days when all of their rows came before."""
    folder = tmp_path_factory.mktemp("whole") / "store"
    shutil.copytree(referenced, folder)
    with Store.open(folder) as store:
        for kind, table in parts_of_two_days():
            keep(store, kind, table)
        return estimated(store)


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(PARTS)), cuts=st.sets(st.integers(1, PARTS - 1), max_size=3))
def test_rows_in_any_order_and_any_parts_give_the_same_estimates(
    referenced: Path,
    estimated_whole: dict[int, list[EstimateCell]],
    tmp_path_factory: pytest.TempPathFactory,
    order: list[int],
    cuts: set[int],
) -> None:
    parts = parts_of_two_days()
    assert len(parts) == PARTS
    assert len(estimated_whole[DAY]) == 2
    folder = tmp_path_factory.mktemp("parts") / "store"
    shutil.copytree(referenced, folder)
    with Store.open(folder) as store:
        for start, end in itertools.pairwise([0, *sorted(cuts), PARTS]):
            for place in order[start:end]:
                keep(store, *parts[place])
            store.seal()
            found = estimated(store)
    assert found == estimated_whole


KILLED = """
import sys
from pipeline.estimating.scored_store import NOW
from watchkeeper.pipeline import QualityWatch
from watchkeeper.store import Store

with Store.open(sys.argv[1]) as store:
    QualityWatch(store).advance(now=NOW, at_once=True)
"""


def test_one_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        with Store.open(tmp_path / name) as store:
            fill_reference(store)
            baseline(store)
            for day in range(6, 13):
                keep(store, "prediction", day_rows(day, rows=480)[0])
    with Store.open(tmp_path / "whole") as store:
        whole = estimated(store)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "killed")]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(TESTS)})
    with Store.open(tmp_path / "killed") as store:
        while process.poll() is None and not store.estimates.cells(MODEL, DAY, start=0, end=2**40):
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        before = store.estimates.cells(MODEL, DAY, start=0, end=2**40)
        assert 0 < len(before) < 7
        assert estimated(store) == whole


def test_an_estimator_goes_with_an_erased_entity_and_is_fitted_from_what_is_left(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store)
        table, labels = day_rows(5, seed=1, rows=50)
        of_ann = table.append_column("entity", pa.array(["ann"] * 50))
        keep(store, "prediction", of_ann)
        keep(store, "outcome", outcomes(table, labels))
        baseline(store)
        keep(store, "prediction", day_rows(6)[0])
        before = estimated(store)
        store.erasures.erase("ann", actor="bob", now=NOW)
        assert store.estimates.facts(MODEL) is None
        assert len(estimated(store)[DAY]) == len(before[DAY]) == 1
        facts = store.estimates.facts(MODEL)
        assert facts is not None
        assert EstimatorFacts.from_bytes(facts).labelled == 240 * REFERENCE_DAYS
