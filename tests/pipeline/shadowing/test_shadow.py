"""A shadow is held against the model that serves, on the requests that both answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import log_loss
from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.errors import DataError, SettingsError
from watchkeeper.events import OperatingSettings, Outcome, Prediction, Record
from watchkeeper.pipeline.shadowing import shadow, shadows
from watchkeeper.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = 600


def answered(
    model: str, outputs: list[object], *, first: int = 0, seconds: float = 0.1
) -> list[Record]:
    return [
        Prediction(
            model=model,
            prediction_id=f"p{first + n}",
            time=NOON + timedelta(minutes=n),
            output=output,  # type: ignore[arg-type]
            latency_seconds=seconds,
            entity=f"u{n % 50}",
        )
        for n, output in enumerate(outputs)
    ]


def labelled(model: str, labels: list[object], *, first: int = 0) -> list[Record]:
    return [
        Outcome(
            model=model,
            prediction_id=f"p{first + n}",
            time=NOON + timedelta(days=1),
            label=label,  # type: ignore[arg-type]
        )
        for n, label in enumerate(labels)
    ]


def scores() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    good = rng.random(ROWS)
    labels = rng.random(ROWS) < good
    poor = np.clip(good + rng.normal(0, 0.25, ROWS), 0.01, 0.99)
    return poor, good, labels


def filled(store: Store) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    poor, good, labels = scores()
    store.append(answered("live", poor.tolist()))
    store.append(answered("next", good[:500].tolist(), seconds=0.2))
    store.append(answered("next", [0.5] * 10, first=9_000))  # requests that live never saw
    store.append(labelled("live", labels[:400].tolist()))
    store.append(labelled("next", labels[400:450].tolist(), first=400))
    return poor, good, labels


def test_both_are_measured_by_the_labels_of_either_on_the_same_requests(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        poor, good, labels = filled(store)
        found = shadow(store, "live", "next")
    assert (found.predictions, found.shadow_predictions) == (ROWS, 510)
    assert (found.pairs, found.labelled, found.one_in) == (500, 450, 1)
    [loss] = [one for one in found.metrics if one.name == "log_loss"]
    assert loss.live == pytest.approx(log_loss(labels[:450], poor[:450]))
    assert loss.shadow == pytest.approx(log_loss(labels[:450], good[:450]))
    assert loss.verdict == "better"
    assert found.said[0].startswith("next is better: ")
    assert any("next answered 83% of the requests" in line for line in found.said)
    [latency] = [one for one in found.service if one.name == "latency_seconds"]
    assert (latency.verdict, latency.rows) == ("worse", 500)
    assert latency.difference == pytest.approx(0.1)
    assert found.agreement is not None and found.agreement.ratio is not None
    assert found.agreement.ratio == pytest.approx(
        np.mean((poor[:500] >= 0.5) == (good[:500] >= 0.5))
    )


def test_classes_that_only_one_of_them_names_count_for_both(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        labels = ["cat", "dog", "cow"] * 40
        store.append(answered("live", ["cat", "dog", "dog"] * 40))
        store.append(answered("next", labels))
        store.append(labelled("live", labels))
        found = shadow(store, "live", "next")
    [accuracy] = [one for one in found.metrics if one.name == "accuracy"]
    assert (accuracy.live, accuracy.shadow) == (pytest.approx(2 / 3), 1.0)
    assert accuracy.verdict == "better"
    assert found.agreement is not None and found.agreement.kind == "class"
    assert found.agreement.ratio == pytest.approx(2 / 3)


def test_without_labels_answers_are_compared_and_that_is_said(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append(answered("live", [1.0, 2.0, 3.0]))
        store.append(answered("next", [1.0, 2.5, 3.0]))
        found = shadow(store, "live", "next")
    assert found.metrics == () and found.labelled == 0
    assert found.agreement is not None
    assert found.agreement.mean_difference == pytest.approx(1 / 6)
    assert "No prediction has a label yet." in found.said[0]


def test_a_window_has_its_own_requests(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        filled(store)
        found = shadow(store, "live", "next", end=NOON + timedelta(minutes=100))
        assert (found.pairs, found.predictions) == (100, 100)
        with pytest.raises(SettingsError, match="The window is empty"):
            shadow(store, "live", "next", start=NOON, end=NOON)


def test_shadows_in_force_are_listed_even_before_they_answer(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        filled(store)
        for name in ("next", "later"):
            settings = OperatingSettings(shadow_of="live")
            store.operating.put(name, settings, actor="test", now=NOON)
        later, next_ = shadows(store, "live").shadows
        assert later.said == ("later has not logged a prediction yet.",)
        assert next_.pairs == 500
        assert shadows(store, "next").shadows == ()


def test_what_cannot_be_compared_says_why(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append(answered("live", [1.0]))
        store.append(answered("next", [1.0], first=5))
        with pytest.raises(SettingsError, match="cannot be its own shadow"):
            shadow(store, "live", "live")
        with pytest.raises(DataError, match="nxt"):
            shadow(store, "live", "nxt")
        found = shadow(store, "live", "next")
        assert found.said[0].startswith("No request was answered by both: next must log")


def test_the_verb_tells_the_verdict_first(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        filled(store)
    told = CliRunner().invoke(app, ["shadow", str(tmp_path), "live", "next"])
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("next is better: ")
    assert "500 requests were answered by both, 450 of them have a label" in " ".join(
        told.stdout.split()
    )
    nothing = CliRunner().invoke(
        app, ["shadow", str(tmp_path), "live", "next", "--since", "2027-01-01", "--format", "json"]
    )
    assert nothing.exit_code == 3
