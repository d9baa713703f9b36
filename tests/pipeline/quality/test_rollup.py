"""Quality cells say what the labels that have come say, in whatever order they came."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.metrics import roc_auc_score

from watchkeeper.errors import SettingsError
from watchkeeper.events import OperatingSettings, Outcome, Prediction, QualitySettings
from watchkeeper.pipeline.quality import Performance, QualityRollup, performance
from watchkeeper.store import DAY, HOUR, KeptCell, Store

MODEL = "m"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=5)
FOR_EVER = 2**40


def prediction(number: int, output: object, *, minutes: float = 0, version: str = "") -> Prediction:
    return Prediction(
        model=MODEL,
        prediction_id=f"p{number}",
        time=NOON + timedelta(minutes=minutes),
        output=output,  # type: ignore[arg-type]
        version=version,
    )


def outcome(number: int, label: object, *, minutes: float = 0) -> Outcome:
    return Outcome(
        model=MODEL,
        prediction_id=f"p{number}",
        time=NOON + timedelta(minutes=minutes),
        label=label,  # type: ignore[arg-type]
    )


def measured(store: Store) -> dict[int, list[KeptCell]]:
    QualityRollup(store).advance(at_once=True)
    return {
        level: store.quality.cells(MODEL, level, start=0, end=FOR_EVER) for level in (HOUR, DAY)
    }


def shown(store: Store, **more: object) -> Performance:
    QualityRollup(store).advance(at_once=True)
    return performance(store, MODEL, now=NOW, **more)  # type: ignore[arg-type]


def value(found: Performance, metric: str, group: int = 0) -> float | None:
    [one] = [m for m in found.totals[group].metrics if m.name == metric]
    return one.value


def scored(rows: int) -> tuple[list[Prediction], list[Outcome], np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    scores = random.random(rows)
    labels = random.random(rows) < scores
    predictions = [
        prediction(n, float(scores[n]), minutes=n * 7, version=f"v{n % 2}") for n in range(rows)
    ]
    outcomes = [outcome(n, bool(labels[n]), minutes=n * 7 + 90) for n in range(rows)]
    return predictions, outcomes, scores, labels


def test_probabilities_with_true_and_false_are_measured_as_scikit_learn_does(
    tmp_path: Path,
) -> None:
    predictions, outcomes, scores, labels = scored(400)
    with Store.open(tmp_path) as store:
        store.append([*predictions, *outcomes])
        found = shown(store)
        assert (found.task, found.totals[0].labelled) == ("binary", 400)
        auc = value(found, "roc_auc")
        assert auc == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
        by = shown(store, by="version")
        assert [one.group for one in by.totals] == ["v0", "v1"]
        odd = value(by, "roc_auc", 1)
        assert odd == pytest.approx(roc_auc_score(labels[1::2], scores[1::2]), abs=1e-12)
        assert found.calibration is not None
        assert sum(one.rows for one in found.calibration.bins) == 400
        assert found.label_delay.median_seconds is not None
        assert 3_600 <= found.label_delay.median_seconds <= 7_200


@settings(max_examples=10, deadline=None)
@given(
    order=st.permutations(range(24)),
    cuts=st.sets(st.integers(1, 23), max_size=4),
    seals=st.booleans(),
    are_lists=st.booleans(),
)
def test_labels_in_any_order_and_any_parts_give_the_same_cells(
    tmp_path_factory: pytest.TempPathFactory,
    order: list[int],
    cuts: set[int],
    seals: bool,
    are_lists: bool,
) -> None:
    predictions, outcomes, *_ = scored(12)
    if are_lists:  # which are ranked items until a label says otherwise
        predictions = [
            replace(one, output=["a", "b"][: n % 3]) for n, one in enumerate(predictions)
        ]
        outcomes = [replace(one, label=["b", "c"][: n % 4]) for n, one in enumerate(outcomes)]
    records = [*predictions, *outcomes]
    with Store.open(tmp_path_factory.mktemp("whole")) as store:
        store.append(records)
        whole = measured(store)
    ends = [0, *sorted(cuts), 24]
    with Store.open(tmp_path_factory.mktemp("parts")) as store:
        for start, end in itertools.pairwise(ends):
            store.append([records[place] for place in order[start:end]])
            if seals:
                store.seal()
            parts = measured(store)
    assert parts == whole


def test_days_read_together_are_measured_as_each_by_itself(tmp_path: Path) -> None:
    predictions, outcomes, *_ = scored(2_000)  # of ten days
    with Store.open(tmp_path / "together") as store:
        store.append([*predictions, *outcomes])
        together = measured(store)
    with Store.open(tmp_path / "alone") as store:
        rollup = QualityRollup(store)
        for start in range(0, 2_000, 200):
            part = slice(start, start + 200)
            store.append([*predictions[part], *outcomes[part]])
            rollup.advance(at_once=True)
        alone = measured(store)
    assert len(together[DAY]) == 11
    assert together == alone


def test_only_what_new_labels_touch_is_measured_again(tmp_path: Path) -> None:
    predictions, outcomes, *_ = scored(400)  # some 47 hours
    with Store.open(tmp_path) as store:
        store.append([*predictions, *outcomes[:200]])
        rollup = QualityRollup(store)
        assert rollup.advance(at_once=True) == 2
        assert rollup.advance(at_once=True) == 0
        store.append(outcomes[390:])
        assert rollup.advance(at_once=True) == 1


def test_an_outcome_may_come_before_its_prediction_and_be_corrected(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([outcome(1, 3.0)])
        assert measured(store)[DAY] == []
        store.append([prediction(1, 5.0)])
        assert value(shown(store), "mae") == 2.0
        store.append([outcome(1, 4.5, minutes=10)])
        assert value(shown(store), "mae") == 0.5


def test_numbers_classes_and_probabilities_by_class_are_told_apart(tmp_path: Path) -> None:
    cases: dict[str, tuple[list[object], list[object], str]] = {
        "numbers": ([1.5, 2.0, 30.0], [1.0, 2.0, 33.0], "regression"),
        "shares": ([0.5, 0.2, 0.3], [0.51, 0.25, 0.3], "regression"),
        "flags": ([0.5, 0.2, 0.9], [1, 0, 1], "binary"),
        "classes": (["cat", "dog", "cow"], ["cat", "cow", "cow"], "multiclass"),
        "yes": (["yes", "no", "no"], ["yes", "no", "yes"], "binary"),
        "shares of classes": (
            [{"cat": 0.5, "dog": 0.3, "cow": 0.2}] * 3,
            ["cat", "dog", "dog"],
            "multiclass",
        ),
    }
    for name, (outputs, labels, task) in cases.items():
        with Store.open(tmp_path / name) as store:
            store.append([prediction(n, output) for n, output in enumerate(outputs)])
            store.append([outcome(n, label) for n, label in enumerate(labels)])
            found = shown(store)
            assert (name, found.task, found.totals[0].labelled) == (name, task, 3)
            told = () if found.calibration is None else found.calibration.bins
            bins = {"flags": [0.2, 0.5, 0.9], "shares of classes": [0.5]}.get(name, [])
            np.testing.assert_allclose([one.predicted for one in told], bins)


def test_settings_say_the_task_and_the_metrics(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(n, n / 10) for n in range(10)])
        store.append([outcome(n, n % 2) for n in range(10)])
        assert shown(store).task == "binary"
        quality = QualitySettings(task="regression", metrics=("mae", "bias"))
        store.operating.put(MODEL, OperatingSettings(quality=quality), actor="ann", now=NOW)
        found = shown(store)
        assert found.task == "regression"
        assert [one.name for one in found.metrics] == ["mae", "bias"]
        with pytest.raises(SettingsError, match="no metric 'mea'"):
            shown(store, metrics=["mea"])


def test_without_outcomes_it_says_what_to_send(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(1, 0.5)])
        found = shown(store)
        assert (found.task, found.totals) == (None, [])
        assert "No outcome has come yet" in found.said[0]


def test_early_labels_that_are_all_good_news_are_known_to_be(tmp_path: Path) -> None:
    """Repaid loans are known at once, defaults after a day: young metrics look too good."""
    random = np.random.default_rng(1)
    with Store.open(tmp_path) as store:
        for day in range(12):
            times = [NOON + timedelta(days=day - 12, minutes=n) for n in range(300)]
            is_late = random.random(300) < 0.3
            ids = [f"d{day}-{n}" for n in range(300)]
            known = [
                t + timedelta(days=1 if late else 0, minutes=5)
                for t, late in zip(times, is_late, strict=True)
            ]
            stamp = pa.timestamp("us", "UTC")
            outputs = random.normal(size=300)
            store.append_table(
                MODEL,
                "prediction",
                pa.table({"prediction_id": ids, "time": pa.array(times, stamp), "output": outputs}),
            )
            labels = outputs + np.where(is_late, 4.0, 1.0)
            store.append_table(
                MODEL,
                "outcome",
                pa.table({"prediction_id": ids, "time": pa.array(known, stamp), "label": labels}),
            )
        found = shown(store)
        young = [one for one in found.label_delay.bias_of_young if one.metric == "mae"]
        assert young
        assert young[0].high < 0  # from the first labels on, the error looks too small
        assert young[0].bias == pytest.approx(-0.9, abs=0.1)
        assert any("subtract that from what is so young" in line for line in found.said)


def test_costs_are_those_of_the_classes_that_an_hour_has(tmp_path: Path) -> None:
    matrix = ((0.0, 1.0, 2.0), (3.0, 0.0, 4.0), (5.0, 6.0, 0.0))
    with Store.open(tmp_path) as store:
        quality = QualitySettings(cost_matrix=matrix, cost_unit="EUR")
        store.operating.put(MODEL, OperatingSettings(quality=quality), actor="test", now=NOW)
        pairs = [("cat", "cow"), ("dog", "dog"), ("cow", "dog"), ("dog", "cow")]
        for number, (answer, label) in enumerate(pairs):
            minutes = 60 * number
            store.append([prediction(number, answer, minutes=minutes), outcome(number, label)])
        found = shown(store)
        assert value(found, "cost") == pytest.approx((3 + 0 + 6 + 4) / 4)
        [series] = [one for one in found.groups[0].series if one.metric == "cost"]
        assert [one for one in series.value if one is not None] == [3, 0, 6, 4]


def test_a_cost_matrix_of_another_size_is_told_and_left_out(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        quality = QualitySettings(cost_matrix=((0.0, 1.0), (1.0, 0.0)))
        store.operating.put(MODEL, OperatingSettings(quality=quality), actor="test", now=NOW)
        for number, label in enumerate(("cat", "cow", "dog")):
            store.append([prediction(number, "cat"), outcome(number, label)])
        found = shown(store)
        assert value(found, "accuracy") == pytest.approx(1 / 3)
        assert (
            "The cost matrix has 2 rows, and there are 3 classes (cat, cow, dog): costs are left"
            " out." in found.said
        )
