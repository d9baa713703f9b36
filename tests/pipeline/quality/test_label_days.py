"""A day's labels are read from the files they lie in, and none is missed, in whatever order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.errors import StoreError
from watchkeeper.events import Feedback, Outcome, Prediction, Record
from watchkeeper.pipeline.quality import QualityRollup
from watchkeeper.store import DAY, Store

MODEL = "m"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MIDNIGHT = int(NOON.timestamp()) // DAY * DAY


def prediction(number: int, *, day: int) -> Prediction:
    return Prediction(
        model=MODEL,
        prediction_id=f"p{number}",
        time=NOON + timedelta(days=day),
        output=["a", "b"],
    )


def outcome(number: int, *, day: int) -> Outcome:
    return Outcome(
        model=MODEL, prediction_id=f"p{number}", time=NOON + timedelta(days=day), label="a"
    )


def feedback(number: int, *, day: int) -> Feedback:
    return Feedback(
        model=MODEL,
        feedback_id=f"{number}-{day}",
        time=NOON + timedelta(days=day),
        kind="click",
        item="b",
        prediction_id=f"p{number}",
    )


def of_day(store: Store, model: str, day: int) -> pa.Table:
    since = NOON - timedelta(hours=12) + timedelta(days=day)
    return store.predictions(model, start=since, end=since + timedelta(days=1))


def measured_of(store: Store, model: str, day: int) -> list[pa.Table]:
    """Return what a day is measured from."""
    start = MIDNIGHT + day * DAY
    return [
        read(model, (), start=start, end=start + DAY, up_to=None)
        for read in (store.quality.rows.labelled, store.quality.lists.read)
    ]


RECORDS: list[Record] = [
    *(prediction(number, day=number % 3) for number in range(6)),
    *(outcome(number, day=day) for number, day in ((0, 0), (0, 5), (1, 1), (2, 0), (5, 9), (8, 2))),
    *(feedback(number, day=day) for number, day in ((0, 1), (3, 0), (3, 7), (4, 4), (9, 2))),
]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    folder = tmp_path_factory.mktemp("stores")
    with Store.open(folder / "noted") as noted, Store.open(folder / "plain") as plain:
        yield noted, plain


NAMES = (f"m{number}" for number in itertools.count())


@settings(max_examples=5, deadline=None)
@given(
    order=st.permutations(RECORDS),
    steps=st.dictionaries(
        st.integers(1, len(RECORDS)), st.sampled_from(("seal", "take up", "both")), max_size=2
    ),
)
def test_a_day_reads_as_it_does_from_all_files(
    stores: tuple[Store, Store], order: list[Record], steps: dict[int, str]
) -> None:
    noted, plain = stores  # of the second nothing is known
    name = next(NAMES)
    records = [msgspec.structs.replace(record, model=name) for record in order]
    edges = [0, *sorted(steps), len(order)]
    for first, last in itertools.pairwise(edges):
        step = steps.get(last, "seal")
        noted.append(records[first:last])
        if step != "take up":
            noted.seal()
        if step != "seal":
            QualityRollup(noted).advance(at_once=True)
    plain.append(records)
    days = pa.concat_tables(of_day(noted, name, day) for day in range(3))
    assert days.equals(noted.predictions(name))
    for day in range(3):
        assert measured_of(noted, name, day) == measured_of(plain, name, day)


def test_labels_of_other_days_are_not_opened(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        for day in range(4):
            store.append([prediction(day, day=day)])
            store.append([outcome(day, day=day + 2), outcome(100 + day, day=day + 1)])
        store.append([prediction(103, day=0)])  # what an outcome of day 4 waited for
        store.seal()
        QualityRollup(store).advance(at_once=True)
        before = [of_day(store, MODEL, day) for day in range(4)]
        [label] = (tmp_path / "events").glob("*/kind=outcome/date=2026-03-05/*.parquet")
        label.unlink()
        assert [of_day(store, MODEL, day) for day in (1, 3)] == [before[1], before[3]]
        for day in (0, 2):
            with pytest.raises(StoreError, match="missing or damaged"):
                of_day(store, MODEL, day)
