from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.errors import DataError
from watchkeeper.pipeline import ImportMapping, ImportReport, Rejection, import_data
from watchkeeper.store import Store

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FLIGHTS = ImportMapping(id="id", time="at", output="score", label="y", tags=("country",))


def run(
    store: Store, source: object, mapping: ImportMapping = FLIGHTS
) -> tuple[ImportReport, list[Rejection]]:
    aside: list[Rejection] = []
    report = import_data(
        source, store=store, model="m", mapping=mapping, now=NOW, on_rejection=aside.append
    )
    return report, aside


def write(path: Path, *lines: str) -> Path:
    header = "id,at,score,y,country,age"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_labelled_table_becomes_predictions_with_their_outcomes(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "a,2024-01-01 00:00,0.5,1,CH,30",
        "b,2024-01-01 01:00,0.6,,DE,",
        "c,2024-01-02 00:00,,0,,32",
    )
    with Store.open(tmp_path / "store") as store:
        report, aside = run(store, path)
        table = store.predictions("m")
    assert (report.rows, report.imported, report.outcomes, report.set_aside) == (3, 3, 2, 0)
    assert aside == []
    assert table["prediction_id"].to_pylist() == ["a", "b", "c"]
    assert table["time"].to_pylist()[1] == datetime(2024, 1, 1, 1, tzinfo=UTC)
    assert table["output"].to_pylist() == [0.5, 0.6, None]
    assert table["label"].to_pylist() == [1, None, 0]
    assert table["feature:age"].to_pylist() == [30, None, 32]
    assert table["tag:country"].to_pylist() == ["CH", "DE", None]


def test_what_is_imported_is_sealed_when_it_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,2024-01-01 00:00,0.5,1,CH,30")
    with Store.open(tmp_path / "store") as store:
        run(store, path)
        sealed = list((tmp_path / "store" / "events").rglob("*.parquet"))
        assert len(sealed) == 2  # the prediction, and the outcome of its label
        assert store.seal().rows == 0
        assert store.predictions("m")["label"].to_pylist() == [1]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "frame"])
