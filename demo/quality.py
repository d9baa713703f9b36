"""How good the model was, by its labels: measured, watched for concept drift, explained."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from watchkeeper.pipeline import Plan, explain_incident, set_baseline
from watchkeeper.pipeline.concept import ConceptWatch
from watchkeeper.pipeline.quality import Performance, QualityRollup, performance
from watchkeeper.report import performance_page
from watchkeeper.store import IncidentKey, ServiceIncident, Store
from watchkeeper.watch import Bucketing

_METRICS = ("mae", "rmse", "bias")


def measure(
    store: Path, model: str, *, until: datetime, columns: Sequence[str], budget: str, timezone: str
) -> tuple[Performance, list[ServiceIncident], tuple[str, ...]]:
    """Set a baseline, take up every label, and return what they say.

    Returns
    -------
    tuple
        The metrics of what came after the baseline; the rises of the loss, oldest first; and why
        the first of them happened, in sentences.
    """
    now = datetime.now(UTC)
    with Store.open(store, create=False) as opened:
        plan = Plan(bucketing=Bucketing.parse("1d"), columns=tuple(columns), timezone=timezone)
        set_baseline(
            opened,
            model,
            plan,
            until=until,
            budget=budget,
            note="the winter",
            actor="demo",
            now=now,
        )
        QualityRollup(opened).advance(at_once=True)
        ConceptWatch(opened).advance(now=now, at_once=True)
        end = opened.newest_time(model)
        found = performance(opened, model, now=now, start=until, end=end, metrics=_METRICS)
        rises = sorted(opened.service_incidents.all(model), key=lambda one: one.opened_at)
        why: tuple[str, ...] = ()
        if rises:
            key = IncidentKey(model=model, version=0, incident_id=rises[0].incident_id)
            why = explain_incident(opened, key, now=now).conclusions
    return found, rises, why


def show(
    console: Console, found: Performance, rises: Sequence[ServiceIncident], why: Sequence[str]
) -> None:
    """Tell it in the terminal."""
    console.rule("[bold]How good its predictions were, by the labels that came")
    console.print(performance_page(found))
    if not rises:
        console.print("\nIts loss did not rise beyond what chance does: no concept drift.")
        return
    many = "once" if len(rises) == 1 else f"{len(rises)} times"
    console.print(f"\nIts loss rose {many}:")
    for one in rises:
        console.print(f"  {one.message}", markup=False)
    if why:
        console.print("\nWhy it rose the first time:")
        for line in why:
            console.print(f"  {line}", markup=False)
