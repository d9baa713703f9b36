"""A good settings file becomes the settings that it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.config import Baseline, load
from watchkeeper.errors import SettingsError
from watchkeeper.events import (
    BusinessMetric,
    Column,
    CostSettings,
    MaskRule,
    ObjectiveSettings,
    OperatingSettings,
    PriceSettings,
    PrivacySettings,
    QualitySettings,
    RetentionSettings,
    TokenSettings,
)

FULL = (Path(__file__).parent / "full.yaml").read_text(encoding="utf-8")


def write(folder: Path, text: str) -> Path:
    path = folder / "watchkeeper.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_setting_arrives_as_written(tmp_path: Path) -> None:
    config = load(write(tmp_path, FULL), {})
    assert (config.model, config.time, config.bucket) == ("flights-delay", "time_hour", "1h")
    assert (config.budget, config.season) == ("1 per 720 buckets", "none")
    assert (config.holidays, config.segment_by) == ("US-NY", "origin")
    assert config.lateness == timedelta(minutes=10)
    assert config.weights == {"dep_delay": 3.0}
    assert config.ignore == ("c",)
    assert config.store == tmp_path / "here"
    assert config.schema is not None
    assert config.schema.columns["dep_delay"] == Column(type="number", minimum=-60, maximum=2000)


def test_operating_settings_arrive_as_written(tmp_path: Path) -> None:
    assert load(write(tmp_path, FULL), {}).operating == OperatingSettings(
        privacy=PrivacySettings(
            hash=("entity", "email"), drop=("error",), mask={"phone": MaskRule(keep_last=3)}
        ),
        retention=RetentionSettings(events="90d", profiles="400d"),
        objectives=(
            ObjectiveSettings(kind="availability", target=0.999),
            ObjectiveSettings(
                kind="latency", target=0.95, threshold_seconds=0.25, window="7d", name="fast"
            ),
        ),
        costs=CostSettings(
            month_budget_usd=500,
            prices=(
                PriceSettings(version="v2", per_prediction_usd=0.001, per_second_usd=0.0002),
                PriceSettings(per_million_usd={"chars": 4}),
            ),
            tokens=TokenSettings(
                model="llm", input="tokens_in", output="tokens_out", provider="openai"
            ),
        ),
        quality=QualitySettings(
            positive="late",
            threshold=0.3,
            metrics=("brier",),
            cost_matrix=((0, 1), (5, 0)),
            loss="error",
            tolerance=0.01,
            gains={"click": 1, "purchase": 3},
            top_k=5,
            catalogue=900,
        ),
        business=(
            BusinessMetric(name="clicks", ready="click_through"),
            BusinessMetric(name="own", sql="SELECT 1", unit="EUR"),
        ),
        shadow_of="delays-old",
    )
    assert load(write(tmp_path, ""), {}).operating == OperatingSettings()


def test_dates_are_midnights_of_the_time_zone(tmp_path: Path) -> None:
    config = load(write(tmp_path, FULL), {})
    assert config.baseline == Baseline(until=datetime(2013, 4, 1, 4, tzinfo=UTC))
    (sale,) = config.named_events
    assert sale.start == datetime(2013, 11, 29, 5, tzinfo=UTC)
    assert sale.end == datetime(2013, 12, 2, 12, tzinfo=UTC)


def test_no_is_a_text_so_norway_can_be_named(tmp_path: Path) -> None:
    config = load(write(tmp_path, FULL), {})
    assert config.schema is not None
    assert config.schema.columns["origin"].categories == ["EWR", "JFK", "LGA", "no", "1"]
    assert load(write(tmp_path, "holidays: NO"), {}).holidays == "NO"


def test_the_import_block_is_completed_by_time_zone_and_roles(tmp_path: Path) -> None:
    mapping = load(write(tmp_path, FULL), {}).import_mapping
    assert (mapping.output, mapping.latency, mapping.tags) == ("predicted", "seconds", ("origin",))
    assert (mapping.time, mapping.id, mapping.label) == ("time_hour", "flight", "arr_delay")
    assert mapping.timezone == "America/New_York"


def test_of_several_probabilities_none_is_taken_for_the_output(tmp_path: Path) -> None:
    both = "{a: {type: number, role: prediction}, b: {type: number, role: prediction}}"
    assert load(write(tmp_path, f"columns: {both}"), {}).import_mapping.output is None


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "{}", "model:\nbaseline:\ncolumns:\n"]
)
def test_every_key_may_be_left_out(tmp_path: Path, text: str) -> None:
    config = load(write(tmp_path, text), {})
    assert (config.budget, config.season, config.bucket) == ("1 per 30d", "auto", None)
    assert config.schema is None
    assert config.baseline is None
    assert config.store == tmp_path / "watchkeeper-store"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environ = {"WATCHKEEPER_STORE": "/srv/store", "WATCHKEEPER_BUDGET": "2 per 7d"}
    config = load(write(tmp_path, FULL), environ)
    assert config.store == Path("/srv/store")
    assert config.budget == "2 per 7d"


def test_a_wrong_environment_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"never.*WATCHKEEPER_BUDGET"):
        load(write(tmp_path, ""), {"WATCHKEEPER_BUDGET": "never"})


def test_a_reference_file_is_beside_the_settings(tmp_path: Path) -> None:
    config = load(write(tmp_path, "baseline: {file: old/*.csv}"), {})
    assert config.baseline == Baseline(file=str(tmp_path / "old" / "*.csv"))


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="watchkeeper init DATA"):
        load(tmp_path / "watchkeeper.yaml", {})
