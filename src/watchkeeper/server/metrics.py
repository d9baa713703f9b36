"""What Prometheus reads: the server's own health, and that of the models of a project."""

from __future__ import annotations

import collections
import shutil
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchkeeper.pipeline import stored_incidents
from watchkeeper.server.service_metrics import ServiceMetrics
from watchkeeper.store import Receipt, Store

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class ServerMetrics:
    """Requests of the whole server; names no project."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._answered = Histogram(
            "watchkeeper_http_request_duration_seconds",
            "Time from a request's first line to the end of its answer.",
            ["method", "path", "status"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._under_way = Gauge(
            "watchkeeper_http_requests_under_way",
            "Requests that are being answered.",
            registry=self.registry,
        )

    def around(self, app: ASGIApp, routes: Sequence[Route]) -> ASGIApp:
        """Return an application that answers as this one does, measured.

        Parameters
        ----------
        routes
            By whose paths requests are counted, so that no model's name becomes a label; what
            goes nowhere is ``other``.
        """
        literal = {route.path for route in routes if "{" not in route.path}
        patterns = [(route.path_regex, route.path) for route in routes if "{" in route.path]

        def counted_as(path: str) -> str:
            if path in literal:
                return path
            return next((name for pattern, name in patterns if pattern.match(path)), "other")

        async def measured(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            status = "499"  # left before there was an answer

            async def noted(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = str(message["status"])
                await send(message)

            begun = perf_counter()
            with self._under_way.track_inprogress():
                try:
                    await app(scope, receive, noted)
                finally:
                    seconds = perf_counter() - begun
                    path = counted_as(scope["path"])
                    self._answered.labels(scope["method"], path, status).observe(seconds)

        return measured


class ProjectMetrics:
    """Intake and models of one project; shown to nobody else."""

    def __init__(self, store: Store) -> None:
        self.registry = CollectorRegistry()
        self._records = Counter(
            "watchkeeper_records",
            "Records that came in, by what became of them.",
            ["result"],
            registry=self.registry,
        )
        self.faults = Gauge(
            "watchkeeper_watch_stands_still",
            "1 while a model cannot be judged; the server's log says why.",
            ["model"],
            registry=self.registry,
        )
        self.alerts = Counter(
            "watchkeeper_alert_messages",
            "Attempts to send a message about incidents, by what became of them.",
            ["channel", "result"],
            registry=self.registry,
        )
        for result in ("accepted", "duplicate", "rejected"):
            self._records.labels(result)
        self.registry.register(_Models(store))
        self.registry.register(ServiceMetrics(store))

    def note_rejected(self, records: int) -> None:
        """Count records that broke a rule."""
        self._records.labels("rejected").inc(records)

    def note_kept(self, receipt: Receipt) -> None:
        """Count records that are durable, now or before."""
        self._records.labels("accepted").inc(receipt.accepted)
        self._records.labels("duplicate").inc(receipt.duplicates)


class _Models(Collector):
    """Asks the store, each time that Prometheus asks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> list[Metric]:
        """Say nothing in advance: an empty store has no series yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield a gauge for each thing that is known of the models."""
        waiting = GaugeMetricFamily(
            "watchkeeper_journal_bytes", "Journaled and not sealed into files yet."
        )
        waiting.add_metric([], self._store.journal_bytes())
        yield waiting
        yield self._alerts()
        room = GaugeMetricFamily(
            "watchkeeper_disk_free_bytes", "Room on the disk that the store lies on."
        )
        room.add_metric([], shutil.disk_usage(self._store.folder).free)
        yield room
        newest = _gauge("newest_event_timestamp_seconds", "Latest event time of its predictions.")
        arrived = _gauge("last_arrival_timestamp_seconds", "When these predictions came in.")
        total = CounterMetricFamily(
            "watchkeeper_model_predictions", "Predictions in the store.", labels=["model"]
        )
        for summary in self._store.models():
            total.add_metric([summary.model], summary.predictions)
            arrival = self._store.arrival(summary.model)
            if arrival is not None:
                newest.add_metric([summary.model], arrival.newest_time.timestamp())
                arrived.add_metric([summary.model], arrival.received_at.timestamp())
        yield total
        yield newest
        yield arrived
        is_open = _gauge("incidents_open", "Incidents that have not ended.")
        judged = _gauge("buckets_judged", "Buckets judged by the newest baseline.")
        evidence = _gauge("evidence_ratio", "Evidence of the last bucket; 1 opens an incident.")
        breaches = self._store.service_incidents.all(open_only=True)
        told = collections.Counter(one.model for one in breaches)
        for model, version in self._store.watch_log.watched().items():
            told[model] += sum(i.is_open for i in stored_incidents(self._store, model, version))
            last = self._store.watch_log.last_bucket(model, version)
            judged.add_metric([model], 0 if last is None else last.number + 1)
            if last is not None:
                evidence.add_metric([model], last.evidence)
        for model, count in sorted(told.items()):
            is_open.add_metric([model], count)
        yield is_open
        yield judged
        yield evidence

    def _alerts(self) -> GaugeMetricFamily:
        found = GaugeMetricFamily(
            "watchkeeper_alert_notices",
            "What is to be told, by how it stands.",
            labels=["channel", "status"],
        )
        for one in self._store.notices.counts():
            found.add_metric([one.channel, one.status], one.count)
        return found


def exposition(*registries: CollectorRegistry) -> bytes:
    """Return what Prometheus reads, of all of them."""
    return b"".join(generate_latest(registry) for registry in registries)


def _gauge(name: str, help_text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"watchkeeper_model_{name}", help_text, labels=["model"])
