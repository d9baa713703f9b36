"""A service that logs its predictions and what became of them, in the order of the year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from time import sleep
from typing import Any

import numpy as np
import pyarrow as pa
from flights import Flights
from model import Predicted

from watchkeeper import Client
from watchkeeper.store import Store

QUEUE = 20_000
EXPLAINED = 50
_DAY_SECONDS = 86_400


def archive(store: Store, model: str, flights: Flights, predicted: Predicted, last: int) -> None:
    """Put the first ``last`` flights, with their outcomes, into a store at once, as tables."""
    rows = np.arange(last)
    ids = pa.array(flights.ids[:last])
    features = {
        **{name: pa.array(c.codes[rows]) for name, c in flights.categories.items()},
        **{name: pa.array(v[rows], from_pandas=True) for name, v in flights.numbers.items()},
    }
    for name, category in flights.categories.items():
        features[name] = pa.array(category.names).take(features[name])
    store.append_table(
        model,
        "prediction",
        pa.table(
            {
                "prediction_id": ids,
                "time": _times(flights.scheduled[rows]),
                **{f"feature:{name}": values for name, values in features.items()},
                "output": pa.array(predicted.outputs[rows]),
                **_reasons(predicted, last),
            }
        ),
    )
    labels = pa.array(flights.arrival_delay[rows], from_pandas=True)
    outcomes = {"prediction_id": ids, "time": _times(flights.landed[rows]), "label": labels}
    store.append_table(model, "outcome", pa.table(outcomes))


def stream(client: Client, flights: Flights, predicted: Predicted, *, first: int) -> Iterator[int]:
    """Log the flights from ``first`` on, and their outcomes; yields how many records so far.

    A prediction is logged when a flight should leave, its outcome when it has landed, or with no
    label when it should have left but was cancelled. A client never blocks its host but drops
    what its queue cannot hold, so a host that lives through a day in a tenth of a second has to
    wait by itself now and then.

    Parameters
    ----------
    predicted
        Predicted minutes of delay of all flights; every 50th is explained.
    """
    rows = np.arange(first, len(flights))
    times = np.concatenate([flights.scheduled[rows], flights.landed[rows]])
    order = np.argsort(times, kind="stable")
    features = _features(flights, rows)
    ids = flights.ids[first:]
    outputs = predicted.outputs[rows].tolist()
    explained = rows[::EXPLAINED]
    reasons = dict(zip(explained - first, predicted.reasons(explained), strict=True))
    labels = _or_none(flights.arrival_delay[rows])
    moments = times.tolist()
    for logged, place in enumerate(order.tolist()):
        if logged % 1_000 == 0:
            _catch_breath(client)
            yield logged
        time = datetime.fromtimestamp(moments[place], UTC)
        if place < len(rows):
            client.log_prediction(
                features[place],
                outputs[place],
                prediction_id=ids[place],
                time=time,
                explanation=reasons.get(place),
            )
        else:
            row = place - len(rows)
            client.log_outcome(ids[row], labels[row], time=time)
    if not client.flush(60):
        message = f"the store took nothing for a minute: {client.stats()}"
        raise SystemExit(message)
    yield len(order)


def _catch_breath(client: Client) -> None:
    while client.stats().queued > QUEUE // 2:
        sleep(0.01)


def _reasons(predicted: Predicted, last: int) -> dict[str, pa.Array]:
    """Return columns of what every 50th flight's inputs contribute, null for all others."""
    rows = np.arange(0, last, EXPLAINED)
    places = np.full(last, -1)
    places[rows] = np.arange(len(rows))
    taken = pa.array(places, mask=places < 0)
    found = predicted.reasons(rows)
    return {
        f"explanation:{name}": pa.array([one[name] for one in found]).take(taken)
        for name in predicted.names
    }


def _times(seconds: np.ndarray) -> pa.Array:
    return pa.array((seconds * 1e6).astype("int64"), pa.timestamp("us", "UTC"))


def _features(flights: Flights, rows: np.ndarray) -> list[dict[str, Any]]:
    names = [*flights.categories, *flights.numbers]
    columns = [
        *(
            np.array(category.names, dtype=object)[category.codes[rows]].tolist()
            for category in flights.categories.values()
        ),
        *(_or_none(values[rows]) for values in flights.numbers.values()),
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _or_none(values: np.ndarray) -> list[float | None]:
    boxed = values.astype(object)
    boxed[np.isnan(values)] = None
    listed: list[float | None] = boxed.tolist()
    return listed
