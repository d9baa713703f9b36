"""A backtest with labels says how good the predictions were, as one would reckon by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, roc_auc_score

from pipeline.backtesting.labelled import HOURS, REFERENCE_HOURS, ROWS, performance_of, predictions
from pipeline.backtesting.labelled import run as run_backtest
from pipeline.watched_store import START
from watchkeeper.errors import DataError, SettingsError
from watchkeeper.events import QualitySettings
from watchkeeper.pipeline import BacktestResult, backtest
from watchkeeper.pipeline.backtesting.kept_rows import KeptRows, by_bucket
from watchkeeper.pipeline.cutting import Piece
from watchkeeper.report import to_json

BEFORE = REFERENCE_HOURS * ROWS


def values(metrics: list[object]) -> dict[str, float]:
    return {one.name: one.value for one in metrics}  # type: ignore[attr-defined]


def test_each_bucket_and_both_periods_have_the_metrics_of_scikit_learn() -> None:
    found = performance_of(run_backtest())
    table = predictions()
    scores, labels = (table.column(name).to_numpy() for name in ("score", "bought"))
    assert (found.task, found.positive) == ("binary", "true")
    first, last = slice(BEFORE, BEFORE + ROWS), slice(BEFORE + 39 * ROWS, BEFORE + 40 * ROWS)
    series = {one.metric: one for one in found.series}
    for metric, reckoned in (
        ("roc_auc", roc_auc_score),
        ("accuracy", lambda true, score: accuracy_score(true, score >= 0.5)),
    ):
        assert series[metric].value[0] == pytest.approx(reckoned(labels[first], scores[first]))
        assert series[metric].value[39] == pytest.approx(reckoned(labels[last], scores[last]))
        for total, rows in (
            (found.reference, slice(0, BEFORE)),
            (found.watched, slice(BEFORE, None)),
        ):
            assert values(total.metrics)[metric] == pytest.approx(
                reckoned(labels[rows], scores[rows])
            )
    assert found.predictions == found.labelled == (ROWS,) * (HOURS - REFERENCE_HOURS)
    assert all(
        low <= value <= high
        for one in found.series
        for value, low, high in zip(one.value, one.low, one.high, strict=True)
        if value is not None and low is not None and high is not None
    )


def test_without_a_label_the_result_says_nothing_of_performance() -> None:
    plain = run_backtest(label=None, output=None, columns=None, ignore=["bought"])
    told = json.loads(to_json(plain))
    assert "performance" not in told
    assert told["ignored"]["bought"] == "left out as asked"
    assert plain.incidents == run_backtest(columns=None).incidents


def test_a_label_is_not_watched_unless_it_is_asked_for() -> None:
    assert "bought" not in {one.name for one in run_backtest(columns=None).columns}
    assert "not known when the model answered" in run_backtest(columns=None).ignored["bought"]
    assert "bought" in {one.name for one in run_backtest(columns=["x", "bought"]).columns}


def test_a_result_with_performance_reads_back_as_the_same() -> None:
    result = run_backtest(segment_by="region")
    assert msgspec.json.decode(to_json(result), type=BacktestResult) == result


def test_segments_add_up_to_all_rows() -> None:
    found = performance_of(run_backtest(segment_by="region"))
    assert sorted(one.segment for one in found.segments) == ["north", "south"]
    assert sum(one.watched.predictions for one in found.segments) == found.watched.predictions
    assert sum(one.reference.labelled for one in found.segments) == found.reference.labelled
    table = predictions().slice(BEFORE)
    north = table.filter(pa.compute.equal(table.column("region"), "north"))
    reckoned = roc_auc_score(north.column("bought").to_numpy(), north.column("score").to_numpy())
    told = next(one for one in found.segments if one.segment == "north")
    assert values(told.watched.metrics)["roc_auc"] == pytest.approx(reckoned)


def test_rows_in_any_order_give_the_same_performance() -> None:
    data = predictions()
    order = np.random.default_rng(1).permutation(data.num_rows)
    shuffled = performance_of(run_backtest(data.take(pa.array(order))))
    straight = performance_of(run_backtest(data))
    assert shuffled.labelled == straight.labelled
    for one, other in zip(shuffled.series, straight.series, strict=True):
        assert one.value == pytest.approx(other.value)


@cache
def uncut() -> str:
    return to_json(run_backtest(predictions()))


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(1, HOURS * ROWS - 1), max_size=6))
def test_any_cut_of_the_data_into_chunks_gives_the_same_result(cuts: list[int]) -> None:
    data = predictions()
    edges = [0, *sorted(set(cuts)), data.num_rows]
    pieces = [data.slice(a, b - a) for a, b in pairwise(edges)]
    assert to_json(run_backtest(pa.concat_tables(pieces))) == uncut()


def test_files_give_what_a_data_frame_gives(tmp_path: Path) -> None:
    data = predictions()
    for number, start in enumerate((0, 1_000, 4_321)):
        end = (1_000, 4_321, data.num_rows)[number]
        pq.write_table(data.slice(start, end - start), tmp_path / f"{number}.parquet")
    files = performance_of(run_backtest(str(tmp_path)))
    assert files == performance_of(run_backtest(data))


def test_buckets_of_rows_need_no_time() -> None:
    data = predictions().drop_columns(["time"])
    found = performance_of(
        run_backtest(
            data.slice(BEFORE),
            reference=data.slice(0, BEFORE),
            reference_until=None,
            time=None,
            bucket="100rows",
        )
    )
    assert found.labelled == (100,) * 16
    scores, labels = (data.column(name).to_numpy() for name in ("score", "bought"))
    first = slice(BEFORE, BEFORE + 100)
    assert found.series[0].value[0] == pytest.approx(roc_auc_score(labels[first], scores[first]))


def test_rows_of_one_entity_widen_intervals() -> None:
    data = predictions()
    few = pa.array([f"u{n % 20}" for n in range(data.num_rows)])
    is_odd = np.arange(data.num_rows) % 20 < 8
    labels = pa.array((data.column("score").to_numpy() > 0.5) ^ is_odd)
    data = data.set_column(data.column_names.index("user"), "user", few)
    data = data.set_column(data.column_names.index("bought"), "bought", labels)
    width = {}
    for entity in (None, "user"):
        metrics = performance_of(run_backtest(data, entity=entity)).watched.metrics
        brier = next(one for one in metrics if one.name == "brier")
        assert brier.low is not None and brier.high is not None
        width[entity] = brier.high - brier.low
    assert width["user"] > 2 * width[None]


def test_settings_choose_metrics_threshold_and_costs() -> None:
    quality = QualitySettings(
        metrics=("accuracy", "cost"), threshold=0.8, cost_matrix=((0.0, 1.0), (5.0, 0.0))
    )
    found = performance_of(run_backtest(quality=quality))
    table = predictions().slice(BEFORE)
    true, said = table.column("bought").to_numpy(), table.column("score").to_numpy() >= 0.8
    assert [one.name for one in found.metrics] == ["accuracy", "cost"]
    costs = np.array([[0.0, 1.0], [5.0, 0.0]])[true.astype(int), said.astype(int)]
    assert values(found.watched.metrics) == pytest.approx(
        {"accuracy": float((true == said).mean()), "cost": float(costs.mean())}
    )


def test_gaps_between_protected_groups_are_told() -> None:
    data, unfair = predictions(), predictions(broken_from=0)
    is_north = pa.compute.equal(data.column("region"), "north").to_numpy()
    labels = np.where(is_north, unfair.column("bought"), data.column("bought"))
    data = data.set_column(data.column_names.index("bought"), "bought", pa.array(labels))
    found = performance_of(run_backtest(data, quality=QualitySettings(protected=("region",))))
    worst = next(one for one in found.fairness if one.group == "north" and one.metric == "accuracy")
    assert worst.is_told and worst.difference < -0.4
    assert any("where region = north" in line for line in found.said)
    assert performance_of(run_backtest(data)).fairness == ()


def test_settings_that_cannot_be_used_are_refused_with_the_nearest_that_can() -> None:
    with pytest.raises(SettingsError, match=r"quality.metrics.0 is 'acuracy'.*accuracy"):
        run_backtest(quality=QualitySettings(metrics=("acuracy",)))
    with pytest.raises(DataError, match="regoin"):
        run_backtest(quality=QualitySettings(protected=("regoin",)))


def test_predictions_without_a_label_are_counted_and_said() -> None:
    data = predictions()
    known = np.arange(data.num_rows) % 4 == 0
    labels = pa.array(data.column("bought").to_pylist(), mask=~known)
    data = data.set_column(data.column_names.index("bought"), "bought", labels)
    found = performance_of(run_backtest(data))
    assert found.predictions[0] == ROWS
    assert found.labelled[0] == ROWS // 4
    assert "25% of the watched predictions have a label" in found.said[0]


def test_outputs_and_labels_that_do_not_go_together_are_told() -> None:
    data = predictions().append_column(
        "mood",
        pa.array(["good", "bad", "odd"] * (HOURS * ROWS // 3) + ["odd"] * (HOURS * ROWS % 3)),
    )
    found = performance_of(run_backtest(data, label="mood"))
    assert found.task is None
    assert found.series == ()
    assert found.watched.labelled == (HOURS - REFERENCE_HOURS) * ROWS
    assert "set quality.task" in found.said[0]


@pytest.mark.parametrize(
    ("named", "error", "said"),
    [
        ({"label": None}, SettingsError, "name the label too"),
        ({"label": "bougt"}, DataError, "bought"),
        ({"output": None}, DataError, "no column for what the model said"),
        ({"label_time": "when"}, DataError, "no column 'when'"),
    ],
)
def test_columns_that_do_not_fit_are_refused_with_what_to_do(
    named: dict[str, str | None], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        run_backtest(**named)


def test_probabilities_by_class_are_found_by_their_names() -> None:
    data = predictions()
    scores = data.column("score").to_numpy()
    labels = pa.array(np.where(data.column("bought").to_numpy(), "yes", "no"))
    data = data.drop_columns(["score", "bought"]).append_column("bought", labels)
    data = data.append_column("output.yes", pa.array(scores))
    data = data.append_column("output.no", pa.array(1 - scores))
    found = performance_of(run_backtest(data, output=None))
    assert (found.task, found.positive) == ("binary", "yes")
    assert found.series[0].value == performance_of(run_backtest()).series[0].value


def cut(table: pa.Table) -> list[Piece]:
    keys = table.column("row").to_numpy() // 50
    return [
        Piece(key=int(key), table=table.filter(pa.array(keys == key))) for key in np.unique(keys)
    ]


@given(st.lists(st.integers(1, 999), max_size=8), st.integers(10, 400))
def test_which_rows_are_kept_does_not_depend_on_how_they_come(cuts: list[int], most: int) -> None:
    whole = pa.table({"row": np.arange(1_000)})
    edges = [0, *sorted(set(cuts)), 1_000]
    pieces = [whole.slice(a, b - a) for a, b in pairwise(edges)]
    kept, expected = KeptRows(most), KeptRows(most)
    expected.add(whole)
    for piece in pieces:
        kept.add(piece)
    assert (kept.rows, kept.one_in) == (expected.rows, expected.one_in)
    assert kept.table() == expected.table()
    table = kept.table()
    assert table is None or table.num_rows <= most
    for ordered in (True, False):
        found = by_bucket(pieces, lambda t: iter(cut(t)), ordered=ordered, most=40)
        assert [(key, rows.rows) for key, rows in found] == [(key, 50) for key in range(20)]


def test_the_start_of_the_watched_time_is_where_the_reference_ends() -> None:
    late = run_backtest(reference_until=START + timedelta(hours=REFERENCE_HOURS, minutes=30))
    assert performance_of(late).predictions[0] == ROWS // 2


def test_metrics_are_there_even_if_the_reference_is_too_short_to_watch_columns() -> None:
    short = run_backtest(reference_until=START + timedelta(hours=4))
    assert not short.conclusive
    found = performance_of(short)
    assert found.series[0].value == []
    assert found.watched.predictions == (HOURS - 4) * ROWS
    assert values(found.watched.metrics)["roc_auc"] > 0.8


def test_real_flights_are_measured() -> None:
    """Flights of 2013 with the demo's predictions of whether each is cancelled."""
    place = resources.files("watchkeeper.demo") / "flights.parquet"
    table = pq.read_table(str(place)).slice(0, 60_000)
    result = backtest(
        table,
        time="scheduled",
        reference_until="2013-05-15",
        timezone="America/New_York",
        segment_by="origin",
        columns=["queue_minutes", "precip", "visib", "wind_speed"],
        output="predicted:cancellation",
        label="cancelled",
        estimates=False,
        explain=False,
    )
    found = performance_of(result)
    metrics = values(found.watched.metrics)
    watched = table.filter(
        pa.compute.greater_equal(
            table.column("scheduled"), pa.scalar(datetime(2013, 5, 15, 4, tzinfo=UTC))
        )
    )
    labels = watched.column("cancelled").to_numpy()
    scores = watched.column("predicted:cancellation").to_numpy()
    assert metrics["roc_auc"] == pytest.approx(roc_auc_score(labels, scores))
    assert [one.segment for one in found.segments] == ["EWR", "JFK", "LGA"]
    assert sum(found.labelled) == len(labels)
