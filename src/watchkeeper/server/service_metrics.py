"""What Prometheus reads of the models' service: pace, errors, latency, cost and objectives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from watchkeeper.pipeline import GoodCounts, cost_report, frontier, objectives_of, service_summary
from watchkeeper.store import Store

_MINUTES: Final = 5


class ServiceMetrics(Collector):
    """Asks the store, each time that Prometheus asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: dict[str, GoodCounts] = {}

    def describe(self) -> list[Metric]:
        """Say nothing in advance: an empty store has no series yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges of every model with predictions."""
        now = datetime.now(UTC)
        models = self._store.service_cells.models()
        yield from self._recent(models, now)
        yield from self._costs(models, now)
        yield from self._objectives(now)

    def _recent(self, models: list[str], now: datetime) -> Iterator[Metric]:
        last = f"of the last {_MINUTES} minutes of events."
        pace = _gauge("predictions_per_second", f"Predictions a second, {last}")
        errors = _gauge("error_ratio", f"Share of predictions with an error, {last}")
        latency = _gauge("latency_seconds", f"Quantiles of the latency, {last}", "quantile")
        for model in models:
            until = frontier(self._store, model, now)
            found = service_summary(self._store, model, minutes=_MINUTES, until=until)
            if found is None:
                continue
            pace.add_metric([model], found.per_second)
            errors.add_metric([model], found.error_ratio)
            for quantile, seconds in (
                ("0.5", found.latency_p50_seconds),
                ("0.95", found.latency_p95_seconds),
                ("0.99", found.latency_p99_seconds),
            ):
                if seconds is not None:
                    latency.add_metric([model, quantile], seconds)
        yield from (pace, errors, latency)

    def _costs(self, models: list[str], now: datetime) -> Iterator[Metric]:
        spent = _gauge("month_cost_usd", "Known cost of this month, in UTC, so far.")
        forecast = _gauge("month_cost_forecast_usd", "Forecast of its cost at its end.")
        budget = _gauge("month_budget_usd", "What it may cost.")
        for model in models:
            month = cost_report(self._store, model, now=now).month
            if month is None:
                continue
            spent.add_metric([model], month.spent_usd)
            if month.forecast_usd is not None:
                forecast.add_metric([model], month.forecast_usd)
            if month.budget_usd is not None:
                budget.add_metric([model], month.budget_usd)
        yield from (spent, forecast, budget)

    def _objectives(self, now: datetime) -> Iterator[Metric]:
        burn = _gauge(
            "burn_rate", "How fast the error budget is used up; 1 lasts.", "objective", "window"
        )
        left = _gauge("error_budget_left_ratio", "What is left of it; 1 is all.", "objective")
        for model, settings in self._store.operating.models().items():
            if not settings.objectives:
                continue
            counts = self._counts.setdefault(model, GoodCounts(self._store, model))
            for one in objectives_of(self._store, model, now=now, counts=counts).objectives:
                for window, rate in one.burn_rates.items():
                    burn.add_metric([model, one.name, window], rate)
                if one.budget_left_ratio is not None:
                    left.add_metric([model, one.name], one.budget_left_ratio)
        yield from (burn, left)


def _gauge(name: str, help_text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"watchkeeper_model_{name}", help_text, labels=["model", *labels])
