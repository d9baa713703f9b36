"""Estimates beside what labels say: scored, corrected, contradicted, and what cannot be known."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.errors import DataError, SettingsError
from watchkeeper.pipeline import QualityWatch
from watchkeeper.pipeline.estimating import Estimates, EstimateSeries, estimates
from watchkeeper.store import Store

from .scored_store import (
    MODEL,
    NOW,
    REFERENCE_END,
    START,
    baseline,
    day_rows,
    fill_reference,
    keep,
    outcomes,
)


def shown(store: Store, **more: object) -> Estimates:
    QualityWatch(store).advance(now=NOW, at_once=True)
    return estimates(store, MODEL, now=NOW, start=REFERENCE_END, **more)  # type: ignore[arg-type]


def series(found: Estimates, metric: str) -> EstimateSeries:
    [one] = [one for one in found.series if one.metric == metric]
    return one


def watched(store: Store) -> None:
    fill_reference(store)
    baseline(store)


def test_past_estimates_are_scored_as_their_labels_come(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        watched(store)
        for day in range(6, 16):
            table, labels = day_rows(day, shift=0.15 * (day - 6))
            keep(store, "prediction", table)
            if day < 14:
                keep(store, "outcome", outcomes(table, labels))
        found = shown(store, metrics=["roc_auc", "accuracy"])
        assert found.step_seconds == 86_400
        assert [one.name for one in found.metrics] == ["roc_auc", "accuracy"]
        line = series(found, "roc_auc")
        assert None not in line.value
        assert line.measured[-2:] == [None, None] and None not in line.measured[:-2]
        [auc, _] = found.scores
        real = np.array(line.measured[:-2], dtype=float)
        guess = np.array(line.value[:-2], dtype=float)
        assert auc.steps == 8
        assert auc.error == pytest.approx(np.abs(guess - real).mean())
        assert auc.bias == pytest.approx((guess - real).mean())
        assert auc.inside_ratio >= 0.75
        assert found.reference is not None
        before = found.reference[0].value
        assert before is not None
        assert auc.unchanged_error == pytest.approx(np.abs(before - real).mean())
        assert "Of 8 past days whose labels are there, ROC AUC was off by" in " ".join(found.said)
        assert "none contradicts its estimate" in " ".join(found.said)


def test_labels_that_contradict_are_told_in_plain_words(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        watched(store)
        for day in range(6, 12):
            table, labels = day_rows(day, turned=day >= 8)
            keep(store, "prediction", table)
            few = np.arange(0, 240, 5)
            keep(store, "outcome", outcomes(table.take(pa.array(few)), labels[few]))
        found = shown(store)
        assert found.said[0].startswith("Labels contradict the estimates on 3 of 5 days")
        line = series(found, "accuracy")
        assert line.value[-1] is not None and line.value[-1] > 0.7
        assert line.corrected_high[-1] is not None and line.corrected_high[-1] < 0.5


def test_labels_that_are_still_coming_contradict_nothing(tmp_path: Path) -> None:
    """The first labels of a day are those of one kind here: they say nothing of the others."""
    with Store.open(tmp_path) as store:
        watched(store)
        for day in range(6, 12):
            table, labels = day_rows(day)
            keep(store, "prediction", table)
            fast = np.flatnonzero(~labels)
            keep(store, "outcome", outcomes(table.take(pa.array(fast)), labels[fast], hours=1))
            if day < 10:
                slow = np.flatnonzero(labels)
                keep(store, "outcome", outcomes(table.take(pa.array(slow)), labels[slow], hours=40))
        found = shown(store)
        assert not any("Labels contradict" in line for line in found.said)


def test_what_lies_outside_the_reference_is_refused_and_said(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        watched(store)
        for day in (6, 7, 8):
            keep(store, "prediction", day_rows(day, shift=9.0 if day == 7 else 0.0)[0])
        found = shown(store)
        assert [one is None for one in found.refused] == [True, False, True]
        assert series(found, "accuracy").value[1] is None
        assert found.outside_columns[0].column in ("x", "score of the model")
        assert any(line.startswith("Of 1 of 3 days nothing can be known") for line in found.said)
        assert found.said[-1].endswith("only labels can show it.")


def test_a_regression_is_estimated_by_its_errors(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        random = np.random.default_rng(4)
        for day in range(9):
            table, _ = day_rows(day)
            x = table.column("feature:x").to_numpy()
            truth = 10.0 * x + random.normal(size=240) * (1.0 + np.abs(x))
            place = table.column_names.index("output")
            keep(store, "prediction", table.set_column(place, "output", pa.array(10.0 * x)))
            if day < 8:
                keep(store, "outcome", outcomes(table, truth))
            if day == 5:
                baseline(store)
        found = shown(store)
        assert found.task == "regression"
        assert [one.name for one in found.metrics] == ["mae", "rmse", "bias"]
        for name in ("mae", "rmse", "bias"):
            line = series(found, name)
            assert line.measured[0] is not None and line.low[0] is not None
            assert line.low[0] < line.measured[0] < (line.high[0] or 0.0)
            assert line.corrected[0] == pytest.approx(line.measured[0], rel=1e-9, abs=1e-9)
            assert line.value[2] is not None and line.measured[2] is None


def test_classes_and_classes_without_scores_are_estimated_too(tmp_path: Path) -> None:
    names = np.array(["ant", "bee", "cat"])
    for case in ("probabilities", "answers"):
        with Store.open(tmp_path / case) as store:
            random = np.random.default_rng(5)
            for day in range(8):
                table, _ = day_rows(day)
                x = table.column("feature:x").to_numpy()
                odds = np.exp(np.column_stack([x, np.zeros(240), -x]))
                chances = odds / odds.sum(axis=1, keepdims=True)
                truth = names[(random.random((240, 1)) > chances.cumsum(axis=1)).sum(axis=1)]
                bare = table.drop_columns("output")
                if case == "answers":
                    bare = bare.append_column("output", pa.array(names[chances.argmax(axis=1)]))
                else:
                    for at, name in enumerate(names):
                        bare = bare.append_column(f"output:{name}", pa.array(chances[:, at]))
                keep(store, "prediction", bare)
                if day < 7:
                    keep(store, "outcome", outcomes(table, truth))
                if day == 5:
                    baseline(store)
            found = shown(store)
            assert found.task == "multiclass"
            line = series(found, "accuracy")
            assert line.measured[0] is not None and line.low[0] is not None
            assert line.low[0] < line.measured[0] < (line.high[0] or 0.0)
            assert line.corrected[0] == pytest.approx(line.measured[0])
            assert line.value[1] is not None
            assert ("roc_auc" in [one.name for one in found.metrics]) == (case == "probabilities")


def test_without_a_baseline_or_labels_it_says_what_is_needed(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store, has_labels=False)
        found = shown(store)
        assert (found.task, found.metrics, found.reference_rows) == (None, [], None)
        assert found.said == [
            "Nothing is estimated yet: that needs a baseline, and outcomes of its predictions."
        ]
        with pytest.raises(DataError, match=r"no model 'chrun'.*churn"):
            estimates(store, "chrun", now=NOW)
        with pytest.raises(SettingsError, match="no metric 'acuracy'"):
            estimates(store, MODEL, now=NOW, metrics=["acuracy"])


def test_hours_are_told_where_they_are_estimated(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        watched(store)
        keep(store, "prediction", day_rows(6, rows=1_440)[0])
        found = shown(store, end=START + timedelta(days=7))
        assert found.step_seconds == 3_600
        assert found.predictions == [60] * 24
        assert None not in series(found, "accuracy").value