def test_importing_twice_adds_nothing(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({"time": pd.date_range("2024", periods=300, tz="UTC"), "x": range(300)})
    source: object = tmp_path / name
    if name == "a.csv":
        frame.to_csv(tmp_path / name, index=False)
    elif name == "a.jsonl":
        frame.to_json(tmp_path / name, orient="records", lines=True, date_format="iso")
    elif name == "a.parquet":
        frame.to_parquet(tmp_path / name)
    else:
        source = frame
    with Store.open(tmp_path / "store") as store:
        first, _ = run(store, source, ImportMapping())
        again, _ = run(store, source, ImportMapping())
        assert store.predictions("m").num_rows == 300
    assert (first.imported, first.duplicates) == (300, 0)
    assert (again.imported, again.duplicates) == (0, 300)


def test_a_file_with_a_longer_copy_and_ids_adds_what_is_new(tmp_path: Path) -> None:
    rows = [f"{at},2024-01-01 00:00,0.5,1,CH,30" for at in range(50)]
    with Store.open(tmp_path / "store") as store:
        run(store, write(tmp_path / "a.csv", *rows[:30]))
        report, _ = run(store, write(tmp_path / "a.csv", *rows))
        assert store.predictions("m").num_rows == 50
    assert (report.imported, report.duplicates) == (20, 30)


def test_wrong_types_name_row_and_column_and_the_rest_is_imported(tmp_path: Path) -> None:
    rows = [f"{at},2024-01-01 00:00,0.5,1,CH,30" for at in range(100)]
    rows[41] = "41,2024-01-01 00:00,0.5,1,CH,old"
    rows[57] = "57,soon,0.5,1,CH,30"
    with Store.open(tmp_path / "store") as store:
        report, aside = run(store, write(tmp_path / "a.csv", *rows))
        assert store.predictions("m").num_rows == 98
    assert (report.imported, report.set_aside) == (98, 2)
    assert sorted((one.row, one.column) for one in aside) == [(42, "age"), (58, "at")]
    assert {one.raw for one in aside} == {rows[41], rows[57]}


def test_nan_and_infinite_features_are_kept_and_amounts_are_set_aside(tmp_path: Path) -> None:
    table = pa.table(
        {
            "time": pa.array([NOW.replace(year=2025)] * 5, pa.timestamp("us", "UTC")),
            "x": [1.0, float("nan"), float("inf"), 4.0, 5.0],
            "latency_seconds": [0.1, 0.1, 0.1, -1.0, float("inf")],
            "cost_usd": [0.0, None, float("nan"), 0.1, 0.1],
        }
    )
    with Store.open(tmp_path / "store") as store:
        report, aside = run(store, table, ImportMapping())
        features = store.predictions("m")["feature:x"].to_pylist()
    assert report.imported == 3
    assert sorted(str(value) for value in features if value == value and value is not None) == [
        "1.0",
        "inf",
    ]
    assert [(one.row, one.column) for one in aside] == [
        (4, "latency_seconds"),
        (5, "latency_seconds"),
    ]
    assert "finite number of 0 or more was expected, -1.0 came" in aside[0].reason


def test_huge_integers_are_ids_to_the_digit_and_features_as_numbers(tmp_path: Path) -> None:
    huge = 123456789012345678901234567890
    path = write(tmp_path / "a.csv", f"{huge},2024-01-01 00:00,0.5,1,CH,{huge}")
    with Store.open(tmp_path / "store") as store:
        run(store, path)
        table = store.predictions("m")
    assert table["prediction_id"].to_pylist() == [str(huge)]
    assert table["feature:age"].to_pylist() == [float(huge)]


def test_mixed_time_zones_are_one_clock(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "a,2024-01-01T00:00:00-05:00,0.5,1,CH,1",
        "b,2024-01-01T05:00:00Z,0.5,1,CH,1",
        "c,2024-01-01 06:00:00,0.5,1,CH,1",
    )
    mapping = ImportMapping(id="id", time="at", timezone="Europe/Zurich")
    with Store.open(tmp_path / "store") as store:
        run(store, path, mapping)
        assert set(store.predictions("m")["time"].to_pylist()) == {
            datetime(2024, 1, 1, 5, tzinfo=UTC)
        }


def test_future_times_and_times_before_1970_are_set_aside(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "a,2026-06-01 20:00,0.5,1,CH,1",
        "b,2026-06-03 00:00,0.5,1,CH,1",
        "c,1969-12-31 00:00,0.5,1,CH,1",
        "d,,0.5,1,CH,1",
    )
    with Store.open(tmp_path / "store") as store:
        report, aside = run(store, path)
    assert report.imported == 1
    assert [(one.row, one.column) for one in aside] == [(2, "at"), (3, "at"), (4, "at")]
    reasons = [one.reason for one in aside]
    assert "in the future" in reasons[0]
    assert "before 1970" in reasons[1]
    assert "none came" in reasons[2]


def test_of_duplicate_ids_the_first_counts_and_the_others_are_named(tmp_path: Path) -> None:
    rows = ["a,2024-01-01 00:00,0.5,1,CH,1", "b,2024-01-01 00:00,0.5,1,CH,1"]
    path = write(tmp_path / "a.csv", *rows, "a,2024-01-01 00:00,0.9,1,CH,1")
    with Store.open(tmp_path / "store") as store:
        report, aside = run(store, path)
        assert store.predictions("m")["output"].to_pylist() == [0.5, 0.5]
    assert (report.imported, report.duplicates) == (2, 0)
    assert [(one.row, one.column) for one in aside] == [(3, "id")]
    assert "the id 'a' came before" in aside[0].reason


def test_a_row_that_is_set_aside_does_not_take_its_id(tmp_path: Path) -> None:
    rows = ["a,2924-01-01 00:00,0.5,1,CH,1", "a,2024-01-01 00:00,0.9,1,CH,1"]
    with Store.open(tmp_path / "store") as store:
        report, aside = run(store, write(tmp_path / "a.csv", *rows))
    assert (report.imported, [one.row for one in aside]) == (1, [1])


@pytest.mark.parametrize("data", [b"", bytes(range(256)) * 10, b"PAR1 cut"])
def test_empty_binary_and_truncated_files_are_refused_and_leave_the_store_as_it_was(
    tmp_path: Path, data: bytes
) -> None:
    good = write(tmp_path / "a.csv", "a,2024-01-01 00:00,0.5,1,CH,1")
    (tmp_path / "b.csv").write_bytes(data)
    with Store.open(tmp_path / "store") as store:
        with pytest.raises(DataError, match=r"b\.csv"):
            run(store, [good, tmp_path / "b.csv"])
        assert store.models() == []


def test_categories_of_ten_thousand_characters_are_imported_whole(tmp_path: Path) -> None:
    long = "ü" * 10_000
    with Store.open(tmp_path / "store") as store:
        run(store, write(tmp_path / "a.csv", f"a,2024-01-01 00:00,0.5,1,{long},1"))
        assert store.predictions("m")["tag:country"].to_pylist() == [long]


def test_outcomes_of_their_own_file_find_their_predictions(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    rows = [("a", "2024-02-01T00:00:00Z", 1), ("a", "2024-03-01T00:00:00Z", 0)]
    labels.write_text(
        "\n".join(json.dumps({"prediction_id": i, "time": t, "label": v}) for i, t, v in rows)
    )
    mapping = ImportMapping(id="id", time="at", output="score", ignore=("y",))
    with Store.open(tmp_path / "store") as store:
        report, aside = run(store, labels, ImportMapping(kind="outcome"))
        assert (report.imported, aside) == (2, [])
        run(store, write(tmp_path / "a.csv", "a,2024-01-01 00:00,0.5,1,CH,1"), mapping)
        assert store.predictions("m")["label"].to_pylist() == [0]


def test_feedback_is_imported_once(tmp_path: Path) -> None:
    frame = [
        {
            "time": "2024-01-01T00:00:00Z",
            "kind": "click",
            "entity": "u1",
            "item": "i",
            "position": 0,
        },
        {
            "time": "2024-01-01T00:00:00Z",
            "kind": "play",
            "entity": "u1",
            "item": "i",
            "amount": 3.5,
        },
        {"time": "2024-01-01T00:00:00Z", "kind": "", "position": 1},
        {"time": "2024-01-01T00:00:00Z", "kind": "click", "position": -1},
    ]
    with Store.open(tmp_path / "store") as store:
        report, aside = run(store, frame, ImportMapping(kind="feedback"))
        again, _ = run(store, frame, ImportMapping(kind="feedback"))
    assert (report.imported, again.imported, again.duplicates) == (2, 0, 2)
    assert [(one.row, one.column) for one in aside] == [(3, "kind"), (4, "position")]


def test_versions_and_probabilities_by_class_are_kept(tmp_path: Path) -> None:
    line = {"time": "2024-01-01T00:00:00Z", "output": {"yes": 0.9, "no": 0.1}, "features": {"a": 1}}
    with Store.open(tmp_path / "store") as store:
        run(store, [{"time": line["time"], "output:yes": 0.9}], ImportMapping(version_value="7"))
        (tmp_path / "a.jsonl").write_text(json.dumps(line))
        run(store, tmp_path / "a.jsonl", ImportMapping(version_value="8"))
        table = store.predictions("m")
    assert sorted(table["version"].to_pylist()) == ["7", "8"]
    assert table["output:yes"].to_pylist() == [0.9, 0.9]


def test_a_dry_run_needs_no_store(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,2024-01-01 00:00,0.5,1,CH,1", "b,x", "c,2024-01-01,1,1,,1")
    report = import_data(path, store=None, model="m", mapping=FLIGHTS, now=NOW)
    assert (report.imported, report.outcomes, report.set_aside) == (2, 2, 1)
    assert dict(report.roles.tags) == {"country": "country"}


KILLED = """
import sys
from datetime import UTC, datetime
from watchkeeper.pipeline import ImportMapping, import_data
from watchkeeper.store import Store
with Store.open(sys.argv[1]) as store:
    import_data(
        sys.argv[2], store=store, model="m", mapping=ImportMapping(label="y"),
        now=datetime(2026, 6, 1, tzinfo=UTC),
        on_progress=lambda progress: print(progress.rows, flush=True),
    )
"""


@pytest.mark.parametrize("batches", [1, 3])
def test_killed_half_way_and_run_again_everything_is_there_once(
    tmp_path: Path, batches: int
) -> None:
    rows = 60_000
    path = tmp_path / "a.parquet"
    times = pa.array([1_700_000_000 + at for at in range(rows)]).cast(pa.timestamp("s", "UTC"))
    table = pa.table({"time": times, "x": range(rows), "y": [at % 2 for at in range(rows)]})
    pq.write_table(table, path, row_group_size=5_000)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "store"), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(batches):
            assert process.stdout.readline()
        time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    with Store.open(tmp_path / "store") as store:
        before = store.predictions("m").num_rows
        assert batches * 5_000 <= before < rows
        report, _ = run(store, path, ImportMapping(label="y"))
        after = store.predictions("m")
    assert (report.imported, report.duplicates) == (rows - before, before)
    assert sorted(after["feature:x"].to_pylist()) == list(range(rows))
    assert after["label"].null_count == 0


def test_columns_of_contributions_are_imported_as_such(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(
        "id,at,score,age,explanation:age\na,2024-01-01,0.5,30,0.2\nb,2024-01-01,0.5,30,high\n"
        "c,2024-01-01,0.6,31,\n",
        encoding="utf-8",
    )
    mapping = ImportMapping(id="id", time="at", output="score", features=("age",))
    with Store.open(tmp_path / "store") as store:
        report, [aside] = run(store, source, mapping)
        table = store.predictions("m")
    assert (report.imported, aside.column) == (2, "explanation:age")
    assert table["explanation:age"].to_pylist() == [0.2, None]
    assert [name for name in table.column_names if name.startswith("feature:")] == ["feature:age"]


def test_nested_contributions_of_jsonl_are_imported_as_such(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    record = {"id": "a", "at": "2024-01-01", "features": {"x": 1.0}, "explanation": {"x": 0.5}}
    source.write_text(json.dumps(record) + "\n", encoding="utf-8")
    with Store.open(tmp_path / "store") as store:
        run(store, source, ImportMapping(id="id", time="at"))
        table = store.predictions("m")
    assert table["explanation:x"].to_pylist() == [0.5]
