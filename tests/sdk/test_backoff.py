from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.sdk import Backoff


@given(st.integers(0, 10_000))
def test_a_delay_lies_in_the_upper_half_of_its_ceiling(failures: int) -> None:
    backoff = Backoff(first_seconds=0.5, longest_seconds=20.0)
    ceiling = min(20.0, 0.5 * 2.0 ** min(failures, 60))
    assert ceiling / 2 <= backoff.delay_seconds(failures) <= ceiling


def test_what_the_other_side_asked_for_is_never_undercut() -> None:
    assert Backoff().delay_seconds(0, 45.0) >= 45.0


def test_an_absurd_request_is_believed_up_to_ten_minutes() -> None:
    assert Backoff().delay_seconds(0, 1e9) == 600.0


def test_delays_are_spread() -> None:
    backoff = Backoff()
    assert len({backoff.delay_seconds(5) for _ in range(50)}) > 40
