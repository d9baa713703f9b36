import math
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from watchkeeper.errors import RecordError
from watchkeeper.events import Feedback, Outcome, Prediction
from watchkeeper.sdk.conversion import build
from watchkeeper.sdk.outbox import Entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


def prediction(
    features: dict[Any, Any], output: object = None, time: object = None, tags: object = None
) -> Prediction:
    fields = ("m", "id", NOON.timestamp(), time, features, output, "", "", None, None, None, None)
    record = build(Entry("prediction", (*fields, tags, None), 0))
    assert isinstance(record, Prediction)
    return record


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (1, 1),
        (True, True),
        ("a", "a"),
        (None, None),
        (np.float32(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int8(-3), -3),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.array(2.5), 2.5),
        (np.datetime64("2026-03-01T12:00:00", "ns"), NOON),
        (np.datetime64("NaT"), None),
        (np.timedelta64(90, "s"), 90.0),
        (pd.Timestamp("2026-03-01T13:00:00+01:00"), NOON),
        (pd.NaT, None),
        (pd.NA, None),
        (Decimal("1.5"), 1.5),
        (Fraction(1, 4), 0.25),
        (NOON.astimezone(timezone(timedelta(hours=5))), NOON),
        (date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)),
        (timedelta(minutes=1), 60.0),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ([1, 2.5, np.float32(0.5)], [1.0, 2.5, 0.5]),
        ((1, 2), [1.0, 2.0]),
        (np.array([1, 2]), [1.0, 2.0]),
        (pd.Series([1.0, 2.0]), [1.0, 2.0]),
    ],
    ids=repr,
)
def test_a_feature_is_kept_as_the_plain_value_it_stands_for(given: object, kept: object) -> None:
    value = prediction({"a": given}).features["a"]
    assert value == kept
    assert type(value) is type(kept)


def test_decimal_nan_is_nan() -> None:
    value = prediction({"a": Decimal("sNaN")}).features["a"]
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    "nonsense",
    [object(), b"bytes", {"x": 1}, {1, 2}, 1j, np.zeros((2, 2)), ["a", "b"], [[1.0]], type],
    ids=lambda value: type(value).__name__,
)
def test_a_feature_of_another_type_is_refused_by_name(nonsense: object) -> None:
    with pytest.raises(RecordError, match=r"^features\.price: "):
        prediction({"fine": 1.0, "price": nonsense})


def test_numbers_as_feature_names_are_written_as_text() -> None:
    assert prediction({0: 1.0, np.int64(1): 2.0}).features == {"0": 1.0, "1": 2.0}


def test_two_features_of_one_name_are_refused() -> None:
    with pytest.raises(RecordError, match="two are called '1'"):
        prediction({1: 1.0, "1": 2.0})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (0.25, 0.25),
        (np.array([0.25]), 0.25),
        ("cat", "cat"),
        ({"cat": np.float32(0.5), "dog": 0.5}, {"cat": 0.5, "dog": 0.5}),
        (["b", "a"], ["b", "a"]),
        ([12, 7], ["12", "7"]),
        (np.array([12, 7]), ["12", "7"]),
        ([], []),
    ],
)
def test_an_output_is_a_number_a_class_probabilities_or_a_ranking(
    given: object, kept: object
) -> None:
    assert prediction({}, given).output == kept


def test_a_list_of_fractions_is_no_ranking() -> None:
    with pytest.raises(RecordError, match="mapping from class to probability"):
        prediction({}, np.array([0.1, 0.9]))


def test_the_time_is_when_it_was_logged_unless_given() -> None:
    assert prediction({}).time == NOON
    later = NOON + timedelta(hours=1)
    assert prediction({}, time=later.astimezone(timezone(timedelta(hours=-7)))).time == later


@pytest.mark.parametrize(
    "nonsense", [datetime(2026, 1, 1), date(2026, 1, 1), 17.0, "now", pd.NaT], ids=repr
)
def test_a_time_that_is_not_aware_is_refused(nonsense: object) -> None:
    with pytest.raises(RecordError, match=r"^time: expected an aware datetime"):
        prediction({}, time=nonsense)


def test_tags_are_text() -> None:
    tags = {"country": "CH", "tier": 1, "none": None}
    assert prediction({}, tags=tags).tags == {"country": "CH", "tier": "1"}


def test_an_outcome_is_one_label_or_the_labels_that_apply() -> None:
    record = build(Entry("outcome", ("m", uuid.UUID(int=1), NOON.timestamp(), None, np.True_), 0))
    assert record == Outcome(model="m", prediction_id=str(uuid.UUID(int=1)), time=NOON, label=True)
    several: list[object] = [["b", "a"], ("b", np.str_("a")), np.array(["b", "a"]), {"b", "a"}]
    for labels in several:
        found = build(Entry("outcome", ("m", "id", NOON.timestamp(), None, labels), 0))
        assert isinstance(found, Outcome)
        wanted = ["a", "b"] if isinstance(labels, set) else ["b", "a"]
        assert found.label == wanted
    for indicators in ([1, 0], np.array([True, False]), [np.float64(1)]):
        with pytest.raises(RecordError, match="labels that apply as texts, got a list of numbers"):
            build(Entry("outcome", ("m", "id", NOON.timestamp(), None, indicators), 0))


def test_feedback_counts_ranks_in_whole_numbers() -> None:
    fields = ("m", "id", NOON.timestamp(), None, "click", "user", 7, None)
    record = build(Entry("feedback", (*fields, np.int64(2), 1.5), 0))
    assert record == Feedback(
        model="m",
        feedback_id="id",
        time=NOON,
        kind="click",
        entity="user",
        item="7",
        position=2,
        amount=1.5,
    )
    with pytest.raises(RecordError, match=r"^position: expected a whole rank"):
        build(Entry("feedback", (*fields, 0.5, None), 0))
