"""The client that a service keeps: it logs what a model did, and stays out of the way."""

from __future__ import annotations

import functools
import logging
import os
import weakref
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from time import monotonic
from time import time as seconds_since_1970
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from watchkeeper.errors import SettingsError
from watchkeeper.sdk import processes
from watchkeeper.sdk.backoff import Backoff
from watchkeeper.sdk.delivery import Delivery
from watchkeeper.sdk.losses import describe
from watchkeeper.sdk.outbox import EntryKind, Outbox
from watchkeeper.sdk.sink import sink_for
from watchkeeper.sdk.snapshots import frozen, snapshot
from watchkeeper.sdk.stats import ClientStats

logger = logging.getLogger("watchkeeper.sdk")

P = ParamSpec("P")
R = TypeVar("R")


def _contained(
    count: Callable[[Outbox, str], None], fallback: Callable[[], R]
) -> Callable[[Callable[Concatenate[Client, P], R]], Callable[Concatenate[Client, P], R]]:
    """Make a method count what goes wrong, and return the fallback, instead of raising."""

    def contain(
        method: Callable[Concatenate[Client, P], R],
    ) -> Callable[Concatenate[Client, P], R]:
        @functools.wraps(method)
        def call(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return method(self, *args, **kwargs)
            except Exception as error:  # noqa: BLE001 - the promise: never raise into the host
                count(self._outbox, describe(error))
                return fallback()

        return call

    return contain


class Client:
    """Logs predictions, outcomes and feedback to a store or a server, in the background.

    No method raises into the host or waits for the destination, but for ``flush`` and ``close``,
    which wait as long as they are told. What cannot be delivered is counted, see ``stats``, and
    reported through ``logging`` at most once a minute. A wrong setting is logged as an error at
    once; everything logged after it is counted as dropped.

    Parameters
    ----------
    destination
        Path of a store (made if missing), or a server's URL, ``http://`` or ``https://``.
    model
        Name of the monitored model.
    version, variant
        Version of the model and arm of a canary or an experiment, unless a call says otherwise.
    api_key
        Sent to a server as a bearer token; by default what ``WATCHKEEPER_API_KEY`` holds, if set.
    queue_size
        Most records kept in memory, those under way included; then new ones are dropped.
    queue_bytes
        Most memory of these records, estimated.
    batch_size
        Most records of one send.
    flush_interval_seconds
        Longest time that a record waits for company.
    backoff
        Pauses between attempts while the destination is away.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Client(folder, model="churn") as client:
    ...     prediction_id = client.log_prediction({"age": 41, "country": "CH"}, output=0.2)
    ...     client.log_outcome(prediction_id, False)
    ...     client.flush()
    True
    """

    def __init__(
        self,
        destination: str | os.PathLike[str],
        *,
        model: str,
        version: str = "",
        variant: str = "",
        api_key: str | None = None,
        queue_size: int = 10_000,
        queue_bytes: int = 64 * 1024 * 1024,
        batch_size: int = 500,
        flush_interval_seconds: float = 1.0,
        backoff: Backoff | None = None,
    ) -> None:
        self._model = model
        self._version = version
        self._variant = variant
        self._outbox = Outbox(most_records=0, most_bytes=0, wake_at=1)
        try:
            _check_model(model)
            open_sink = sink_for(destination, api_key=api_key)
            _check_count("queue_size", queue_size)
            _check_count("queue_bytes", queue_bytes)
            _check_count("batch_size", batch_size)
            _check_seconds("flush_interval_seconds", flush_interval_seconds)
        except Exception as error:  # noqa: BLE001 - a typing error must not stop the service
            self._disable(describe(error))
            return
        self._outbox = Outbox(
            most_records=queue_size,
            most_bytes=queue_bytes,
            wake_at=min(batch_size, max(1, queue_size // 2)),
        )
        self._delivery: Delivery | None = Delivery(
            self._outbox,
            open_sink,
            batch_size=batch_size,
            flush_interval_seconds=flush_interval_seconds,
            backoff=backoff or Backoff(),
        )
        processes.register(self._delivery)
        weakref.finalize(self, processes.retire, self._delivery).atexit = False

    def _disable(self, problem: str) -> None:
        self._delivery = None
        self._outbox.close(problem)
        logger.error("Watchkeeper logs nothing: %s", problem)

    @_contained(Outbox.refuse, processes.ids.new)
    def log_prediction(
        self,
        features: Mapping[str, Any],
        output: Any = None,
        *,
        prediction_id: str | None = None,
        time: datetime | None = None,
        entity: str | None = None,
        latency_seconds: float | None = None,
        cost_usd: float | None = None,
        error: str | None = None,
        tags: Mapping[str, str] | None = None,
        trace_id: str | None = None,
        version: str | None = None,
        variant: str | None = None,
        explanation: Mapping[str, float] | None = None,
    ) -> str:
        """Log one answer of the model; return its id, to log the outcome with.

        Parameters
        ----------
        features
            Inputs by name: numbers, text, booleans, nulls, time stamps or lists of numbers, also
            as NumPy or pandas scalars, ``Decimal``, ``date``, ``Enum`` or ``UUID``. Copied at once.
        output
            A number, a class, probabilities by class (a mapping), or a ranked list of items.
        prediction_id
            Idempotency key; made up when left out.
        time
            When the model answered, aware; now when left out.
        entity
            Who or what it is about, for example a user id.
        latency_seconds, cost_usd
            How long it took and what it cost.
        error
            Text of the failure, if it failed.
        tags
            Segment dimensions, for example ``{"country": "CH"}``.
        trace_id
            OpenTelemetry trace this belongs to.
        version, variant
            Instead of the client's.
        explanation
            What each feature contributed to the output, for example its SHAP value, by name.
        """
        key = processes.ids.new() if prediction_id is None else _as_id(prediction_id)
        copy, size_bytes = snapshot(features)
        if type(output) is not float:
            output, more_bytes = frozen(output)
            size_bytes += more_bytes
        if tags is not None:
            tags, more_bytes = snapshot(tags)
            size_bytes += more_bytes
        if explanation is not None:
            explanation, more_bytes = snapshot(explanation, field="explanation")
            size_bytes += more_bytes
        if entity is not None:
            size_bytes += len(entity) if type(entity) is str else frozen(entity)[1]
        if error is not None:
            size_bytes += frozen(error)[1]
        if trace_id is not None:
            size_bytes += frozen(trace_id)[1]
        self._put(
            "prediction",
            (
                self._model,
                key,
                seconds_since_1970(),
                time,
                copy,
                output,
                self._version if version is None else version,
                self._variant if variant is None else variant,
                entity,
                latency_seconds,
                cost_usd,
                error,
                tags,
                trace_id,
                explanation,
            ),
            size_bytes,
        )
        return key

    @_contained(Outbox.refuse, lambda: None)
    def log_outcome(
        self,
        prediction_id: str,
        label: bool | float | str | Collection[str] | None,
        *,
        time: datetime | None = None,
    ) -> None:
        """Log what really happened; it may come before its prediction, late, or again.

        Parameters
        ----------
        prediction_id
            As returned by ``log_prediction``.
        label
            True class or value; of a multilabel task a list of the labels that apply.
        time
            When it became known, aware; now when left out. The latest one wins.
        """
        value, size_bytes = frozen(label)
        fields = (self._model, prediction_id, seconds_since_1970(), time, value)
        self._put("outcome", fields, 400 + size_bytes)

    @_contained(Outbox.refuse, processes.ids.new)
    def log_feedback(
        self,
        kind: str,
        *,
        entity: str | None = None,
        item: str | None = None,
        prediction_id: str | None = None,
        position: int | None = None,
        amount: float | None = None,
        time: datetime | None = None,
        feedback_id: str | None = None,
    ) -> str:
        """Log what an entity did with an item; return the id of this feedback.

        Parameters
        ----------
        kind
            For example ``impression``, ``click``, ``play`` or ``skip``.
        entity, item
            Who did it, and with what.
        prediction_id
            The prediction that showed the item.
        position
            Rank at which the item was shown, from 0.
        amount
            Size in the unit of the kind, for example seconds listened.
        time
            When it happened, aware; now when left out.
        feedback_id
            Idempotency key; made up when left out.
        """
        key = processes.ids.new() if feedback_id is None else _as_id(feedback_id)
        now = seconds_since_1970()
        fields = (self._model, key, now, time, kind, entity, item, prediction_id, position, amount)
        self._put("feedback", fields, 600)
        return key

    @_contained(Outbox.failed, lambda: False)
    def flush(self, timeout_seconds: float = 10.0) -> bool:
        """Send what was logged so far; true once all of it is durable or rejected.

        Parameters
        ----------
        timeout_seconds
            Longest wait; false is returned when it is over.
        """
        if self._delivery is None:
            return False
        return self._delivery.flush(timeout_seconds)

    def stats(self) -> ClientStats:
        """Return what became of everything logged, as of one moment."""
        return self._outbox.stats()

    @_contained(Outbox.failed, lambda: None)
    def close(self, timeout_seconds: float = 10.0) -> None:
        """Send what is queued, for so long at most, and stop; what is left counts as dropped.

        Parameters
        ----------
        timeout_seconds
            Longest wait.
        """
        if self._delivery is None:
            return
        until = monotonic() + timeout_seconds
        self._delivery.ask_to_close(timeout_seconds)
        self._delivery.join(until - monotonic())
        processes.release(self._delivery)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _put(self, kind: EntryKind, fields: tuple[Any, ...], size_bytes: int) -> None:
        self._outbox.put(kind, fields, size_bytes)
        delivery = self._delivery
        if delivery is not None and not delivery.running:
            processes.start(delivery)


def _as_id(given: object) -> str:
    if type(given) is str and given:
        return given
    if given is None or isinstance(given, (bool, float)) or not str(given):
        message = f"prediction_id: expected text that is not empty, got {given!r}"
        raise SettingsError(message)
    return str(given)


def _check_model(model: object) -> None:
    if not isinstance(model, str) or not model.strip():
        message = f"model: expected the name of the model, got {model!r}; for example 'churn'"
        raise SettingsError(message)


def _check_count(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        message = f"{name}: expected a whole number from 1, got {value!r}"
        raise SettingsError(message)


def _check_seconds(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 86_400:
        message = f"{name}: expected seconds above 0 and up to a day (86400), got {value!r}"
        raise SettingsError(message)
