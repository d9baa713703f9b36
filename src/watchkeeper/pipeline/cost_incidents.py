"""The incident of a month that costs more than its budget."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from watchkeeper.pipeline.costing import MonthCost, month_cost
from watchkeeper.store import ServiceIncident, Severity, Store

_BUDGET = "budget"


def watch_costs(store: Store, model: str, *, now: datetime) -> list[ServiceIncident]:
    """Open, worsen and close the incident of a model's budget; return it if it changed.

    It opens when even the lower end of the forecast exceeds the budget, is critical when the
    budget is spent, and closes when the forecast is within it again, with the month, or with the
    budget.
    """
    before = next(
        (one for one in store.service_incidents.all(model, open_only=True) if one.source == "cost"),
        None,
    )
    costs = store.operating.in_force(model).costs
    if before is None and (costs is None or costs.month_budget_usd is None):
        return []
    found = month_cost(store, model, now=now)
    if found is None:
        return []
    month, at = found
    incident = _next(model, month, before, at)
    if incident is None or not store.service_incidents.record(incident, now=now):
        return []
    return [incident]


def _next(
    model: str, month: MonthCost, before: ServiceIncident | None, at: datetime
) -> ServiceIncident | None:
    if before is not None and before.opened_at < month.since:
        return msgspec.structs.replace(before, closed_at=month.since)
    if before is not None and month.state in ("ok", "no budget"):
        return msgspec.structs.replace(before, closed_at=at)
    if month.state not in ("exceeding", "spent"):
        return None
    severity: Severity = "critical" if month.state == "spent" else "warning"
    if before is None:
        return _opened(model, month, severity, at)
    if severity == before.severity or before.severity == "critical":
        return None
    return msgspec.structs.replace(
        before,
        severity=severity,
        last_seen_at=at,
        message=_message(month),
        figures=_figures(month),
    )


def _opened(model: str, month: MonthCost, severity: Severity, at: datetime) -> ServiceIncident:
    name = f"{model}\n{at.isoformat()}"
    return ServiceIncident(
        incident_id=f"cost-{hashlib.sha256(name.encode()).hexdigest()[:16]}",
        model=model,
        source="cost",
        objective=_BUDGET,
        severity=severity,
        since=month.since,
        opened_at=at,
        last_seen_at=at,
        message=_message(month),
        figures=_figures(month),
    )


def _figures(month: MonthCost) -> dict[str, float]:
    figures = {
        "spent_usd": month.spent_usd,
        "budget_usd": month.budget_usd,
        "forecast_usd": month.forecast_usd,
        "forecast_low_usd": month.forecast_low_usd,
        "forecast_high_usd": month.forecast_high_usd,
    }
    return {name: float(f"{usd:.6g}") for name, usd in figures.items() if usd is not None}


def _message(month: MonthCost) -> str:
    name, budget = f"{month.since:%B %Y}", month.budget_usd or 0.0
    if month.state == "spent":
        said = f"The budget of {name}, {_usd(budget)}, is spent: {_usd(month.spent_usd)} so far."
    else:
        said = (
            f"{name} will cost more than its budget of {_usd(budget)}: {_usd(month.spent_usd)}"
            " were spent so far."
        )
    if month.forecast_usd is None:
        return said
    low, high = month.forecast_low_usd or 0.0, month.forecast_high_usd or 0.0
    return f"{said} Forecast: {_usd(month.forecast_usd)} ({_usd(low)} to {_usd(high)})."


def _usd(amount: float) -> str:
    return f"{amount:,.2f} USD" if amount >= 0.01 else f"{amount:.3g} USD"
