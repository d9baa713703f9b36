"""Forecasts are measured by how many steps ahead they look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from rich.console import Console

from watchkeeper.events import OperatingSettings, Outcome, Prediction, QualitySettings
from watchkeeper.pipeline.quality import Performance, QualityRollup, performance
from watchkeeper.profiles import OTHER
from watchkeeper.report import performance_page
from watchkeeper.store import Store

MODEL = "demand"
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def shown(store: Store) -> Performance:
    QualityRollup(store).advance(at_once=True)
    now = MIDNIGHT + timedelta(days=3)
    return performance(store, MODEL, now=now, start=MIDNIGHT, by="horizon", metrics=("mae",))


def forecasts(rows: int, *, furthest: int) -> list[Prediction]:
    return [
        Prediction(
            model=MODEL,
            prediction_id=f"p{n}",
            time=MIDNIGHT + timedelta(minutes=10 * n),
            output=float(n % 7),
            features={"hours_ahead": n % furthest + 1} if n % 11 else {},
        )
        for n in range(rows)
    ]


def outcomes(made: list[Prediction], errors: np.ndarray) -> list[Outcome]:
    return [
        Outcome(
            model=MODEL,
            prediction_id=one.prediction_id,
            time=one.time + timedelta(hours=2),
            label=float(one.output) + float(error),  # type: ignore[arg-type]
        )
        for one, error in zip(made, errors, strict=True)
    ]


def test_each_number_of_steps_has_its_metrics_as_labels_come(tmp_path: Path) -> None:
    made = forecasts(220, furthest=12)
    errors = np.random.default_rng(3).normal(0.0, 1.0, len(made))
    steps = np.array([one.features.get("hours_ahead", np.inf) for one in made], dtype=np.float64)
    came = outcomes(made, errors)
    with Store.open(tmp_path) as store:
        settings = OperatingSettings(quality=QualitySettings(horizon="hours_ahead"))
        store.operating.put(MODEL, settings, actor="test", now=MIDNIGHT)
        for labelled in (slice(0, 100), slice(100, None)):
            store.append([*(made if not labelled.start else []), *came[labelled]])
            found = shown(store)
            known = np.arange(len(made)) < (labelled.stop or len(made))
            assert [one.group for one in found.totals] == [str(n) for n in range(1, 13)] + [OTHER]
            for one, horizon in zip(found.totals, [*range(1, 13), np.inf], strict=True):
                mine = steps == horizon
                assert (one.predictions, one.labelled) == (mine.sum(), (mine & known).sum())
                mae = np.abs(errors[mine & known]).mean()
                np.testing.assert_allclose(one.metrics[0].value, mae, rtol=1e-12)
        series = found.groups[0].series[0].value
        assert sum(value is not None for value in series) > 10
        console = Console(width=100)
        with console.capture() as captured:
            console.print(performance_page(found))
    assert "12" in captured.get() and OTHER in captured.get()


def test_of_more_steps_than_fifty_the_nearest_are_told_apart(tmp_path: Path) -> None:
    made = forecasts(140, furthest=70)
    with Store.open(tmp_path) as store:
        settings = OperatingSettings(quality=QualitySettings(horizon="hours_ahead"))
        store.operating.put(MODEL, settings, actor="test", now=MIDNIGHT)
        store.append([*made, *outcomes(made, np.ones(len(made)))])
        groups = [one.group for one in shown(store).totals]
    assert groups == [*(str(n) for n in range(1, 51)), OTHER]


def test_without_the_setting_it_is_said_how_to_tell_them_apart(tmp_path: Path) -> None:
    made = forecasts(20, furthest=3)
    with Store.open(tmp_path) as store:
        store.append([*made, *outcomes(made, np.ones(len(made)))])
        found = shown(store)
    assert found.totals == []
    assert "set quality.horizon" in " ".join(found.said)
    console = Console(width=100)
    with console.capture() as captured:
        console.print(performance_page(found))
    assert "mean absolute error" not in captured.get()
