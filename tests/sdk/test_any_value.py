"""Whatever a host hands over, logging neither raises nor loses count.

A file of its own: its client works for as long as the file runs, and would speak into other tests.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchkeeper import Client
from watchkeeper.sdk import ClientStats


def balanced(stats: ClientStats) -> bool:
    return stats.logged == stats.sent + stats.dropped + stats.rejected + stats.queued


class Hostile:
    """Raises wherever it is touched."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError("str")

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    def __hash__(self) -> int:
        return 1

    def __len__(self) -> int:
        raise RuntimeError("len")

    def __iter__(self) -> object:
        raise RuntimeError("iter")

    def __bool__(self) -> bool:
        raise RuntimeError("bool")


class Classless:
    """So hostile that no test framework could print it."""

    @property
    def __class__(self) -> type:  # type: ignore[override] - as hostile as can be
        raise RuntimeError("class")


class Exiting:
    def __getattr__(self, name: str) -> object:
        raise SystemExit(name)


def anything() -> st.SearchStrategy[Any]:
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.binary()
        | st.complex_numbers()
        | st.datetimes()
        | st.dates()
        | st.decimals()
        | st.uuids()
        | st.timedeltas()
        | st.builds(object)
        | st.sampled_from([Hostile, Exiting, Classless])
        | st.sampled_from([int, len, ..., NotImplemented, "\ud800", 10**4000, float("nan")])
    )
    keys = st.text(max_size=3) | st.integers() | st.none()
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.tuples(inner, inner)
            | st.dictionaries(keys, inner, max_size=3)
            | st.sets(st.integers(), max_size=3)
        ),
        max_leaves=6,
    )


def brought_to_life(value: Any) -> Any:
    """Put hostile objects where their classes stand, which test frameworks can handle."""
    if value in (Hostile, Exiting, Classless):
        return value()
    if type(value) is dict:
        return {key: brought_to_life(one) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(brought_to_life(one) for one in value)
    return value


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    features=anything(),
    output=anything(),
    options=st.dictionaries(
        st.sampled_from(
            [
                "prediction_id",
                "time",
                "entity",
                "latency_seconds",
                "cost_usd",
                "error",
                "tags",
                "trace_id",
                "version",
                "variant",
                "no_such_option",
            ]
        ),
        anything(),
        max_size=3,
    ),
)
def test_logging_never_raises_whatever_it_is_given(
    hungry: Client, features: Any, output: Any, options: dict[str, Any]
) -> None:
    features, output, options = brought_to_life((features, output, options))
    assert isinstance(hungry.log_prediction(features, output, **options), str)
    assert hungry.log_outcome(features, output, **options) is None  # type: ignore[func-returns-value] - the claim
    assert isinstance(hungry.log_feedback(features, **options), str)
    assert balanced(hungry.stats())


def test_an_object_that_denies_its_class_harms_nobody(hungry: Client) -> None:
    for value in (Classless(), [Classless()], {"a": Classless()}, {Hostile(): 1}):
        assert isinstance(hungry.log_prediction(value, value), str)
        hungry.log_outcome("id", value)
    hungry.log_prediction({"a": 1.0}, 0.5)
    assert balanced(hungry.stats())


@pytest.fixture(scope="module")
def hungry(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A client of a real store, which must have settled everything in the end."""
    client = Client(tmp_path_factory.mktemp("hungry"), model="m", queue_size=1_000_000)
    yield client
    assert client.flush(30)
    client.close()
    stats = client.stats()
    assert balanced(stats)
    assert stats.dropped == 0
    assert stats.sent > 0
    assert stats.rejected > 0
