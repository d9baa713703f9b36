"""The watch as a whole on simulated streams: quiet on nothing, quick and right on something."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watch.streams import NEW_YEAR, REFERENCE, ROWS, hourly, normal, watch, with_nulls
from watchkeeper.pipeline import backtest
from watchkeeper.watch import Incident

AT = 20
LENGTH = 60


def changed_data(seed: int = 2) -> tuple[dict[str, Any], dict[str, Any], slice]:
    """Monitored columns, reference columns, and the monitored rows from bucket 20 on."""
    data = normal(seed, buckets=LENGTH)
    return data, normal(1, buckets=REFERENCE), slice(AT * ROWS, None)


def only(incidents: tuple[Incident, ...]) -> Incident:
    assert len(incidents) == 1, [i.message for i in incidents]
    return incidents[0]


def assert_found(incident: Incident, column: str, *, within: int = 3) -> None:
    assert incident.streams[0].column == column
    assert AT <= incident.opened_bucket < AT + within
    assert abs(incident.since_bucket - AT) <= 3
    assert incident.is_open


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_nothing_is_told_of_stationary_streams(seed: int) -> None:
    result = watch(normal(seed, buckets=LENGTH), normal(seed + 100, buckets=REFERENCE))
    assert result.conclusive
    assert result.incidents == ()
    assert len(result.evidence) == result.buckets == LENGTH
    assert max(result.evidence) < 1


def test_a_shift_is_found_named_and_measured() -> None:
    data, reference, later = changed_data()
    data["c1"][later] += 1.0
    incident = only(watch(data, reference).incidents)
    assert_found(incident, "c1")
    assert incident.cause == "drift"
    assert incident.kind == "sudden"
    assert incident.streams[0].effect.shift == pytest.approx(1.0, abs=0.15)
    assert incident.streams[0].effect.shift_sd == pytest.approx(1.0, abs=0.15)
    assert sum(s.share for s in incident.streams) <= 1.0 + 1e-9
    assert "c1 rose by" in incident.message


def test_a_return_closes_the_incident() -> None:
    data, reference, _ = changed_data()
    data["c1"][AT * ROWS : 35 * ROWS] -= 1.0
    incident = only(watch(data, reference).incidents)
    assert 35 <= (incident.closed_bucket or 0) <= 40
    assert "back to normal" in incident.message


def test_a_surge_of_nulls_is_found() -> None:
    data, reference, later = changed_data()
    reference["c1"] = with_nulls(reference["c1"], 0.02)
    ratio = np.full(len(data["c1"]), 0.02)
    ratio[later] = 0.3
    gone = np.random.default_rng(5).random(len(ratio)) < ratio
    data["c1"] = pa.array(data["c1"], mask=gone)
    incident = only(watch(data, reference).incidents)
    assert_found(incident, "c1")
    assert incident.streams[0].effect.after_null_ratio == pytest.approx(0.3, abs=0.05)
    assert "nulls in c1" in incident.message


def test_a_column_all_null_is_told_at_once_and_closes_when_it_is_back() -> None:
    data, reference, _ = changed_data()
    gone = np.zeros(len(data["c1"]), dtype=np.bool_)
    gone[AT * ROWS : 24 * ROWS] = True
    data["c1"] = pa.array(data["c1"], mask=gone)
    incident = only(watch(data, reference).incidents)
    assert incident.cause == "rule"
    assert incident.opened_bucket == incident.since_bucket == AT
    assert incident.closed_bucket == 24
    assert incident.streams[0].column == "c1"
    assert incident.streams[0].effect.after_null_ratio >= 0.75
    assert "all null" in incident.message


def test_a_column_all_null_for_good_has_no_distance_between_values() -> None:
    data, reference, _ = changed_data()
    gone = np.arange(len(data["c1"])) >= AT * ROWS
    data["c1"] = pa.array(data["c1"], mask=gone)
    incident = only(watch(data, reference).incidents)
    assert incident.is_open
    effect = incident.streams[0].effect
    assert (effect.after_null_ratio, effect.after_mean) == (1.0, None)
    assert (effect.wasserstein, effect.kolmogorov_smirnov) == (None, None)
    assert effect.total_variation > 0.9


def test_a_column_that_is_gone_is_told_at_the_first_bucket() -> None:
    data, reference, _ = changed_data()
    del data["c1"]
    incident = only(watch(data, reference).incidents)
    assert (incident.cause, incident.opened_bucket) == ("rule", 0)
    assert [s.column for s in incident.streams] == ["c1"]
    assert incident.is_open


def test_values_of_another_type_break_a_rule_at_once() -> None:
    data, reference, _ = changed_data()
    data["c1"] = [f"{value} EUR" for value in data["c1"]]
    incident = only(watch(data, reference).incidents)
    assert (incident.cause, incident.opened_bucket) == ("rule", 0)
    assert incident.streams[0].column == "c1"


def test_a_new_category_is_found() -> None:
    data, reference, later = changed_data()
    random = np.random.default_rng(6)
    shares = [0.4, 0.3, 0.2, 0.1]
    reference["k"] = random.choice(list("abcd"), size=REFERENCE * ROWS, p=shares)
    new = random.choice(list("abcd"), size=LENGTH * ROWS, p=shares).astype("U4")
    new[later][random.random(len(new[later])) < 0.1] = "zeta"
    data["k"] = new
    incident = only(watch(data, reference).incidents)
    assert_found(incident, "k")
    assert incident.streams[0].effect.unseen_ratio == pytest.approx(0.1, abs=0.04)


def test_a_wider_spread_is_found_without_any_shift() -> None:
    data, reference, later = changed_data()
    data["c1"][later] *= 1.5
    incident = only(watch(data, reference).incidents)
    assert_found(incident, "c1")
    assert incident.streams[0].aspect == "shape"


def test_a_constant_column_that_changes_is_found() -> None:
    data, reference, later = changed_data()
    reference["k"] = np.ones(REFERENCE * ROWS)
    data["k"] = np.ones(LENGTH * ROWS)
    assert watch(data, reference).incidents == ()
    data["k"][later] = 2.0
    assert_found(only(watch(data, reference).incidents), "k")


def test_heavy_ties_are_borne_and_a_change_in_them_found() -> None:
    data, reference, later = changed_data()
    random = np.random.default_rng(8)
    reference["k"] = random.poisson(0.3, REFERENCE * ROWS).astype(np.float64)
    data["k"] = random.poisson(0.3, LENGTH * ROWS).astype(np.float64)
    assert watch(data, reference).incidents == ()
    data["k"][later] = random.poisson(0.6, len(data["k"][later]))
    assert_found(only(watch(data, reference).incidents), "k")


def test_buckets_of_twenty_rows_suffice() -> None:
    reference = normal(21, buckets=REFERENCE, rows=20)
    data = normal(22, buckets=LENGTH, rows=20)
    assert watch(data, reference, rows=20).incidents == ()
    data["c0"][AT * 20 :] += 1.5
    assert_found(only(watch(data, reference, rows=20).incidents), "c0")


@pytest.mark.parametrize("columns", [2, 120])
def test_few_and_many_columns(columns: int) -> None:
    reference = normal(33, buckets=REFERENCE, rows=50, columns=columns)
    data = normal(34, buckets=40, rows=50, columns=columns)
    data["c1"][AT * 50 :] += 1.2
    incident = only(watch(data, reference, rows=50).incidents)
    assert_found(incident, "c1", within=4)
    assert incident.streams[0].significant


def test_a_short_reference_is_not_enough_and_said_so() -> None:
    result = watch(normal(41, buckets=20), normal(42, buckets=5))
    assert not result.conclusive
    assert result.incidents == ()
    assert result.buckets == 0
    [missing] = result.not_enough_data
    assert "5 buckets" in missing.have
    assert "at least 8" in missing.need


def test_values_in_a_column_that_had_none_are_told() -> None:
    reference, data = normal(43, buckets=REFERENCE), normal(44, buckets=LENGTH)
    reference["empty"] = pa.nulls(REFERENCE * ROWS, pa.float64())
    data["empty"] = pa.nulls(LENGTH * ROWS, pa.float64())
    assert watch(data, reference).incidents == ()
    later = np.arange(LENGTH * ROWS) >= AT * ROWS
    data["empty"] = pa.array(np.ones(LENGTH * ROWS), mask=~later)
    incident = only(watch(data, reference).incidents)
    assert_found(incident, "empty")
    assert "nulls in empty" in incident.message


def test_a_lasting_incident_lets_a_further_change_be_told() -> None:
    data = normal(51, buckets=130)
    data["c1"][AT * ROWS :] += 1.0
    data["c1"][95 * ROWS :] += 1.0
    first, second = watch(data, normal(1, buckets=REFERENCE)).incidents
    assert AT <= first.opened_bucket < AT + 3
    assert 95 <= second.opened_bucket < 98
    assert second.streams[0].column == "c1"
    assert first.closed_bucket is not None
    assert second.is_open


def test_a_shift_on_top_of_a_daily_cycle_is_found_within_three_hours() -> None:
    table = hourly(61, days=40)
    late = np.arange(len(table["daily"])) >= (30 * 24 + 7) * 50
    until = f"{NEW_YEAR:%Y}-01-22"
    quiet = backtest(pa.table(table), time="time", reference_until=until, bucket="1h")
    assert quiet.incidents == ()
    assert quiet.false_alarm_budget_buckets == pytest.approx(720)
    table["daily"] = table["daily"] + 0.7 * late
    [found, *_] = backtest(
        pa.table(table), time="time", reference_until=until, bucket="1h"
    ).incidents
    shifted = 9 * 24 + 7
    assert shifted <= found.opened_bucket < shifted + 3
    assert found.streams[0].column == "daily"
    assert found.streams[0].effect.shift == pytest.approx(0.7, abs=0.3)


def test_missing_buckets_are_borne() -> None:
    table = pa.table(hourly(71, days=40))
    hour = (np.arange(table.num_rows) // 50) % 24
    day = np.arange(table.num_rows) // 1200
    kept = ~((hour >= 2) & (hour < 5) & (day % 3 == 0)) & (day != 33)
    result = backtest(
        table.filter(pa.array(kept)),
        time="time",
        reference_until=f"{NEW_YEAR:%Y}-01-22",
        bucket="1h",
        columns=["daily", "plain"],
    )
    assert result.buckets == (40 - 21) * 24
    assert result.incidents == ()
    [daily] = [c for c in result.columns if c.name == "daily"]
    assert daily.observed.count(None) >= 24
