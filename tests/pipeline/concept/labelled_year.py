"""A store whose model has a reference, and labels whose relation turns for some time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from watchkeeper.events import Outcome, Prediction, Record
from watchkeeper.pipeline import Plan, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

MODEL = "m"
START = datetime(2026, 1, 1, tzinfo=UTC)
REFERENCE_DAYS = 12
A_DAY = 240
NOW = START + timedelta(days=90)


def a_day(day: int, *, turned: bool = False, delay_hours: float = 6.0) -> Iterator[Record]:
    """Yield a day's predictions, each with its outcome."""
    rng = np.random.default_rng(day)
    for at in range(A_DAY):
        number = day * A_DAY + at
        time = START + timedelta(days=day, minutes=at * 1440 / A_DAY)
        x = float(rng.normal())
        chance = 1 / (1 + np.exp(-2 * x))
        label = bool(rng.random() < (1 - chance if turned else chance))
        yield Prediction(
            model=MODEL,
            prediction_id=f"p{number}",
            time=time,
            features={"x": x},
            output=float(chance),
        )
        yield Outcome(
            model=MODEL,
            prediction_id=f"p{number}",
            time=time + timedelta(hours=delay_hours),
            label=label,
        )


def days(first: int, last: int, *, turned: bool = False) -> list[Record]:
    """Return the records of some days, the last one not included."""
    return [record for day in range(first, last) for record in a_day(day, turned=turned)]


def with_reference(store: Store, *, labelled: bool = True) -> None:
    """Fill a store with the reference, and set the baseline."""
    records = days(0, REFERENCE_DAYS)
    store.append([one for one in records if labelled or isinstance(one, Prediction)])
    plan = Plan(bucketing=Bucketing.parse("6h"), time_column="time")
    until = START + timedelta(days=REFERENCE_DAYS)
    set_baseline(
        store, MODEL, plan, until=until, budget="1 per 30d", note="", actor="test", now=NOW
    )
