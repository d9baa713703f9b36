"""How much features contribute on average, now and in the reference, by the contributions kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.test_watching_explanations import (
    BEGIN,
    HOURS,
    MODEL,
    NOW,
    REFERENCE_HOURS,
    predictions,
    watched,
)
from watchkeeper.errors import DataError
from watchkeeper.pipeline.importance import Importances, importances
from watchkeeper.pipeline.importance_kept import FRESH, importances_of
from watchkeeper.store import Store

CHANGED = BEGIN + timedelta(hours=REFERENCE_HOURS + 20)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("importance") / "store") as store:
        watched(store, "model")
        yield store


@pytest.fixture(scope="module")
def told(store: Store) -> Importances:
    return importances(store, MODEL, start=CHANGED, end=BEGIN + timedelta(hours=HOURS))


def test_the_means_are_those_of_the_contributions_kept(told: Importances) -> None:
    tables = predictions(0, REFERENCE_HOURS + 20), predictions(REFERENCE_HOURS + 20, HOURS, "model")
    before, now = (np.abs(table["explanation:air_time"].to_numpy()) for table in tables)
    first = told.features[0]
    assert first.feature == "air_time"
    assert first.now == pytest.approx(now.mean())
    rows = REFERENCE_HOURS * 60
    assert first.reference == pytest.approx(before[:rows].mean())
    assert told.current.explained == told.current.rows == len(now)
    assert told.reference is not None and told.reference.rows == rows
    assert sum(one.now_ratio or 0.0 for one in told.features) == pytest.approx(1.0)


def test_a_change_is_told_with_its_interval_and_none_where_nothing_changed(
    told: Importances,
) -> None:
    air_time, origin = told.features
    assert air_time.change is not None and origin.change is not None
    assert air_time.change.is_told
    assert air_time.change.value == pytest.approx((air_time.now or 0) - (air_time.reference or 0))
    assert not origin.change.is_told


def test_by_default_the_last_week_is_told(store: Store) -> None:
    span = importances(store, MODEL).current
    assert span.end - span.start == timedelta(days=7)
    assert span.start < BEGIN + timedelta(hours=HOURS) <= span.end + timedelta(hours=1)


def test_what_was_found_is_kept_for_a_minute(store: Store) -> None:
    ask = {"start": CHANGED, "end": None}
    first = importances_of(store, MODEL, now=NOW, **ask)
    assert importances_of(store, MODEL, now=NOW + FRESH / 2, **ask) is first
    again = importances_of(store, MODEL, now=NOW + FRESH, **ask)
    assert again is not first
    assert again == first


def test_a_model_without_explanations_or_baseline_says_so(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        plain = {"prediction_id": ["1"], "time": [BEGIN], "feature:x": [1.0]}
        store.append_table("plain", "prediction", pa.table(plain))
        found = importances(store, "plain")
        assert found.features == []
        assert len(found.said) == 2
        with pytest.raises(DataError, match="no model 'other'"):
            importances(store, "other")
