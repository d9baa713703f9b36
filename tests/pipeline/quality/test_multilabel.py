"""Predictions with any number of several labels, from what was logged to what is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    hamming_loss,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.preprocessing import MultiLabelBinarizer

from pipeline.quality.test_rollup import MODEL, NOON, NOW, outcome, prediction, shown, value
from watchkeeper.events import Feedback, OperatingSettings, QualitySettings
from watchkeeper.store import Store

NAMES = ("comedy", "crime", "drama")


def drawn(rows: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    scores = random.random((rows, 3)).round(3)
    return scores, (random.random((rows, 3)) < scores).astype(float)


def names_of(row: np.ndarray) -> list[str]:
    return [name for name, flag in zip(NAMES, row, strict=True) if flag]


def test_probabilities_by_label_are_measured_as_scikit_learn_does(tmp_path: Path) -> None:
    scores, truth = drawn(240)
    said = (scores >= 0.4).astype(float)
    with Store.open(tmp_path) as store:
        quality = QualitySettings(threshold=0.4)
        store.operating.put(MODEL, OperatingSettings(quality=quality), actor="ann", now=NOW)
        answers = [dict(zip(NAMES, map(float, row), strict=True)) for row in scores]
        store.append(
            [prediction(n, one, minutes=n, version=f"v{n % 2}") for n, one in enumerate(answers)]
        )
        store.append([outcome(n, names_of(row)) for n, row in enumerate(truth)])
        found = shown(store, by="version")
        assert found.task == "multilabel"
        for at in (0, 1):
            y, p, s = truth[at::2], said[at::2], scores[at::2]
            losses = [log_loss(y[:, label], s[:, label]) for label in range(3)]
            wanted = {
                "roc_auc": roc_auc_score(y, s),
                "pr_auc": average_precision_score(y, s),
                "log_loss": np.mean(losses),
                "brier": np.mean((s - y) ** 2),
                "accuracy": accuracy_score(y, p),
                "macro_precision": precision_score(y, p, average="macro"),
                "macro_recall": recall_score(y, p, average="macro"),
                "macro_f_beta": f1_score(y, p, average="macro"),
                "weighted_precision": precision_score(y, p, average="weighted"),
                "weighted_recall": recall_score(y, p, average="weighted"),
                "weighted_f_beta": f1_score(y, p, average="weighted"),
                "micro_f_beta": f1_score(y, p, average="micro"),
                "hamming_loss": hamming_loss(y, p),
            }
            got = {one.name: one.value for one in found.totals[at].metrics}
            assert got == {name: pytest.approx(one, abs=1e-9) for name, one in wanted.items()}
            assert all(one.low is not None for one in found.totals[at].metrics)


def test_lists_as_outputs_are_labels_once_outcomes_are_lists(tmp_path: Path) -> None:
    scores, truth = drawn(60)
    outputs = [names_of(row) for row in scores > 0.5]
    with Store.open(tmp_path) as store:
        store.append([prediction(n, one, minutes=n) for n, one in enumerate(outputs)])
        assert shown(store).task is None
        store.append([outcome(n, names_of(row)[::-1]) for n, row in enumerate(truth)])
        found = shown(store)
        binarizer = MultiLabelBinarizer(classes=NAMES)
        y, p = (binarizer.fit_transform(one) for one in (map(names_of, truth), outputs))
        assert (found.task, found.totals[0].labelled) == ("multilabel", 60)
        assert value(found, "macro_f_beta") == pytest.approx(f1_score(y, p, average="macro"))
        assert value(found, "hamming_loss") == pytest.approx(hamming_loss(y, p))


def test_the_same_labels_in_another_order_are_the_same_outcome(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(1, ["a"]), prediction(2, [])])
        store.append([outcome(1, ["a", "b"]), outcome(2, [])])
        assert store.append([outcome(1, ["b", "a"]), outcome(2, [])]).duplicates == 2
        found = shown(store)
        assert value(found, "accuracy") == 0.5
        store.append([outcome(1, ["a"], minutes=1)])  # a correction
        assert value(shown(store), "accuracy") == 1.0


def test_a_model_that_never_named_a_label_is_right_where_none_applied(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(1, []), outcome(1, [])])
        store.seal()
        found = shown(store)
        assert (found.task, value(found, "accuracy")) == ("multilabel", 1.0)


def test_settings_make_lists_labels_or_ranked_items_whatever_outcomes_are(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append([prediction(1, ["a", "b"]), outcome(1, ["b"])])
        assert shown(store).task == "multilabel"
        for task, metric, wanted in (("ranking", "mrr", 0.5), ("multilabel", "accuracy", 0.0)):
            quality = QualitySettings(task=task)  # type: ignore[arg-type]
            store.operating.put(MODEL, OperatingSettings(quality=quality), actor="ann", now=NOW)
            found = shown(store)
            assert (found.task, value(found, metric)) == (task, wanted)
        quality = QualitySettings(task="multiclass")
        store.operating.put(MODEL, OperatingSettings(quality=quality), actor="ann", now=NOW)
        assert "Labels are lists of texts, which is no multiclass task." in shown(store).said


def test_lists_without_outcomes_stay_ranked_items(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        click = Feedback(
            model=MODEL, feedback_id="f", prediction_id="p1", time=NOON, kind="click", item="b"
        )
        store.append([prediction(1, ["a", "b"]), click])
        assert shown(store).task == "ranking"


def test_texts_among_lists_of_labels_are_lists_of_one_in_a_table_too(tmp_path: Path) -> None:
    def table(labels: pa.Array, first: int) -> pa.Table:
        ids = [f"p{first + n}" for n in range(len(labels))]
        time = pa.array([NOON] * len(labels), pa.timestamp("us", "UTC"))
        return pa.table({"prediction_id": ids, "time": time, "label": labels})

    with Store.open(tmp_path) as store:
        store.append([prediction(n, {"a": 0.9, "b": 0.2}) for n in range(5)])
        store.append_table(MODEL, "outcome", table(pa.array([[], []]), 0))
        store.append_table(MODEL, "outcome", table(pa.array([["a"], None]), 2))
        store.append_table(MODEL, "outcome", table(pa.array(["a"]), 4))
        store.seal()
        found = shown(store)
        assert (found.task, found.totals[0].labelled) == ("multilabel", 4)
        assert value(found, "accuracy") == 0.5


def test_what_does_not_go_with_lists_of_labels_is_said(tmp_path: Path) -> None:
    cases: dict[str, tuple[Any, Any, str]] = {
        "number": (0.5, ["a"], "outputs must be probabilities by label, or lists of labels"),
        "nothing": (None, ["a"], "The predictions with a label have no output."),
    }
    for name, (output, label, wanted) in cases.items():
        with Store.open(tmp_path / name) as store:
            store.append([prediction(1, output), outcome(1, label)])
            assert any(wanted in line for line in shown(store).said), name


def test_with_very_many_labels_a_fixed_share_of_the_predictions_is_measured(
    tmp_path: Path,
) -> None:
    from watchkeeper.pipeline.quality.label_lists import few_enough

    labels = pa.array([[f"l{n % 5_000}"] for n in range(20_000)])
    table = pa.table({"prediction_id": [f"p{n}" for n in range(20_000)], "label": labels})
    kept, one_in = few_enough(table, 1)
    assert one_in == 5
    assert kept.num_rows == pytest.approx(4_000, rel=0.1)
    kept, one_in = few_enough(table.drop_columns(["prediction_id"]), 2)
    assert (one_in, kept.num_rows) == (10, 4_000)
