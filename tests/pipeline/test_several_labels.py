"""Files and data frames whose label is a list: imported, backtested and compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, f1_score
from sklearn.preprocessing import MultiLabelBinarizer

from watchkeeper.events import QualitySettings
from watchkeeper.pipeline import ImportMapping, Rejection, backtest, compare, import_data
from watchkeeper.pipeline.concept.choosing import loss_of
from watchkeeper.pipeline.concept.losing import risk_rows
from watchkeeper.pipeline.quality.task import TaskPlan
from watchkeeper.store import Store

NAMES = ("comedy", "crime", "drama")
START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS, ROWS = 96, 20


def films(*, wrong_from: int | None = None) -> pa.Table:
    random = np.random.default_rng(4)
    count = HOURS * ROWS
    hours = np.arange(count) // ROWS
    truth = random.random((count, 3)) < 0.4
    share = np.where(hours >= (wrong_from or count), 0.4, 0.05)
    said = truth ^ (random.random((count, 3)) < share[:, None])
    lists = [
        [[n for n, flag in zip(NAMES, row, strict=True) if flag] for row in part]
        for part in (truth, said)
    ]
    return pa.table(
        {
            "time": [START + timedelta(hours=int(hour)) for hour in hours],
            "age": random.normal(size=count),
            "genres": lists[0],
            "output": lists[1],
        }
    )


def imported(folder: Path, source: object) -> tuple[object, list[Rejection]]:
    aside: list[Rejection] = []
    mapping = ImportMapping(kind="outcome", id="id", time="at", label="y")
    with Store.open(folder / "store") as store:
        import_data(
            source,
            store=store,
            model="m",
            mapping=mapping,
            now=START + timedelta(days=9),
            on_rejection=aside.append,
        )
        found = [
            one["label"]
            for key in ("a", "b", "c")
            for one in store.explorer.outcomes("m", key, limit=1).to_pylist()
        ]
    return found, aside


def test_lists_of_labels_are_imported_from_all_but_csv(tmp_path: Path) -> None:
    ids, at = ["a", "b", "c"], [START] * 3
    table = pa.table({"id": ids, "at": at, "y": [["x", "y"], [], ["y"]]})
    pq.write_table(table, tmp_path / "y.parquet")
    lines = ('{"id":"a","at":"2026-01-01","y":["x","y"]}', '{"id":"b","at":"2026-01-01","y":[]}')
    (tmp_path / "y.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "y.csv").write_text("id,at,y\na,2026-01-01,x|y\n")
    assert imported(tmp_path / "1", tmp_path / "y.parquet") == ([["x", "y"], [], ["y"]], [])
    assert imported(tmp_path / "2", tmp_path / "y.jsonl") == ([["x", "y"], []], [])
    assert imported(tmp_path / "3", tmp_path / "y.csv") == (["x|y"], [])
    twice = pa.table({"id": ids, "at": at, "y": [["x", "x"], [], ["y"]]})
    found, aside = imported(tmp_path / "4", twice)
    assert found == [[], ["y"]]
    assert "at most 1,000 different labels" in aside[0].reason


def test_a_backtest_measures_several_labels_and_sees_them_go_wrong() -> None:
    table = films(wrong_from=72)
    until = START + timedelta(hours=48)
    result = backtest(table, time="time", reference_until=until, label="genres", bucket="1h")
    found = result.performance
    assert found is not None
    assert found.task == "multilabel"
    assert "Nothing is estimated before labels come for a multilabel task." in found.said
    told = [one for one in result.incidents if one.cause == "concept"]
    assert [one.message[:25] for one in told] == ["The share of wrong labels "[:25]]
    rows = slice(48 * ROWS, None)
    y, p = (
        MultiLabelBinarizer(classes=NAMES).fit_transform(table.column(name).to_pylist()[rows])
        for name in ("genres", "output")
    )
    values = {one.name: one.value for one in found.watched.metrics}
    assert values["micro_f_beta"] == pytest.approx(f1_score(y, p, average="micro"))
    assert values["accuracy"] == pytest.approx(accuracy_score(y, p))


def test_two_sides_with_several_labels_are_compared() -> None:
    table = films(wrong_from=48)
    half = 48 * ROWS
    quality = QualitySettings(protected=())
    found = compare(
        table.slice(0, half), table.slice(half), label="genres", output="output", quality=quality
    ).performance
    assert found is not None
    assert (found.task, found.worse) == ("multilabel", True)
    assert found.metrics["micro_f_beta"].change == "worse"
    assert found.loss is not None and found.loss.quantity == "wrong labels"


def test_the_loss_of_a_row_is_the_same_whatever_comes_with_it() -> None:
    table = films().slice(0, 50).rename_columns(["time", "age", "label", "output"])
    table = table.append_column("known_at", table.column("time"))
    plan = TaskPlan(task="multilabel", source="class")
    settings = QualitySettings()
    loss = loss_of(plan, settings)
    assert loss == "label_error"
    whole = risk_rows(table, plan, loss, settings, begins=0)
    parts = [risk_rows(table.slice(n, 1), plan, loss, settings, begins=0) for n in range(50)]
    assert whole.losses.tolist() == [float(part.losses[0]) for part in parts]
    assert whole.predicted.tolist() == [float(part.predicted[0]) for part in parts]
    assert 0 <= whole.losses.min() < whole.losses.max() <= 1
