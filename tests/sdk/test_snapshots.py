import types

import numpy as np
import pandas as pd
import pytest

from watchkeeper.sdk.snapshots import frozen, snapshot


def test_later_changes_by_the_host_do_not_matter() -> None:
    features = {"a": 1.0, "list": [1.0, 2.0], "array": np.array([1.0, 2.0]), "nested": {"x": 1}}
    copy, _ = snapshot(features)
    features["a"] = 2.0
    features["list"].append(3.0)
    features["array"][0] = 9.0
    features["nested"]["x"] = 9
    assert copy["a"] == 1.0
    assert copy["list"] == [1.0, 2.0]
    assert copy["array"].tolist() == [1.0, 2.0]
    assert copy["nested"] == {"x": 1}


def test_any_mapping_will_do() -> None:
    for features in (types.MappingProxyType({"a": 1}), pd.Series({"a": 1})):
        assert snapshot(features)[0] == {"a": 1}


def test_no_features_are_an_empty_mapping() -> None:
    assert snapshot(None)[0] == {}


@pytest.mark.parametrize("nonsense", [3, "text", [1, 2], object(), dict, {1, 2}])
def test_what_is_no_mapping_is_named(nonsense: object) -> None:
    with pytest.raises(TypeError, match=f"expected a mapping.*got {type(nonsense).__name__}"):
        snapshot(nonsense)


@pytest.mark.parametrize(
    "large",
    [
        "x" * 100_000,
        b"x" * 100_000,
        [1.0] * 10_000,
        ["x" * 100_000],
        np.zeros(20_000),
        1 << 800_000,
    ],
    ids=["text", "bytes", "numbers", "texts", "array", "integer"],
)
def test_large_values_are_counted_as_large(large: object) -> None:
    assert snapshot({"a": large})[1] > 90_000
    assert frozen(large)[1] > 90_000
