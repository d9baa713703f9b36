"""Predictions of both sides of a comparison, held against their labels."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, roc_auc_score

from watchkeeper.checks import Metric
from watchkeeper.comparison import Comparison
from watchkeeper.errors import DataError, SettingsError
from watchkeeper.events import QualitySettings
from watchkeeper.pipeline import compare, profile_table
from watchkeeper.report.comparison import (
    comparison_html,
    comparison_json,
    comparison_junit,
    comparison_markdown,
    comparison_table,
)


def scored(seed: int, rows: int = 4_000, *, worse: bool = False) -> pa.Table:
    rng = np.random.default_rng(seed)
    income, plan = rng.normal(size=rows), rng.choice(["free", "pro"], rows)
    chance = 1 / (1 + np.exp(-2 * income))
    turned = np.where(worse & (plan == "pro"), 1 - chance, chance)
    truth = rng.random(rows) < turned
    user = rng.integers(0, rows // 2, rows)
    return pa.table(
        {"income": income, "plan": plan, "user": user, "score": chance, "defaulted": truth}
    )


@pytest.fixture(scope="module")
def worse() -> Comparison:
    quality = QualitySettings(
        cost_matrix=((0.0, 1.0), (5.0, 0.0)), cost_unit="EUR", protected=("plan",)
    )
    return compare(
        scored(0), scored(1, worse=True), output="score", label="defaulted", quality=quality
    )


def test_metrics_are_those_of_scikit_learn_on_both_sides(worse: Comparison) -> None:
    found = worse.performance
    assert found is not None
    for side, name in ((scored(0), "reference"), (scored(1, worse=True), "current")):
        truth, scores = side.column("defaulted").to_numpy(), side.column("score").to_numpy()
        expected = {
            "roc_auc": roc_auc_score(truth, scores),
            "log_loss": log_loss(truth, scores),
            "accuracy": accuracy_score(truth, scores >= 0.5),
        }
        for metric, value in expected.items():
            assert getattr(found.metrics[metric], name).value == pytest.approx(value)


def test_a_relation_that_turned_in_a_segment_is_told_with_its_place_and_costs(
    worse: Comparison,
) -> None:
    found = worse.performance
    assert found is not None and found.loss is not None and found.loss.split is not None
    assert worse.dataset.verdict == "worse"
    assert found.metrics["accuracy"].change == "worse"
    assert found.loss.segments[0].text == "plan = pro"
    assert found.loss.split.relationship is not None and found.loss.split.relationship.is_told
    assert found.loss.split.inputs is not None and not found.loss.split.inputs.is_told
    assert found.loss.cost_per_thousand is not None and found.loss.cost_per_thousand.is_told
    told = next(one for one in found.gaps if (one.group, one.metric) == ("pro", "accuracy"))
    assert told.gap.is_told and told.reference_gap is not None
    assert not told.reference_gap.is_told


def test_every_form_says_that_predictions_got_worse(worse: Comparison) -> None:
    terminal = StringIO()
    Console(width=120, file=terminal).print(comparison_table(worse))
    for text in (
        terminal.getvalue(),
        comparison_markdown(worse),
        comparison_html(worse),
        comparison_json(worse).decode(),
        comparison_junit(worse),
    ):
        assert "accuracy" in text and "worse" in text
    assert "Calibration" in comparison_html(worse)
    assert 'type="performance"' in comparison_junit(worse)


def test_equal_sides_are_called_worse_seldom() -> None:
    verdicts = [
        compare(
            scored(seed, 600), scored(100 + seed, 600), output="score", label="defaulted",
            columns=["income"], least_effect=0.0, joint=False,
        ).dataset.worse
        for seed in range(20)
    ]  # fmt: skip
    assert sum(verdicts) <= 3


def test_columns_are_judged_alike_with_and_without_labels(worse: Comparison) -> None:
    plain = compare(scored(0), scored(1, worse=True))
    assert plain.performance is None
    assert plain.columns == worse.columns
    assert plain.dataset.joint == worse.dataset.joint


def test_numbers_are_measured_by_their_errors_and_files_read_like_frames(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=2_000)
    sides = [
        pa.table({"x": x, "p": 3 * x, "y": 3 * x + rng.normal(0, spread, 2_000)})
        for spread in (1.0, 2.0)
    ]
    paths = [tmp_path / "before.parquet", tmp_path / "after.parquet"]
    for side, path in zip(sides, paths, strict=True):
        pq.write_table(side, path)
    found = compare(*paths, output="p", label="y").performance
    assert found is not None and found.task == "regression"
    mae = found.metrics["mae"]
    expected = mean_absolute_error(sides[1]["y"].to_numpy(), sides[1]["p"].to_numpy())
    assert mae.current.value == pytest.approx(expected)
    assert mae.change == "worse"


def test_rows_without_a_label_are_left_out() -> None:
    current = scored(1)
    labels = current.column("defaulted").to_pylist()
    place = current.column_names.index("defaulted")
    half = [value if row % 2 else None for row, value in enumerate(labels)]
    current = current.set_column(place, "defaulted", pa.array(half))
    found = compare(scored(0), current, output="score", label="defaulted").performance
    assert found is not None
    assert (found.reference_labelled, found.current_labelled) == (4_000, 2_000)


def test_intervals_allow_for_rows_of_one_entity() -> None:
    def width(entity: str | None) -> float:
        # Each row twice: as many rows, half as much said.
        sides = [pa.concat_tables([scored(seed, 2_000)] * 2) for seed in (3, 4)]
        found = compare(*sides, output="score", label="defaulted", entity=entity).performance
        assert found is not None
        low, high = (getattr(found.metrics["accuracy"].difference, end) for end in ("low", "high"))
        return float(high - low)

    assert width("user") > 1.2 * width(None)


def test_a_saved_profile_leaves_the_current_side_to_be_measured_alone() -> None:
    found = compare(
        profile_table(scored(0)), scored(1), output="score", label="defaulted"
    ).performance
    assert found is not None and found.said
    assert found.metrics["accuracy"].reference is None
    assert found.metrics["accuracy"].current.value is not None
    assert found.metrics["accuracy"].change == "unknown"


def test_names_that_are_missing_are_told() -> None:
    with pytest.raises(DataError, match="defaulted"):
        compare(scored(0), scored(1), output="score", label="defaultd")
    with pytest.raises(DataError, match="output"):
        compare(scored(0), scored(1), label="defaulted")
    with pytest.raises(SettingsError, match="label"):
        compare(scored(0), scored(1), output="score")


def test_checks_of_metrics_gate_on_values_and_on_falls_against_the_reference() -> None:
    given = [
        Metric(metric="log_loss", maximum=10.0),
        Metric(metric="accuracy", minimum=0.75),
        Metric(metric="accuracy", worse_by=0.01),
        Metric(metric="mae", maximum=1.0),
    ]
    found = compare(
        scored(0), scored(1, worse=True), output="score", label="defaulted", checks=given,
        quality=QualitySettings(metrics=("log_loss",)),
    )  # fmt: skip
    assert [one.passed for one in found.checks] == [True, False, False, None]
    assert found.dataset.verdict == "failed"
    assert found.checks[2].name == "metric(accuracy) #2"
    assert "worse by at most 1 points" in found.checks[2].message


def test_a_check_of_a_metric_needs_labels_and_a_metric_that_there_is() -> None:
    with pytest.raises(SettingsError, match="--label"):
        compare(scored(0), scored(1), checks=[Metric(metric="accuracy", minimum=0.5)])
    with pytest.raises(SettingsError, match="accuracy"):
        compare(
            scored(0), scored(1), output="score", label="defaulted",
            checks=[Metric(metric="acuracy", minimum=0.5)],
        )  # fmt: skip
