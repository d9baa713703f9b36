"""The background thread that empties an outbox into a sink, and never gives up before it must."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from watchkeeper.errors import UsageError
from watchkeeper.sdk.backoff import Backoff
from watchkeeper.sdk.losses import LossWarnings, describe
from watchkeeper.sdk.outbox import Entry, Outbox
from watchkeeper.sdk.sink import SendReport, Sink

if TYPE_CHECKING:
    from watchkeeper.events import Record

THREAD_NAME: Final = "watchkeeper-sdk"
SEND_TIMEOUT_SECONDS: Final = 30.0
_START_AGAIN_SECONDS: Final = 1.0
_WARN_AGAIN_SECONDS: Final = 60.0
_RECORDS_BETWEEN_YIELDS: Final = 25

# Errors that speak of the records themselves, and would come again with them. All others speak of
# the destination (busy, away, no permission, disk full) and may pass.
_ABOUT_THE_DATA: Final = (
    UsageError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class Delivery:
    """Takes entries from the outbox, builds records and sends them until they are taken.

    A destination that is away is tried again with growing pauses; a batch that fails in an
    unforeseen way is sent record by record, so that one bad record costs only itself.

    While the thread imports modules, opens the destination or writes to a store, a fork of the
    host waits: the child would inherit locks that are held, and nobody who frees them.

    Parameters
    ----------
    outbox
        The queue to empty.
    open_sink
        Opens the destination; called in the thread, and again after every failure to open.
    batch_size
        Most records of one send.
    flush_interval_seconds
        Longest time that a record waits for company.
    """

    def __init__(
        self,
        outbox: Outbox,
        open_sink: Callable[[], Sink],
        *,
        batch_size: int,
        flush_interval_seconds: float,
        backoff: Backoff,
    ) -> None:
        self._outbox = outbox
        self._open_sink = open_sink
        self._batch_size = batch_size
        self._flush_interval_seconds = flush_interval_seconds
        self._backoff = backoff
        self._warnings = LossWarnings()
        self._closing_at: float | None = None
        self._inherited: list[object] = []
        self._reset()

    def _reset(self) -> None:
        self.running = False
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._nudge = threading.Event()
        self._opened = threading.Event()
        self._unforkable = threading.RLock()
        self._start_again_at = 0.0
        self._sink: Sink | None = None

    def before_fork(self, timeout_seconds: float) -> None:
        """Wait until the thread holds no lock that a child must not inherit; keep it from any.

        A store is closed until the next send: SQLite's open files must not be carried over a fork
        (SQLite, "How To Corrupt An SQLite Database File", section 2.6).
        """
        if not self._unforkable.acquire(timeout=max(0.0, timeout_seconds)):
            return
        if self._sink is not None and not self._sink.survives_fork:
            self._close_sink()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        with suppress(RuntimeError):  # the time was over before the thread was ready
            self._unforkable.release()

    def after_fork_in_child(self) -> None:
        """Make the delivery of a forked child independent of its parent's.

        The child has no copy of the thread. What the parent opened is kept, unused: to close it
        here would disturb the parent's.
        """
        self._inherited.append(self._sink)
        self._outbox.reset()
        self._reset()

    def start(self) -> None:
        """Start the thread if it does not run; cheap and harmless to call often."""
        if self.running or monotonic() < self._start_again_at:
            return
        if not self._starting.acquire(blocking=False):
            return
        try:
            if self._closing_at is not None:  # it only warns of what is logged too late
                self._start_again_at = monotonic() + _WARN_AGAIN_SECONDS
            if not self.running:
                self._thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)
                self.running = True
                self._thread.start()
        except RuntimeError as error:  # no more threads, or the interpreter is shutting down
            self.running = False
            self._thread = None
            self._start_again_at = monotonic() + _START_AGAIN_SECONDS
            self._outbox.failed(describe(error))
        finally:
            self._starting.release()

    @property
    def finished(self) -> bool:
        """Whether it was told to close and its thread, if it ever ran, has ended."""
        return self._closing_at is not None and not self.running

    def wait_until_opened(self, timeout_seconds: float) -> None:
        """Wait until the thread, if it runs, has tried to open the destination."""
        if self.running:
            self._opened.wait(max(0.0, timeout_seconds))

    def flush(self, timeout_seconds: float) -> bool:
        """Send what is queued now, without waiting for more; tell whether all of it is settled."""
        if threading.current_thread() is self._thread:
            return False
        self.start()
        self._nudge.set()
        self._outbox.ring()
        return self._outbox.wait_until_settled(timeout_seconds)

    def ask_to_close(self, timeout_seconds: float) -> None:
        """Send what is queued, for so long at most, then end; does not wait for it."""
        if self._closing_at is None:
            self._closing_at = monotonic() + timeout_seconds
        self._outbox.close("client closed")
        self._nudge.set()

    def join(self, timeout_seconds: float) -> None:
        """Wait for the end of the thread; book what is still queued then as dropped."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(max(0.0, timeout_seconds))
        self._outbox.abandon("closed before it could be sent")
        self._warnings.report(self._outbox.stats(), final=True)

    def _run(self) -> None:
        try:
            if self._closing_at is None:
                with suppress(Exception):  # comes again, and is counted, when there is what to send
                    self._open()
            self._opened.set()
            while True:
                self._outbox.wait_for_ring(self._flush_interval_seconds)
                closing = self._closing_at is not None
                while entries := self._outbox.take(self._batch_size):
                    if not self._deliver(entries):
                        return
                self._nudge.clear()
                self._warnings.report(self._outbox.stats())
                if closing:
                    return
        finally:
            self.running = False
            with self._unforkable:
                self._close_sink()

    def _deliver(self, entries: Sequence[Entry]) -> bool:
        """Settle entries; false if the time to close came first."""
        with self._unforkable:
            from watchkeeper.sdk.conversion import build  # takes msgspec; not before it is needed

        records: list[Record] = []
        built: list[Entry] = []
        for index, entry in enumerate(entries):
            if index % _RECORDS_BETWEEN_YIELDS == 0:
                sleep(0)  # the host's threads go first
            try:
                records.append(build(entry))
            except BaseException as error:  # noqa: BLE001 - a host's object may raise anything
                self._outbox.settle([entry], rejected=[describe(error)])
            else:
                built.append(entry)
        return not records or self._send(records, built)

    def _send(self, records: Sequence[Record], entries: Sequence[Entry]) -> bool:
        failures = 0
        while True:
            try:
                report = self._attempt(records)
            except _ABOUT_THE_DATA as error:
                if len(records) == 1:
                    self._outbox.settle(entries, rejected=[describe(error)])
                    return True
                return all(
                    self._send([record], [entry])
                    for record, entry in zip(records, entries, strict=True)
                )
            except Exception as error:  # noqa: BLE001 - the thread must outlive any destination
                self._outbox.failed(describe(error))
                asked_seconds = getattr(error, "retry_after_seconds", None)
                wait_seconds = self._backoff.delay_seconds(failures, asked_seconds)
                if not self._pause(wait_seconds, asked_seconds):
                    return False
                failures += 1
            else:
                self._outbox.settle(
                    entries,
                    duplicates=report.duplicates,
                    rejected=report.rejected[: len(entries)],
                )
                return True

    def _attempt(self, records: Sequence[Record]) -> SendReport:
        timeout_seconds = SEND_TIMEOUT_SECONDS
        if self._closing_at is not None:
            timeout_seconds = min(timeout_seconds, max(0.1, self._closing_at - monotonic()))
        with self._unforkable:
            sink = self._open()
            if not sink.survives_fork:
                return sink.send(records, timeout_seconds=timeout_seconds)
        return sink.send(records, timeout_seconds=timeout_seconds)

    def _open(self) -> Sink:
        with self._unforkable:
            if self._sink is None:
                self._sink = self._open_sink()
            return self._sink

    def _pause(self, seconds: float, obligatory_seconds: float | None) -> bool:
        """Wait before the next attempt; false if there will be none.

        A flush or a close cuts the wait short, but not below what the destination asked for.
        """
        begun = monotonic()
        obligatory_until = begun + min(obligatory_seconds or 0.0, seconds)
        until = begun + seconds
        self._warnings.report(self._outbox.stats())
        while (now := monotonic()) < until:
            closing_at = self._closing_at
            if closing_at is not None and now >= closing_at:
                return False
            end = until if closing_at is None else min(until, closing_at)
            if self._nudge.wait(max(0.0, end - now)):
                self._nudge.clear()
                until = obligatory_until
        return self._closing_at is None or monotonic() < self._closing_at

    def _close_sink(self) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            try:
                sink.close()
            except Exception as error:  # noqa: BLE001 - nothing is lost, the sink is gone anyway
                self._outbox.failed(describe(error))
