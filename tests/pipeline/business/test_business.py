"""Business metrics from a real store: ready-made, in SQL, in Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.errors import DataError, SettingsError
from watchkeeper.events import BusinessMetric, Feedback, OperatingSettings, Outcome, Prediction
from watchkeeper.pipeline.business import Business, RecordTables, business
from watchkeeper.store import Store

START = datetime(2026, 3, 1, tzinfo=UTC)
USERS = 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Twenty users over ten days: an impression each day, every second of them clicked."""
    with Store.open(tmp_path / "store") as opened:
        records: list[Prediction | Outcome | Feedback] = []
        for day in range(10):
            at = START + timedelta(days=day, hours=3)
            for user in range(USERS):
                key, variant = f"{day}-{user}", "a" if user % 2 else "b"
                records += _records(key, at, f"u{user}", variant, clicked=user % 4 < 2)
        opened.append(records)
        yield opened


def _records(
    key: str, at: datetime, entity: str, variant: str, *, clicked: bool
) -> list[Prediction | Outcome | Feedback]:
    kinds = ["impression", "click"] if clicked else ["impression"]
    return [
        Prediction(
            model="m", prediction_id=key, time=at, features={"x": 1.0}, output=0.5,
            variant=variant, version="v1", entity=entity,
        ),
        Outcome(model="m", prediction_id=key, time=at + timedelta(hours=1), label=clicked),
        *[
            Feedback(
                model="m", feedback_id=f"{key}-{kind}", time=at, kind=kind, entity=entity,
                prediction_id=key, amount=2.0,
            )
            for kind in kinds
        ],
    ]  # fmt: skip


def declare(store: Store, *metrics: BusinessMetric) -> None:
    store.operating.put("m", OperatingSettings(business=metrics), actor="test", now=START)


def totals(found: Business) -> dict[tuple[str, str], float | None]:
    return {(one.metric, one.group): one.total for one in found.series}


def test_click_through_is_ready_and_clustered_by_user(store: Store) -> None:
    found = business(store, "m")
    (one,) = found.series
    assert (one.metric, one.total, one.entities) == ("click_through", 0.5, USERS)
    # Each user always or never clicks, so 200 impressions are worth 20: Wilson's 10 of 20.
    assert one.total_low == pytest.approx(0.2993, abs=1e-3)
    assert one.total_high == pytest.approx(0.7007, abs=1e-3)
    assert len(found.starts) == len(one.value)
    assert [value for value in one.value if value is not None] == [0.5] * 10


def test_variants_are_told_apart(store: Store) -> None:
    found = business(store, "m", by="variant", metrics=["click_through", "retention"])
    told = totals(found)
    assert told["click_through", "a"] == told["click_through", "b"] == 0.5
    assert told["retention", "a"] == 1.0


def test_a_query_over_predictions_and_outcomes_is_a_metric(store: Store) -> None:
    sql = """SELECT p.time, p.entity, CAST(o.label AS INT) AS numerator, 1 AS denominator
    FROM predictions p JOIN outcomes o USING (prediction_id) -- labelled"""
    declare(store, BusinessMetric(name="right", sql=sql, unit="share"))
    found = business(store, "m")
    assert totals(found) == {("right", ""): 0.5}
    assert found.metrics[0].unit == "share"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DROP TABLE predictions", "expected one SELECT"),
        ("SELECT 1; SELECT 2", "expected one SELECT"),
        ("SELECT time, entity FROM feedback", "numerator, denominator is missing"),
        ("SELECT * FROM read_csv('/etc/passwd')", "DuckDB says"),
        ("SELECT * FROM nowhere", "DuckDB says"),
        ("SELEC", "DuckDB says"),
        (
            "SELECT time, entity, 1 AS numerator, -1 AS denominator FROM feedback",
            "a denominator is below 0",
        ),
    ],
)
def test_a_query_that_is_no_metric_is_refused(store: Store, sql: str, said: str) -> None:
    declare(store, BusinessMetric(name="own", sql=sql))
    with pytest.raises(SettingsError, match=said):
        business(store, "m")


def test_a_function_gets_the_records(store: Store) -> None:
    def doubled(records: RecordTables) -> pa.Table:
        amounts = records.feedback["amount"]
        ones = pa.array([1.0] * len(amounts))
        rows = records.feedback.select(["time", "entity"])
        return rows.append_column("numerator", amounts).append_column("denominator", ones)

    found = business(store, "m", functions={"amount": doubled})
    assert totals(found) == {("amount", ""): 2.0}


def test_unknown_names_are_refused(store: Store) -> None:
    with pytest.raises(SettingsError, match="Did you mean 'click_through'"):
        business(store, "m", metrics=["click_trough"])
    with pytest.raises(DataError):
        business(store, "other")


def test_nothing_to_say_is_said(store: Store) -> None:
    found = business(store, "m", metrics=["listen_through"])
    assert found.series == () or all(one.total is None for one in found.series)
    assert found.said == ("listen_through cannot be said: no row has a denominator.",)
