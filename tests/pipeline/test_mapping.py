from __future__ import annotations

import pytest

from watchkeeper.errors import DataError
from watchkeeper.pipeline.mapping import ImportMapping, assign


def test_columns_named_like_the_fields_need_no_mapping() -> None:
    names = ["prediction_id", "time", "output", "label", "latency_seconds", "age", "country"]
    roles = assign(ImportMapping(), names, data="data")
    assert dict(roles.fields) == {name: name for name in names[:5]}
    assert dict(roles.features) == {"age": "age", "country": "country"}


def test_named_columns_are_taken_out_of_the_features() -> None:
    mapping = ImportMapping(id="i", time="t", label="y", tags=("c",), ignore=("junk",))
    roles = assign(mapping, ["i", "t", "y", "c", "junk", "x"], data="data")
    assert dict(roles.fields) == {"prediction_id": "i", "time": "t", "label": "y"}
    assert (dict(roles.features), dict(roles.tags)) == ({"x": "x"}, {"c": "c"})
    assert roles.columns() == ["i", "t", "y", "x", "c"]


def test_features_can_be_listed() -> None:
    roles = assign(ImportMapping(time="t", features=("b",)), ["t", "a", "b"], data="data")
    assert dict(roles.features) == {"b": "b"}


def test_prefixed_columns_are_what_they_say() -> None:
    names = [
        "time",
        "features.age",
        "feature:sex",
        "tags.country",
        "output.yes",
        "output.no",
        "model",
    ]
    roles = assign(ImportMapping(), names, data="data")
    assert dict(roles.features) == {"age": "features.age", "sex": "feature:sex"}
    assert dict(roles.tags) == {"country": "tags.country"}
    assert dict(roles.outputs) == {"yes": "output.yes", "no": "output.no"}


def test_outcomes_and_feedback_have_fields_of_their_own() -> None:
    roles = assign(ImportMapping(kind="outcome", id="i", time="t"), ["i", "t", "label"], data="d")
    assert dict(roles.fields) == {"prediction_id": "i", "time": "t", "label": "label"}
    assert dict(roles.features) == {}
    names = ["feedback_id", "time", "kind", "entity", "item", "position", "amount"]
    assert list(assign(ImportMapping(kind="feedback"), names, data="d").fields) == names


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (
            ImportMapping(),
            "no column for the time of prediction records. Name it with --time COLUMN",
        ),
        (ImportMapping(time="whan"), r"data has no column 'whan' \(time\). Did you mean 'when'"),
        (
            ImportMapping(time="when", tags=("contry",)),
            r"'contry' \(tags\). Did you mean 'country'",
        ),
        (ImportMapping(time="when", features=("x",)), r"no column 'x' \(features\)"),
        (ImportMapping(kind="outcome", time="when"), "no column for the prediction_id .* --id"),
        (ImportMapping(kind="feedback", time="when"), "no column for the kind .* --feedback-kind"),
    ],
)
def test_a_mapping_that_does_not_suit_the_data_says_what_would(
    mapping: ImportMapping, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        assign(mapping, ["when", "country"], data="data")
