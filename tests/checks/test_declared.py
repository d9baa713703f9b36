"""A check that cannot be meant says so before any data is read."""

from __future__ import annotations

import math

import msgspec
import pytest

from watchkeeper import checks
from watchkeeper.checks import Check, as_settings, faults, name_all, require_sound
from watchkeeper.errors import SettingsError

WRONG: list[tuple[Check, str]] = [
    (checks.NotNull(column="a", mostly=0), "mostly is 0; it is above 0"),
    (checks.NotNull(column="a", mostly=1.1), "mostly is 1.1"),
    (checks.Range(column="a"), "minimum is missing"),
    (checks.Range(column="a", minimum=3, maximum=1), "minimum is 3, not below the maximum of 1"),
    (checks.Range(column="a", above=1, maximum=1), "above is 1, not below the maximum of 1"),
    (checks.Range(column="a", minimum=math.nan), "minimum is not a number"),
    (checks.Range(column="a", minimum=1, above=1), "above and minimum are both set"),
    (checks.Range(column="a", minimum=1, maximum="b"), "minimum is 1, but maximum is 'b'"),
    (checks.Length(column="a", minimum=2, maximum=1), "not below the maximum of 1"),
    (checks.Volume(), "minimum is missing"),
    (checks.Categories(column="a", values=()), "values is empty"),
    (checks.Unique(columns=()), "columns is empty"),
    (checks.Unique(columns=("a", "a")), "columns names 'a' 2 times"),
    (checks.Matches(column="a", pattern="(?=a)"), "which RE2 cannot: invalid perl operator"),
    (checks.Freshness(column="a", within="soon"), "within is 'soon'; write a number and a unit"),
    (checks.TableSchema(columns={"a": None}, optional=("b",)), "optional names 'b'"),
    (checks.Statistic(column="a", statistic="quantile", minimum=1), "quantile is missing"),
    (checks.Statistic(column="a", statistic="mean", quantile=0.5, minimum=1), "is set, but"),
    (checks.Statistic(column="a", statistic="quantile", quantile=2, minimum=1), "it is 0 to 1"),
    (checks.Change(of="mean", factor=2), "column is missing: the mean of which?"),
    (checks.Change(of="row_count", column="a", factor=2), "but row_count is of the table"),
    (checks.Change(of="row_count"), "set factor, difference or sd"),
    (checks.Change(of="null_ratio", column="a", sd=1), "sd is for means"),
    (checks.Change(of="row_count", factor=1), "factor is 1; it is above 1"),
    (checks.Change(of="row_count", difference=-1), "difference is -1; it is above 0"),
]


@pytest.mark.parametrize(("check", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_cannot_be_meant_is_refused_by_name(check: Check, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        require_sound([check])
    assert said in str(caught.value)
    assert name_all([check])[0] in str(caught.value)


def test_what_can_be_meant_has_no_faults() -> None:
    sound: list[Check] = [
        checks.Range(column="a", minimum=1, maximum=1),
        checks.Range(column="t", minimum="2013-01-01", maximum="2013-01-02"),
        checks.Change(of="mean", column="a", sd=1),
        checks.Statistic(column="a", statistic="quantile", quantile=0, minimum=1),
    ]
    assert [list(faults(check)) for check in sound] == [[]] * 4


def test_a_check_written_down_is_read_back() -> None:
    for check, _ in WRONG:
        if not any(isinstance(v, float) and math.isnan(v) for v in msgspec.structs.astuple(check)):
            assert msgspec.convert(as_settings(check), Check) == check


def test_names_are_unique_and_a_given_name_is_kept() -> None:
    given = [checks.Volume(minimum=1, name="rows"), checks.Volume(minimum=2, name="rows")]
    assert name_all(given) == ["rows", "rows #2"]
