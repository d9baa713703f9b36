from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from store.samples import prediction
from watchkeeper.store import Store
from watchkeeper.store.upkeep import Upkeep

MEGABYTE = "x" * 1_000_000


def test_a_journal_that_has_grown_is_sealed_without_being_asked(
    fresh: Callable[[], Path],
) -> None:
    folder = fresh()
    for half in range(2):  # what an earlier process left counts too
        with Store.open(folder) as store:
            for n in range(20):
                store.append([prediction(f"{half}-{n}", features={"note": MEGABYTE})])
            before = store.predictions("m").num_rows
    assert before == 40
    assert list((folder / "events").rglob("*.parquet"))
    with Store.open(folder) as store:
        assert store.predictions("m").num_rows == 40


def test_work_begins_when_it_is_worth_it_and_once_at_a_time() -> None:
    begun, may_end = threading.Semaphore(0), threading.Semaphore(0)

    def seal() -> None:
        begun.release()
        may_end.acquire()

    upkeep = Upkeep(seal, lambda: 40, worth_bytes=100)
    upkeep.note(30)
    assert not begun.acquire(timeout=0.05)
    upkeep.note(60)
    assert begun.acquire(timeout=10)
    upkeep.note(700)
    assert not begun.acquire(timeout=0.05)
    may_end.release()
    upkeep.close()
    upkeep.note(1)
    assert begun.acquire(timeout=10)
    may_end.release()
    upkeep.close()


def test_a_writer_far_ahead_waits() -> None:
    may_end = threading.Event()
    upkeep = Upkeep(may_end.wait, lambda: 100, worth_bytes=100)
    upkeep.note(1)
    writer = threading.Thread(target=upkeep.note, args=(801,))
    writer.start()
    writer.join(0.1)
    assert writer.is_alive()
    may_end.set()
    writer.join(10)
    assert not writer.is_alive()
    upkeep.close()


def test_an_error_is_logged_and_the_next_round_tries_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries: list[int] = []

    def seal() -> None:
        tries.append(1)
        raise OSError("no room")

    upkeep = Upkeep(seal, lambda: 100, worth_bytes=100)
    for _ in range(2):
        upkeep.note(100)
        upkeep.close()
    assert len(tries) == 2
    assert "tried again" in caplog.text
