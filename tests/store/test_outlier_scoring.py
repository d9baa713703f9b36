"""Predictions are scored as they are stored, however they come, and keep their scores."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from store.scored import MODEL, NOON, ODD, USUAL, begin_scoring, one, reference, scorer_of, scores
from watchkeeper.events import OperatingSettings, PrivacySettings, QualitySettings
from watchkeeper.store import NewScorer, Store, Wanted, back_up, restore


@pytest.fixture(scope="module")
def brought() -> NewScorer:
    rows = reference()
    table = {
        "time": pa.array([row.time for row in rows], pa.timestamp("us", "UTC")),
        "feature:x": [row.features["x"] for row in rows],
        "feature:y": [row.features["y"] for row in rows],
    }
    return scorer_of(pa.table(table))


@pytest.fixture
def scored(store: Store, brought: NewScorer) -> Store:
    begin_scoring(store, brought)
    return store


def test_an_outlier_has_the_same_score_however_it_comes(scored: Store) -> None:
    scored.append([one("alone", ODD)])
    scored.append([one("odd", ODD), *(one(f"usual-{i}", USUAL) for i in range(40))])
    scored.append([one("mixed", ODD), one("text", {"x": "n/a", "y": "a"})])
    scored.append_table(MODEL, "prediction", _table("table", ODD))
    found = scores(scored)
    score, told = found["alone"]
    assert score is not None and score > 1.5
    assert told == ["x"]
    assert {found[name] == found["alone"] for name in ("odd", "mixed", "table")} == {True}
    usual, nothing = found["usual-7"]
    assert usual is not None and usual < 1.0
    assert nothing is None
    assert found["text"][1] == ["x"], "a value of another type is odd"


def test_a_large_table_is_scored_to_its_last_row(scored: Store) -> None:
    count = 20_000
    columns = {
        "prediction_id": [str(i) for i in range(count)],
        "time": pa.array([NOON] * count, pa.timestamp("us", "UTC")),
        "feature:x": [0.25] * (count - 1) + [40.0],
        "feature:y": ["a"] * count,
    }
    scored.append_table(MODEL, "prediction", pa.table(columns))
    found = scores(scored)
    assert [name for name, (_, told) in found.items() if told] == [str(count - 1)]
    assert None not in {score for score, _ in found.values()}


def test_scores_stay_through_sealing_merging_erasing_and_a_backup(
    scored: Store, tmp_path: Path
) -> None:
    for hour in range(20):
        features = ODD if hour % 5 == 0 else USUAL
        scored.append([one(f"{hour}", features, hours=hour / 60, entity=f"e{hour % 3}")])
        if hour == 0:
            before = scores(scored)
        scored.seal()
    everything = scores(scored)
    assert everything["0"] == before["0"]
    assert len(list((scored.folder / "events").rglob("*.parquet"))) < 20, "some were merged"
    scored.erasures.erase("e1", actor="me", now=NOON)
    left = {name: score for name, score in everything.items() if int(name) % 3 != 1}
    assert scores(scored) == left
    back_up(scored.folder, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "restored")
    with Store.open(tmp_path / "restored") as restored:
        assert scores(restored) == left
        restored.append([one("new", ODD)])
        assert scores(restored)["new"] == before["0"]


def test_a_prediction_that_comes_again_is_a_duplicate_whatever_scores_it_now(
    scored: Store, brought: NewScorer
) -> None:
    scored.append([one("1", ODD)])
    before = scores(scored)
    begin_scoring(scored, None)
    assert scored.append([one("1", ODD)]).duplicates == 1
    begin_scoring(scored, brought)
    assert scored.append([one("1", ODD), one("2", USUAL)]).duplicates == 1
    assert scores(scored)["1"] == before["1"]


def test_what_is_private_is_scored_as_it_is_stored(store: Store) -> None:
    hashed = OperatingSettings(privacy=PrivacySettings(hash=("feature:y",)))
    store.operating.put(MODEL, hashed, actor="me", now=NOON)
    store.append(reference())
    begin_scoring(store, scorer_of(store.predictions(MODEL, with_labels=False)))
    store.append([one("usual", USUAL), one("unseen", {"x": 0.25, "y": "unseen"})])
    found = scores(store)
    assert found["usual"][1] is None
    assert found["unseen"][1] == ["y"]


def test_nothing_is_scored_without_a_scorer_or_where_it_is_switched_off(
    store: Store, brought: NewScorer
) -> None:
    store.append([one("before", ODD)])
    begin_scoring(store, brought)
    store.append([one("on", ODD)])
    off = OperatingSettings(quality=QualitySettings(outliers=False))
    store.operating.put(MODEL, off, actor="me", now=NOON)
    store.append([one("off", ODD)])
    store.operating.put(MODEL, OperatingSettings(), actor="me", now=NOON)
    begin_scoring(store, NewScorer(facts=b"", payload=None))
    store.append([one("none", ODD)])
    found = scores(store)
    assert found["on"][0] is not None
    assert {found[name] == (None, None) for name in ("before", "off", "none")} == {True}


def test_a_damaged_scorer_loses_no_prediction(scored: Store) -> None:
    connection = sqlite3.connect(scored.folder / "state.sqlite")
    with connection:
        connection.execute("UPDATE outlier_scorers SET payload = substr(payload, 1, 99)")
    connection.close()
    assert scored.append([one("1", ODD)]).accepted == 1
    assert scores(scored) == {"1": (None, None)}


def test_predictions_are_found_by_whether_they_are_outliers(
    scored: Store, fresh: Callable[[], Path]
) -> None:
    scored.append([one(f"usual-{i}", USUAL, hours=i / 60) for i in range(40)])
    scored.append([one("odd", ODD, hours=0.1)])
    assert _found(scored, Wanted(outlier=True)) == ["odd"]
    scored.seal()
    assert _found(scored, Wanted(outlier=True)) == ["odd"]
    assert len(_found(scored, Wanted(outlier=False))) == 40
    with Store.open(fresh()) as other:
        other.append([one("1", ODD)])
        assert _found(other, Wanted(outlier=True)) == []
        other.seal()
        assert _found(other, Wanted(outlier=True)) == []


def test_outliers_are_counted_once_by_hour(scored: Store) -> None:
    scored.append([one("0", ODD), one("1", USUAL), one("2", ODD, hours=1)])
    kept = scored.outliers.scorer(MODEL)
    assert kept is not None
    assert scored.outliers.count(kept, up_to=scored.last_sequence()) == 3
    assert scored.outliers.count(kept, up_to=scored.last_sequence()) == 0, "it was counted"
    scored.append([one("3", ODD)])
    scored.seal()
    again = scored.outliers.scorer(MODEL)
    assert again is not None
    assert scored.outliers.count(again, up_to=scored.last_sequence()) == 1
    noon = int(NOON.timestamp())
    assert scored.outliers.cells(kept.number) == [(noon, 3, 2), (noon + 3600, 1, 1)]


def _found(store: Store, wanted: Wanted) -> list[str]:
    rows = store.explorer.newest(
        MODEL, wanted, start=NOON, end=NOON + timedelta(days=1), before=None, limit=100
    )
    return list(rows.column("prediction_id").to_pylist())


def _table(name: str, features: dict[str, object]) -> pa.Table:
    columns = {f"feature:{key}": [value] for key, value in features.items()}
    return pa.table({"prediction_id": [name], "time": [NOON], **columns})
