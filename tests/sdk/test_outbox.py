import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.sdk.outbox import Outbox
from watchkeeper.sdk.stats import ClientStats


def balance(stats: ClientStats) -> int:
    return stats.logged - stats.sent - stats.dropped - stats.rejected - stats.queued


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(0, 60)),
            st.tuples(st.just("refuse"), st.just(0)),
            st.tuples(st.just("take"), st.integers(1, 5)),
            st.tuples(st.just("settle"), st.integers(0, 3)),
            st.tuples(st.just("abandon"), st.just(0)),
        )
    )
)
def test_every_record_is_accounted_for_after_every_step(steps: list[tuple[str, int]]) -> None:
    outbox = Outbox(most_records=4, most_bytes=100, wake_at=2)
    taken = []
    for step, number in steps:
        if step == "put":
            outbox.put("outcome", (), number)
        elif step == "refuse":
            outbox.refuse("wrong")
        elif step == "take":
            taken.append(outbox.take(number))
        elif step == "settle" and taken:
            entries = taken.pop(0)
            outbox.settle(entries, rejected=["wrong"] * min(number, len(entries)))
        elif step == "abandon":
            outbox.close("closed")
            outbox.abandon("closed")
        stats = outbox.stats()
        assert balance(stats) == 0
        assert stats.queued <= 4
        assert 0 <= stats.queued_bytes <= 100


def test_entries_that_are_under_way_still_count_against_the_bound() -> None:
    outbox = Outbox(most_records=2, most_bytes=1_000, wake_at=10)
    for _ in range(2):
        outbox.put("outcome", (), 1)
    assert len(outbox.take(10)) == 2
    outbox.put("outcome", (), 1)
    stats = outbox.stats()
    assert (stats.queued, stats.dropped) == (2, 1)
    assert stats.dropped_reasons == {"queue full (2 records)": 1}


def test_counts_balance_while_many_threads_log_and_one_settles() -> None:
    outbox = Outbox(most_records=100, most_bytes=10_000, wake_at=10)
    done = threading.Event()
    off_balance = []

    def log() -> None:
        for _ in range(3_000):
            outbox.put("outcome", (), 10)

    def deliver() -> None:
        while not done.is_set():
            entries = outbox.take(7)
            off_balance.append(balance(outbox.stats()))
            outbox.settle(entries)

    loggers = [threading.Thread(target=log) for _ in range(4)]
    deliverer = threading.Thread(target=deliver)
    for thread in [*loggers, deliverer]:
        thread.start()
    for thread in loggers:
        thread.join()
    done.set()
    deliverer.join()
    assert outbox.stats().logged == 12_000
    assert set(off_balance) == {0}


def test_logging_inside_a_call_by_a_finaliser_does_not_deadlock() -> None:
    outbox = Outbox(most_records=10, most_bytes=1_000, wake_at=100)

    class LogsWhenFreed:
        def __del__(self) -> None:
            outbox.put("outcome", (), 1)

    outbox.put("outcome", (LogsWhenFreed(),), 1)
    outbox.close("closed")
    outbox.abandon("closed")  # frees the entry, under the lock
    assert outbox.stats().logged == 2
    assert balance(outbox.stats()) == 0


def test_the_delivery_thread_is_woken_by_a_full_batch_not_by_each_entry() -> None:
    outbox = Outbox(most_records=10, most_bytes=1_000, wake_at=3)
    outbox.put("outcome", (), 1)
    begun = time.monotonic()
    outbox.wait_for_ring(0.05)
    assert time.monotonic() - begun >= 0.04
    for _ in range(4):
        outbox.put("outcome", (), 1)
    begun = time.monotonic()
    outbox.wait_for_ring(5.0)
    assert time.monotonic() - begun < 1.0


def test_the_number_of_distinct_reasons_is_bounded() -> None:
    outbox = Outbox(most_records=1, most_bytes=1, wake_at=1)
    for index in range(1_000):
        outbox.refuse(f"reason {index} " + "x" * 10_000)
    stats = outbox.stats()
    assert stats.rejected == 1_000
    assert len(stats.rejected_reasons) == 21
    assert max(map(len, stats.rejected_reasons)) == 300


def test_a_full_queue_does_not_hide_why_it_is_full() -> None:
    outbox = Outbox(most_records=1, most_bytes=10, wake_at=1)
    outbox.failed("no route to host")
    for _ in range(3):
        outbox.put("outcome", (), 1)
    assert outbox.stats().last_error == "no route to host"
