"""A window of a service is told in steps that fit it, and adds up to its predictions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.test_service_rollup import MODEL, NOON, NOW, prediction, rolled
from watchkeeper.errors import SettingsError
from watchkeeper.pipeline import service_history, service_summary
from watchkeeper.store import Store

DAY = 24 * 60


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Each minute of a day, each hour of a month before, and one of another version."""
    with Store.open(tmp_path_factory.mktemp("history")) as store:
        minutes = [*range(-DAY, 1), *range(-30 * DAY, -DAY, 60)]
        store.append(
            [
                prediction(
                    str(at),
                    minutes=at,
                    version="1",
                    latency_seconds=0.1 if at % 2 else 0.3,
                    cost_usd=None if at < -DAY else 0.25,
                    error="x" if at % 4 == 0 else None,
                )
                for at in minutes
            ]
        )
        store.append([prediction("other", minutes=-10, version="2", latency_seconds=5.0)])
        rolled(store)
        yield store


@pytest.mark.parametrize(
    ("span", "points", "step"),
    [
        (timedelta(minutes=1), 200, 60),
        (timedelta(hours=3), 200, 60),
        (timedelta(hours=4), 200, 300),
        (timedelta(days=1), 200, 900),
        (timedelta(days=7), 200, 3600),
        (timedelta(days=30), 200, 14_400),
        (timedelta(days=30), 30, 86_400),
        (timedelta(days=30), 7, 5 * 86_400),
    ],
)
def test_the_step_suits_the_window(store: Store, span: timedelta, points: int, step: int) -> None:
    found = service_history(store, MODEL, start=NOON - span, end=NOON, points=points)
    assert found.step_seconds == step
    assert found.since <= NOON - span < found.since + timedelta(seconds=step)
    assert NOON <= found.until < NOON + timedelta(seconds=step)
    assert len(found.starts) * timedelta(seconds=step) == found.until - found.since
    [series] = found.series
    assert sum(series.predictions) == found.totals[0].predictions
    columns = {name: getattr(series, name) for name in series.__struct_fields__ if name != "group"}
    assert {len(column) for column in columns.values()} == {len(found.starts)}


def test_a_window_of_minutes_has_what_was_logged(store: Store) -> None:
    found = service_history(
        store, MODEL, start=NOON - timedelta(minutes=4), end=NOON + timedelta(minutes=2)
    )
    [series] = found.series
    assert series.group == "all"
    assert series.predictions == [1, 1, 1, 1, 1, 0]
    assert series.errors == [1, 0, 0, 0, 1, 0]
    assert series.error_ratio == [1.0, 0.0, 0.0, 0.0, 1.0, None]
    assert series.latency_p95_seconds[0] == pytest.approx(0.3, rel=0.01)
    assert series.latency_p95_seconds[-1] is None
    assert series.cost_usd == [0.25] * 5 + [None]
    [total] = found.totals
    assert (total.predictions, total.errors, total.cost_usd) == (5, 2, 1.25)
    assert total.cost_per_prediction_usd == 0.25


def test_groups_are_those_with_most_predictions_first(store: Store) -> None:
    window = {"start": NOON - timedelta(hours=1), "end": NOON}
    found = service_history(store, MODEL, by="version", **window)
    assert [total.group for total in found.totals] == ["1", "2"]
    assert [total.predictions for total in found.totals] == [60, 1]
    assert found.totals[1].latency_p50_seconds == pytest.approx(5.0, rel=0.01)
    assert service_history(store, MODEL, by="segment", **window).series == []


def test_minutes_that_are_kept_no_longer_are_told_by_the_hour(store: Store) -> None:
    found = service_history(
        store,
        MODEL,
        start=NOON - timedelta(days=20, minutes=30),
        end=NOON - timedelta(days=20) + timedelta(minutes=5),
    )
    assert found.step_seconds == 3600
    assert found.series[0].predictions == [1, 1]


def test_the_last_week_of_events_is_told_if_nothing_is_asked_for(store: Store) -> None:
    found = service_history(store, MODEL)
    assert NOON - timedelta(days=7, hours=1) < found.since <= NOON - timedelta(days=7)
    assert found.until > NOON


def test_the_last_hour_is_summed_up(store: Store) -> None:
    found = service_summary(store, MODEL)
    assert found is not None
    assert (found.until - found.since, found.predictions) == (timedelta(hours=1), 61)
    assert found.per_second == pytest.approx(61 / 3600)
    assert found.error_ratio == 15 / 61
    assert found.latency_p99_seconds == pytest.approx(0.3, rel=0.01)
    assert found.cost_usd == 15.0


def test_nothing_is_said_of_a_model_without_predictions(store: Store, tmp_path: Path) -> None:
    assert service_summary(store, "other") is None
    assert service_history(store, "other").series == []
    with Store.open(tmp_path) as empty:
        assert service_history(empty, MODEL, start=NOW).totals == []


def test_an_empty_window_is_refused(store: Store) -> None:
    with pytest.raises(SettingsError, match="from must lie before to"):
        service_history(store, MODEL, start=NOON, end=NOON)
